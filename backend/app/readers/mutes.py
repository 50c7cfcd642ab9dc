"""What a reader types to be spared: a word, or a site in any of the ways that people name one."""

from __future__ import annotations

import re

from app.readers.interests import MOST_LENGTH
from app.readers.phrases import fold_phrase

WORD, SITE = "word", "site"
# Longer ends are no top-level domains, and "node.js" or "asp.net" are technologies first.
_SITE = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,18})(?::\d+)?(/[^\s?#]*)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
_TECHNOLOGIES = frozenset(("node.js", "next.js", "vue.js", "three.js", "d3.js", "asp.net"))
# Sites whose first part of the path says whose page it is, as Hacker News shows them.
_SHARED = frozenset(("github.com", "gitlab.com", "twitter.com", "x.com", "medium.com"))


def parse_mute(typed: str) -> tuple[str, str] | None:
    """The kind (WORD or SITE) and the value to mute; None when there is nothing to match.

    `https://www.example.com/a/page` is the site `example.com`, `github.com/owner` the owner's part.
    """
    words = " ".join(typed.replace("\0", "").split())[: 4 * MOST_LENGTH]
    site = _SITE.fullmatch(words)
    if site and words.casefold() not in _TECHNOLOGIES:
        host = site.group(1).casefold()
        owner = (site.group(2) or "").strip("/").partition("/")[0].casefold()
        return SITE, f"{host}/{owner}" if owner and host in _SHARED else host
    words = words[:MOST_LENGTH].strip()
    return (WORD, words) if fold_phrase(words) else None
