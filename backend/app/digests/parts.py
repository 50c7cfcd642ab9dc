"""The escaped HTML parts of messages about stories."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Protocol

from app.digests.addresses import hn_link, page_url
from app.digests.candidates import Discussion
from app.digests.description import DiscussionLine, StoryBlock
from app.readers.interests.topics import interest_name
from app.readers.store import Reader
from app.readers.times import describe_time
from app.text.telegram_html import (
    MAX_OPENING,
    REMEMBERED_TEXTS,
    escaped_line,
    link,
    whole_sentences,
    without_links,
)
from app.wording import Html, text

MAX_TITLE = 200
MAX_PHRASE = 60
MIN_LINE = 80
# Of a key point or a point of the discussion: its characters, and its links to comments.
MAX_POINT, MAX_LINKS = 300, 3
MAX_INTERESTS_TOLD = 2


class Headline(Protocol):
    """The fields that every story has."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def site(self) -> str | None: ...


def title_link(story: Headline) -> str:
    """The title, linked to the page, or to Hacker News if there is none."""
    return linked_title(story.id, story.title, page_url(story))


def linked_title(story_id: int, title: str, address: str) -> str:
    return link(address, escaped_line(title, MAX_TITLE) or f"#{story_id}")


def site(story: Headline) -> str:
    """The site, for example ` (example.com)`."""
    return f" ({escaped_line(story.site, MAX_TITLE)})" if story.site else ""


def facts(story: StoryBlock, language: str) -> str:
    """Site, points, comments with a link to them, and the time to read the page."""
    numbers = story.points, story.comment_count, story.minutes
    return _facts(story.site or "", story.discussion_id, *numbers, language)


@lru_cache(REMEMBERED_TEXTS)
def _facts(
    site: str, discussion_id: int, points: int, comments: int, minutes: int | None, language: str
) -> str:
    known = [
        escaped_line(site, MAX_TITLE),
        text("digest.points", language, count=points),
        link(hn_link(discussion_id), text("digest.comments", language, count=comments)),
    ]
    if minutes:
        known.append(text("digest.minutes", language, count=minutes))
    return " · ".join(filter(None, known))


def sentences(story: StoryBlock, language: str, most: int) -> str:
    """The summary, marked if it is an excerpt or hearsay, and the reason if the page was not
    read.
    """
    lines = []
    if story.sentences:
        words = sentences_without_links(story.sentences, most, story.site)
        marks = (f"<i>{text(mark, language)}</i>" for mark in story.marks)
        lines.append(" ".join([words, *marks]))
    if story.unread:
        lines.append(f"<i>{unread(story.unread, language)}</i>")
    return "\n".join(lines)


def unread(reason: str, language: str) -> str:
    """The statement that a page was not read, and why, as HTML."""
    return text("digest.no_text", language, reason=text_of_reason(reason, language))


def discussion_line(story: StoryBlock, language: str, most: int) -> str:
    """The discussion in one line, collapsed if it is long; empty if there is none."""
    if (chosen := line_of_discussion(story, most)) is None:
        return ""
    words, line = chosen
    parts = ["💬", without_links(words, len(words), story.site)]
    if line.comment_id is not None:  # a quotation, which its author's name marks as one
        parts.append(link(hn_link(line.comment_id), "[1]"))
    elif line.is_excerpt:
        parts.append(text("digest.extractive", language))
    return f"<blockquote expandable>{' '.join(parts)}</blockquote>"


def line_of_discussion(story: StoryBlock, most: int) -> tuple[str, DiscussionLine] | None:
    """The first alternative whose whole sentences fit and say something, otherwise the shortest,
    with these sentences; None if there is none.
    """
    told = [(whole_sentences(line.text, most), line) for line in story.lines]
    telling = [one for one in told if len(one[0]) >= MIN_LINE]
    if not telling:  # the beginnings say too little
        telling = [(whole_sentences(line.text, MAX_OPENING), line) for _, line in told[:1]]
    fitting = (one for one in telling if len(one[0]) <= most)
    return next(fitting, min(telling, key=lambda one: len(one[0]), default=None))


def sentences_without_links(words: str, most: int, site: str | None) -> str:
    """`without_links`, but shortened at the end of a sentence rather than of a word."""
    told = whole_sentences(words, most)
    return without_links(told, len(told), site)


def discussion_read(talk: Discussion | None, reader: Reader, now: datetime) -> str:
    """When the summarised discussion was read; empty if unknown."""
    if talk is None or talk.made_at is None:
        return ""
    at = Html(describe_time(reader, talk.made_at, now))
    return f"<i>{text('card.as_of', reader.language, at=at, count=talk.comment_count)}</i>"


def for_you(story: StoryBlock, language: str) -> str:
    """The reader's interests that chose the story; empty if there are none."""
    if not story.interests:
        return ""
    shown = (interest_name(one, language) for one in story.interests[:MAX_INTERESTS_TOLD])
    named = (without_links(phrase, MAX_PHRASE, None) for phrase in shown)
    return f"<i>{text('digest.for_you', language, interests=Html(', '.join(named)))}</i>"


def text_of_reason(reason: str, language: str) -> str:
    """The text of a reason code."""
    try:
        return text(f"reason.{reason}", language)
    except KeyError:
        return text("reason.other", language)
