"""Finds other addresses of a page besides the submitted one."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

from app.hackernews.links import canonical_url, web_url
from app.hackernews.sites import site_name

# Parameters that look like the name of a page; without them many pages would be the same.
_NAMES_A_PAGE = re.compile(
    r"(?:\w*id|p|v|q|s|n|t|page|post|article|story|item|topic|thread|title|name|date|day|issue"
    r"|number|query|search|file|path|url|view|section)",
    re.IGNORECASE,
)


def alternative_addresses(asked: str, landed: str, declared: str) -> frozenset[str]:
    """The keys of the page's other addresses: where `asked` redirected to, and the canonical
    address that the page declares.
    """
    page = canonical_url(asked)
    reached = page
    if asked != landed:
        known = (
            _plausible_key(asked, landed)
            if _site(asked) == _site(landed)
            else _redirect_target(landed)
        )
        if known is None:
            return frozenset()
        reached = known
    own = _declared(landed, declared)
    return frozenset({reached, own or reached} - {page})


def _declared(url: str, declared: str) -> str | None:
    try:
        stated = web_url(urljoin(url, declared.strip())) if declared.strip() else None
    except ValueError:
        return None
    return _plausible_key(url, stated) if stated and _site(stated) == _site(url) else None


def _redirect_target(landed: str) -> str | None:
    """Redirects to other sites count, as from short links, but not to another site's front page."""
    page = canonical_url(landed)
    return None if urlsplit(page).path == "/" else page


def _plausible_key(url: str, stated: str) -> str | None:
    """The key of `stated`, if it can be another address of the page at `url` on the same site.

    An address that many pages of a site declare by mistake is rejected: that of the front page, of
    a list above the page, or one without the parameters or the fragment that identify the page.
    """
    page, named = canonical_url(url), canonical_url(stated)
    here, there = urlsplit(page), urlsplit(named)
    above = there.path == "/" or f"{here.path}/".startswith(f"{there.path}/")
    if (above and here.path != there.path) or (there.path == "/" and not there.query):
        return None
    if here.fragment or _loses_a_parameter(here.query, there.query):
        return None
    return named


def _site(url: str) -> str | None:
    return site_name(f"https://{urlsplit(url).hostname or ''}/")


def _loses_a_parameter(here: str, there: str) -> bool:
    kept = dict(parse_qsl(there, keep_blank_values=True))
    return any(
        name not in kept and (_NAMES_A_PAGE.fullmatch(name) or value.isdigit() or not value)
        for name, value in parse_qsl(here, keep_blank_values=True)
    )
