"""Rules for the pages of particular sites, applied before fetching."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.articles.reasons import Reason


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """How to fetch the text behind a link.

    Attributes:
        addresses: tried in order until one has text.
        hopeless: the reason why no attempt would succeed, or None.
        paywalled: most of the site is behind a paywall, so missing text is too.
    """

    addresses: tuple[str, ...]
    unreadable_because: Reason | None = None
    paywalled: bool = False


_VIDEOS = ("youtube.com", "youtu.be", "vimeo.com", "twitch.tv", "tiktok.com", "bilibili.com")
_POSTS = ("x.com", "twitter.com", "instagram.com", "facebook.com", "linkedin.com", "threads.com")
_HOPELESS_SITES = dict.fromkeys(_VIDEOS, Reason.VIDEO) | dict.fromkeys(_POSTS, Reason.SOCIAL_POST)
# fmt: off
_PAYWALLED_SITES = frozenset({
    "nytimes.com", "wsj.com", "ft.com", "economist.com", "bloomberg.com", "washingtonpost.com",
    "newyorker.com", "theatlantic.com", "wired.com", "businessinsider.com",
    "theinformation.com", "barrons.com", "hbr.org", "foreignpolicy.com", "foreignaffairs.com",
    "technologyreview.com", "scientificamerican.com", "nature.com", "science.org",
    "thetimes.com", "thetimes.co.uk", "telegraph.co.uk", "newscientist.com", "statnews.com",
    "seekingalpha.com", "stratechery.com", "lemonde.fr", "spiegel.de", "faz.net",
    "handelsblatt.com", "nzz.ch", "latimes.com", "bostonglobe.com", "sfchronicle.com",
    "theathletic.com", "vanityfair.com", "haaretz.com", "nikkei.com", "scmp.com", "medium.com",
})
# fmt: on
_GITHUB_REPOSITORY = re.compile(r"^/([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
_GITHUB_FILE = re.compile(
    r"^/([\w.-]+)/([\w.-]+)/blob/(.+\.(?:md|markdown|rst|txt|adoc|org))$", re.I
)
# First path segments at GitHub that are not owners.
_GITHUB_PAGES = {
    "about",
    "blog",
    "collections",
    "customer-stories",
    "features",
    "orgs",
    "sponsors",
    "topics",
}
_READMES = ("README.md", "readme.md", "README.rst", "README")
_GIST = re.compile(r"^/[\w-]+/[0-9a-f]{20,40}/?$")


def plan(url: str) -> FetchPlan:
    """The plan for a story's link; `url` has passed `hackernews.links.web_url`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    for site in _suffixes(host):
        if site in _HOPELESS_SITES:
            return FetchPlan((), unreadable_because=_HOPELESS_SITES[site])
    paywalled = any(site in _PAYWALLED_SITES for site in _suffixes(host))
    return FetchPlan((*_better_addresses(host, parts.path), url), paywalled=paywalled)


def _suffixes(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _better_addresses(host: str, path: str) -> tuple[str, ...]:
    """Addresses of the plain text of a page."""
    if host in ("github.com", "www.github.com"):
        raw = "https://raw.githubusercontent.com"
        if file := _GITHUB_FILE.match(path):
            return (f"{raw}/{file[1]}/{file[2]}/{file[3]}",)
        repository = _GITHUB_REPOSITORY.match(path)
        if repository and repository[1].lower() not in _GITHUB_PAGES:
            return tuple(f"{raw}/{repository[1]}/{repository[2]}/HEAD/{name}" for name in _READMES)
    if host == "gist.github.com" and _GIST.match(path):
        return (f"https://{host}{path.rstrip('/')}/raw",)
    return ()
