"""Stories and comments as plain values, parsed from the responses of the Hacker News API.

The API (https://github.com/HackerNews/API) may omit any field or return `null` for an item, and
its texts are untrusted. Nothing here raises: an unusable value becomes None or a default.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from app.hackernews.links import canonical_url, web_url
from app.hackernews.sites import site_name
from app.text.sentences import cut

StoryKind: TypeAlias = Literal["story", "ask", "show", "job", "poll"]

# Hacker News limits titles to 80 characters; moderators may exceed that.
TITLE_CHARACTERS = 300
NAME_CHARACTERS = 100
TEXT_CHARACTERS = 50_000
MAX_ID = 2**53  # the API's numbers are JSON numbers
MAX_COUNT = 2**31 - 1
KIDS = 2_000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JOINERS = "\u200c\u200d"
# Except the joiners, which Persian and some emoji sequences need.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
_KIND_OF_TITLE: dict[str, StoryKind] = {"ask hn": "ask", "tell hn": "ask", "show hn": "show"}


@dataclass(frozen=True, slots=True)
class Story:
    """A submission. `url` is None for text posts; `text` is Hacker News' own HTML."""

    id: int
    kind: StoryKind
    title: str
    url: str | None
    canonical_url: str | None
    site: str | None
    author: str | None
    text: str | None
    points: int
    comment_count: int
    dead: bool
    posted_at: datetime
    kids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `text` is Hacker News' own HTML, or None if the comment is deleted or dead."""

    id: int
    parent_id: int
    author: str | None
    text: str | None
    posted_at: datetime | None
    kids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HackerNewsUser:
    """A user's latest submissions, stories and comments, the newest first."""

    name: str
    submitted: tuple[int, ...]


def parse_user(raw: object, limit: int) -> HackerNewsUser | None:
    """Make a value of one decoded `user/<name>.json`, with at most `limit` submissions."""
    if not isinstance(raw, dict) or not (name := _line(raw.get("id"), NAME_CHARACTERS)):
        return None
    # The newest stand first.
    return HackerNewsUser(name, ids(raw.get("submitted"), limit))


def parse_item(raw: object, now: datetime) -> Story | Comment | None:
    """Parse one decoded `item/<id>.json`; None if it is neither a story nor a comment."""
    if not isinstance(raw, dict) or (item_id := positive_id(raw.get("id"))) is None:
        return None
    match raw.get("type"):
        case "comment":
            return _comment(item_id, raw, now)
        case "story" | "job" | "poll" as kind:
            return _story(item_id, kind, raw, now)
        case _:
            return None


def positive_id(value: object) -> int | None:
    """`value` as an item's id, or None if it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < MAX_ID:
        return None
    return value


def ids(value: object, limit: int = KIDS) -> tuple[int, ...]:
    """The distinct ids of a list, in its order; anything else in the list is ignored."""
    if not isinstance(value, list):
        return ()
    valid = (positive_id(entry) for entry in value[:limit])
    return tuple(dict.fromkeys(item_id for item_id in valid if item_id is not None))


def _story(item_id: int, kind: StoryKind, raw: dict[Any, Any], now: datetime) -> Story:
    title = _line(raw.get("title"), TITLE_CHARACTERS)
    url = web_url(raw.get("url"))
    return Story(
        id=item_id,
        kind=_KIND_OF_TITLE.get(title.partition(":")[0].lower(), kind) if kind == "story" else kind,
        title=title or "(untitled)",
        url=url,
        canonical_url=canonical_url(url) if url else None,
        site=site_name(url) if url else None,
        author=_line(raw.get("by"), NAME_CHARACTERS) or None,
        text=_text(raw.get("text")),
        points=_count(raw.get("score")),
        comment_count=_count(raw.get("descendants")),
        dead=bool(raw.get("dead")) or bool(raw.get("deleted")) or not title,
        posted_at=_time(raw.get("time"), now) or now,
        kids=ids(raw.get("kids")),
    )


def _comment(item_id: int, raw: dict[Any, Any], now: datetime) -> Comment | None:
    parent_id = positive_id(raw.get("parent"))
    if parent_id is None:
        return None
    hidden = raw.get("deleted") or raw.get("dead")
    return Comment(
        id=item_id,
        parent_id=parent_id,
        author=_line(raw.get("by"), NAME_CHARACTERS) or None,
        text=None if hidden else _text(raw.get("text")),
        posted_at=_time(raw.get("time"), now),
        kids=ids(raw.get("kids")),
    )


def _line(value: object, limit: int) -> str:
    """Unescaped text on one line, without unprintable characters or changes of direction."""
    if not isinstance(value, str):
        return ""
    # An entity has at most about 32 characters, so cutting first bounds the cost of a long title.
    text = html.unescape(value[: limit * 32])
    text = _UNSTORABLE.sub("", _UNPRINTABLE.sub(" ", text))
    text = " ".join(text.split()).strip(_JOINERS)
    return cut(text, limit)


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return _UNSTORABLE.sub("", value[:TEXT_CHARACTERS]).strip() or None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return max(0, min(value, MAX_COUNT))


def _time(value: object, now: datetime) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    # A time in the future would keep a story at the top for ever.
    return datetime.fromtimestamp(min(value, int(now.timestamp())), UTC)
