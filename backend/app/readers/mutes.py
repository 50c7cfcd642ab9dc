"""Parses what a reader wants to mute: a word, or a site in any of its spellings."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from app.hackernews.links import canonical_url, site_host
from app.hackernews.sites import SITES_BY_PATH
from app.readers.interests.topics import MAX_LENGTH
from app.text.phrases import fold_phrase

WORD, SITE = "word", "site"
# Longer suffixes are not top-level domains, and "node.js" and "asp.net" are technologies.
_SITE = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+(?:[^\W\d_]{2,18}|xn--[a-z0-9-]+))(?::\d+)?(/[^\s?#]*)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
_TECHNOLOGIES = frozenset(("node.js", "next.js", "vue.js", "three.js", "d3.js", "asp.net"))


def parse_mute(typed: str) -> tuple[str, str] | None:
    """The kind (WORD or SITE) and the value to mute; None if nothing could match.

    `https://www.example.com/a/page` is the site `example.com`, `github.com/owner` the owner's part.
    """
    words = " ".join(typed.replace("\0", "").split())[: 4 * MAX_LENGTH]
    site = _SITE.fullmatch(words)
    if site and words.casefold() not in _TECHNOLOGIES:
        host = site.group(1).casefold()
        owner = (site.group(2) or "").strip("/").partition("/")[0].casefold()
        return SITE, f"{host}/{owner}" if owner and site_host(host) in SITES_BY_PATH else host
    words = words[:MAX_LENGTH].strip()
    return (WORD, words) if fold_phrase(words) else None


def mutable_addresses(url: str | None, site: str | None) -> frozenset[str]:
    """The addresses, without schemes, under which a story's page may be muted.

    The address of a page that this one copies is included.
    """
    known = {site} if site else set()
    if url:
        known |= {canonical_url(url).removeprefix("https://"), urlsplit(url).hostname or ""}
    return frozenset(map(str.casefold, known))


def is_on_site(address: str, muted: str) -> bool:
    """Whether an address is on a muted site or one of its subdomains."""
    muted_host, _, muted_owner = muted.casefold().partition("/")
    host, _, path = address.partition("/")
    name = site_host(muted_host)
    same = f".{host.partition(':')[0]}".endswith((f".{name}", f".{muted_host}"))
    return same and muted_owner in ("", re.split(r"[/?#]", path)[0])
