"""A website's address and title."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """An installation's website.

    Args:
        address: the base of all its pages' addresses; ends with a slash.
        notice: a line on every page and in every entry of the feeds, for example that the stories
            are invented; empty for none.

    Raises:
        ValueError: the address is not an http(s) address.
    """

    address: str
    title: str = "The day on Hacker News"
    description: str = "The day's best stories of Hacker News, summarised, with their discussions."
    language: str = "en"
    notice: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                f"{self.address!r} is not an address such as https://news.example.com/"
            )
        if parts.query or parts.fragment or not self.address.endswith("/"):
            raise ValueError(f"{self.address!r} must end with a slash, without ? or #")

    def link(self, path: str) -> str:
        """The address of a file; the front page has the folder's address."""
        return self.address if path == "index.html" else self.address + path

    def story(self, story_id: int) -> str:
        """The address of a story's page."""
        return self.link(f"story/{story_id}.html")
