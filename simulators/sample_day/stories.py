"""Parses the files of the sample day: each has a story, its page and its discussion.

A file is TOML between two lines `+++`, then the page in Markdown, then a line `+++` and the
discussion. There each comment begins with `@author`, and a reply is indented by two spaces more
than its parent. A post without a link has no page, but the key `text`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "stories"
_FENCE = re.compile(r"^\+\+\+$", re.MULTILINE)
_AUTHOR = re.compile(r"^((?:  )*)@(\S+)$")


@dataclass(frozen=True, slots=True)
class SampleComment:
    """A comment; `depth` is 0 for a top-level comment."""

    author: str
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class SampleStory:
    """One submission.

    Attributes:
        name: the file's name without the leading number, which defines the order.
        hours: its age.
        kind: how its page is served: html, pdf, readme, robot_check, paywall or elsewhere, which
        means
            the page of another story.
        picture: whether its page declares a picture for previews.
        text: the text of a post without a link.
    """

    name: str
    title: str
    author: str
    points: int
    hours: float
    url: str | None
    kind: str
    language: str
    picture: bool
    text: str
    page: str
    comments: tuple[SampleComment, ...]


def load_stories(folder: Path = FOLDER) -> list[SampleStory]:
    """All stories, in the order of the files, which is that of the front page."""
    return [_story(file) for file in sorted(folder.glob("[0-9]*.md"))]


def _story(file: Path) -> SampleStory:
    _, head, page, discussion = _FENCE.split(file.read_text("utf-8"))
    facts: dict[str, Any] = tomllib.loads(head)
    return SampleStory(
        name=file.stem.partition("-")[2],
        title=facts["title"],
        author=facts["by"],
        points=facts["points"],
        hours=facts["hours"],
        url=facts.get("url"),
        kind=facts.get("page", "html"),
        language=facts.get("language", "en"),
        picture=facts.get("picture", False),
        text=facts.get("text", "").strip(),
        page=page.strip(),
        comments=tuple(_comments(discussion)),
    )


def _comments(discussion: str) -> Iterator[SampleComment]:
    author, depth, lines = "", 0, list[str]()
    for line in [*discussion.strip().split("\n"), "@"]:
        begins = _AUTHOR.match(line)
        if begins or line == "@":
            if author:
                yield SampleComment(author, depth, "\n".join(lines).strip())
            if begins:
                author, depth, lines = begins[2], len(begins[1]) // 2, []
        else:
            lines.append(line.strip())
