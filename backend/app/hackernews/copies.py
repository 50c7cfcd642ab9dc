"""Copies of a page on other sites, and redirecting links to it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

# The address of the page follows in the path.
_BEHIND = {
    "google.com": re.compile(r"^/amp/(?:s/)?(?=[\w-]+\.)"),
    "bing.com": re.compile(r"^/amp/(?:s/)?(?=[\w-]+\.)"),
    "cdn.ampproject.org": re.compile(r"^/[acv]/(?:s/)?(?=[\w-]+\.)"),
    "web.archive.org": re.compile(r"^/web/\w+/(?:https?:/{1,2})?"),
}
_ADDRESS = r"(?:https?:/{1,2})(?=[^/])"
_ARCHIVE = re.compile(
    rf"^/(?:(?:newest|oldest|\d{{4,14}}|\d{{4}}\.\d\d\.\d\d-\d{{6}}|o/\w+)/)?{_ADDRESS}"
)
_BEHIND |= {f"archive.{end}": _ARCHIVE for end in ("ph", "is", "today", "li", "vn", "md", "fo")}
_READERS = re.compile(rf"^/{_ADDRESS}")
_BEHIND |= dict.fromkeys(("12ft.io", "r.jina.ai", "smry.ai", "freedium.cfd"), _READERS)

# The address of the page is a query parameter.
_PARAMETERS = {
    "google.com/url": ("q", "url"),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "out.reddit.com/": ("url",),
    "duckduckgo.com/l": ("uddg",),
    "t.umblr.com/redirect": ("z",),
    "youtube.com/redirect": ("q",),
    "linkedin.com/redir/redirect": ("url",),
    "slack-redir.net/link": ("url",),
    "steamcommunity.com/linkfilter": ("u", "url"),
    "medium.com/r": ("url",),
    "12ft.io/proxy": ("q",),
}
_TRANSLATED = ".translate.goog"
_OF_TRANSLATOR = re.compile(r"(?:^|&)_x_tr_\w+=[^&]*")


def copied_address(host: str, path: str, query: str) -> str | None:
    """The address of the page that this address copies or redirects to; None if it does neither."""
    pattern = _BEHIND.get(host) or _BEHIND.get(host.partition(".")[2])
    prefix = pattern.match(path) if pattern else None
    if prefix:
        return f"https://{path[prefix.end() :]}{f'?{query}' if query else ''}"
    if names := _PARAMETERS.get(f"{host}{path.rstrip('/') or '/'}"):
        given = dict(parse_qsl(query))
        return next((given[name] for name in names if name in given), None)
    if host.endswith(_TRANSLATED):
        own = host.removesuffix(_TRANSLATED).replace("--", "\0").replace("-", ".")
        rest = _OF_TRANSLATOR.sub("", query).strip("&")
        return f"https://{own.replace(chr(0), '-')}{path}{f'?{rest}' if rest else ''}"
    return None
