"""Decides whether two submissions of one page are about the same thing.

Most pages do not change. A status page reports another outage the next week, and a site's front
page or changelog announces another release.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from app.hackernews.links import page_section
from app.text.outages import reports_outage

# An outage is submitted repeatedly while it lasts, but rarely this long after the last time.
ANOTHER_TIME = timedelta(hours=12)
_STATUS_HOST = re.compile(
    r"^(?:[\w-]*status|uptime|health)\.|status\.[a-z]+$|\.(?:statuspage\.io|instatus\.com)$"
    r"|^(?:\w+\.)?(?:downdetector|isitdownrightnow)\."
)
_CHANGING = re.compile(
    r"^/?$|/(?:status|incidents?|outages?|changelog|changes|releases?|release-?notes|whats-?new|news"
    r"|updates?|history|blog|current|latest|live|tags|versions?|roadmap)(?:\.\w+)?/?$",
    re.IGNORECASE,
)
_INCIDENT = re.compile(r"/(?:incidents?|events?)/\w+", re.IGNORECASE)
_VERSION = re.compile(r"\b\d+(?:\.\d+)+\b|\bv\d+\b", re.IGNORECASE)
_TELLING = re.compile(r"\w*\d\w*|\w{3,}")
_NOT_TELLING = frozenset(
    """
    show ask tell launch the and for with from how why what when that this its are was you your our
    has have new now not all can will into out about using
    """.split()  # noqa: SIM905 - easier to read than a long list of strings
)
_ALIKE = 0.5


class Submitted(Protocol):
    """The fields of a submission that are compared here."""

    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def posted_at(self) -> datetime: ...


def are_titles_similar(one: str, other: str) -> bool:
    """Whether two titles share half of the words of the shorter one."""
    words = [set(_TELLING.findall(title.casefold())) - _NOT_TELLING for title in (one, other)]
    fewest = min(map(len, words))
    return fewest > 0 and len(words[0] & words[1]) >= _ALIKE * fewest


def are_about_the_same(one: Submitted, other: Submitted) -> bool:
    """Whether two submissions of one page are about the same thing."""
    alike = are_titles_similar(one.title, other.title)
    if not alike and page_section(one.url) != page_section(other.url):
        return False
    if abs(one.posted_at - other.posted_at) <= ANOTHER_TIME or not _changes(one, other):
        return True
    return alike and not are_different_events(one, other)


def are_different_events(one: Submitted, other: Submitted) -> bool:
    """Whether two submissions with similar titles are about two outages or two versions."""
    if abs(one.posted_at - other.posted_at) <= ANOTHER_TIME:
        return False
    if _is_status_page(one.url) or _is_status_page(other.url):
        return True
    if reports_outage(one.title) and reports_outage(other.title):
        return True
    versions = [set(_VERSION.findall(story.title.lower())) for story in (one, other)]
    return all(versions) and not versions[0] & versions[1]


def _changes(one: Submitted, other: Submitted) -> bool:
    return any(_is_status_page(url) or _is_changing(url) for url in (one.url, other.url))


def _is_status_page(url: str | None) -> bool:
    parts = urlsplit(url or "")
    host = (parts.hostname or "").removeprefix("www.")
    return bool(_STATUS_HOST.search(host)) and not _INCIDENT.search(parts.path)


def _is_changing(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return not parts.query and bool(_CHANGING.search(parts.path))
