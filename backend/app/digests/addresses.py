"""The addresses of stories and comments."""

from __future__ import annotations

from typing import Protocol

MAX_URL = 2000


class HasAddress(Protocol):
    """The fields that determine a story's address."""

    @property
    def id(self) -> int: ...
    @property
    def url(self) -> str | None: ...


def hn_link(item_id: int) -> str:
    """The page of a story or comment on Hacker News."""
    return f"https://news.ycombinator.com/item?id={item_id}"


def page_url(story: HasAddress) -> str:
    """The address of the story's page; Hacker News if it has none or it is not safe to open."""
    url = story.url or ""
    harmless = url[:8].lower().startswith(("http://", "https://")) and url.isprintable()
    return url if harmless and len(url) <= MAX_URL else hn_link(story.id)
