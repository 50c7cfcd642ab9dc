"""Web addresses, and which of them are one page."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import idna

URL_CHARACTERS = 2_000
_WEB_PORTS = {"http": 80, "https": 443}

# Says who shared a link, not which page it is.
_TRACKING = re.compile(
    r"""utm_\w+ | mtm_\w+ | pk_\w+ | hsa_\w+ | at_\w+ | guce_\w+ | guccounter | oref
    | fbclid | gclid | dclid | gbraid | wbraid | msclkid | yclid | twclid | igshid | igsh | ttclid
    | mc_cid | mc_eid | mkt_tok | _hsenc | _hsmi | vero_id | spm | cmpid | ocid | cmp | ncid
    | ref | ref_src | ref_url | referrer | smid | smtyp | reflink | sref | sh | xtor | trk | trkinfo
    | unlocked_article_code | giftcopy | leadsource | taid | sharetoken | triedredirect
    | fb_action_ids | fb_action_types | amp | outputtype | _ga | _gl | gad_source | _branch_match_id
    """,
    re.VERBOSE | re.IGNORECASE,
)
# One site under several names; the subdomain is one that serves the same pages to other devices.
_DEVICE = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.[^.])")
_INNER_DEVICE = re.compile(r"\.m\.(?=wikipedia\.org$|wiktionary\.org$)")
_SAME_HOST = {
    "twitter.com": "x.com",
    "nitter.net": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "music.youtube.com": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    "export.arxiv.org": "arxiv.org",
}
_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?:/|\.html)?$|^/amp(?=/)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_POST = re.compile(r"^/\w+/status/\d+|^/i/web/status/\d+")
_VIDEO = re.compile(r"^/(?:shorts|live|embed)/([\w-]+)")
_ARXIV = re.compile(r"^/(?:abs|pdf|html)/([\w.\-]+?(?:/\d+)?)(?:v\d+)?(?:\.pdf)?$")

# Others' copies of a page, whose own address follows.
_COPIES = {
    "google.com": re.compile(r"^/amp/(?:s/)?(?=[\w-]+\.)"),
    "cdn.ampproject.org": re.compile(r"^/[acv]/(?:s/)?(?=[\w-]+\.)"),
    "web.archive.org": re.compile(r"^/web/\w+/(?:https?:/{1,2})?"),
}
# GitHub takes names in any case, and with the ending that git wants.
_GITHUB_NAME = re.compile(r"^/[^/]+(?:/[^/]+)?")

# What comes after "#" is a place on a page, but for pages that are one script ("#!/page", "#/page")
# and for entries of a log that are submitted one by one ("/devlog/#2026-05-26").
_ENTRY = re.compile(r"^!|^/|\d{4}-\d{2}-\d{2}")
_BEFORE_QUERY = re.compile(r"^[^?#]+")
# Keeps bytes that are no UTF-8 apart: old wikis and forums write names in their own encoding.
_AS_BYTES = "surrogateescape"


def web_url(value: object) -> str | None:
    """The address as a browser would take it, or None when it is no http(s) address."""
    if not isinstance(value, str) or len(value) > URL_CHARACTERS:
        return None
    url = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", value).strip().replace(" ", "%20")
    # To a browser it ends the host: "https://a.example\@b.example/" leads to a.example.
    url = _BEFORE_QUERY.sub(lambda found: found[0].replace("\\", "/"), url)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").strip(".")
        valid = parts.scheme in _WEB_PORTS and bool(host) and parts.port != 0
    except ValueError:  # a port that is no number, an IPv6 address that is none
        return None
    return url if valid else None


def ascii_url(url: str) -> str:
    """The address with its host as name servers know it, whatever script it is written in.

    As browsers do it (https://url.spec.whatwg.org/#idna): emoji are taken too, which IDNA 2008 does
    not allow in new names.
    """
    parts = urlsplit(url)
    before, at, host = parts.netloc.rpartition("@")
    return url if host.isascii() else parts._replace(netloc=f"{before}{at}{_ascii(host)}").geturl()


def _ascii(host: str) -> str:
    """Raises `UnicodeError` when no name can be written so."""
    mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    labels = (
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in mapped.split(".")
    )
    return ".".join(labels)


def canonical_url(url: str) -> str:
    """What every address of one page has in common; a key to compare, not an address to open.

    `url` must have passed `web_url`.
    """
    parts = urlsplit(url)
    host = _host(parts.hostname or "")
    # A slash that is written %2F divides nothing.
    path = "/".join(map(_one_spelling, parts.path.split("/"))) or "/"
    if (original := _copied(host, path, parts.query)) is not None:
        return canonical_url(original)
    parameters = parse_qsl(parts.query, keep_blank_values=True, errors=_AS_BYTES)
    host, path, parameters = _one_page(host, path, parameters)
    kept = sorted(pair for pair in parameters if not _TRACKING.fullmatch(pair[0]))
    port = "" if parts.port in (None, *_WEB_PORTS.values()) else f":{parts.port}"
    query = f"?{urlencode(kept, errors=_AS_BYTES)}" if kept else ""
    fragment = f"#{parts.fragment}" if _ENTRY.search(parts.fragment) else ""
    return f"https://{host}{port}{path}{query}{fragment}"


def _one_spelling(segment: str) -> str:
    return quote(unquote(segment, errors=_AS_BYTES), ":@!$&'()*+,;=~-._", errors=_AS_BYTES)


def site_host(name: str) -> str:
    """The host under which a site is known, for any of its hosts: x.com for mobile.twitter.com."""
    host = _host(name)
    return "youtube.com" if host == "youtu.be" else host


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    try:
        name = _ascii(name)
    except UnicodeError:
        name = quote(name)
    name = _INNER_DEVICE.sub(".", _DEVICE.sub("", name))
    return _SAME_HOST.get(name, name)


def _copied(host: str, path: str, query: str) -> str | None:
    """The address of the page that this one is somebody's copy of."""
    copies = _COPIES.get(host) or _COPIES.get(host.partition(".")[2])
    prefix = copies.match(path) if copies else None
    return web_url(f"https://{path[prefix.end() :]}?{query}") if prefix else None


def _one_page(
    host: str, path: str, parameters: list[tuple[str, str]]
) -> tuple[str, str, list[tuple[str, str]]]:
    if host == "youtu.be":
        return "youtube.com", "/watch", [("v", path.strip("/"))]
    if host == "youtube.com" and (video := _VIDEO.match(path)):
        return host, "/watch", [("v", video[1])]
    if host == "youtube.com" and path == "/watch":
        return host, path, [pair for pair in parameters if pair[0] == "v"]
    if host == "x.com" and (post := _POST.match(path)):
        return host, post[0], []
    if host == "arxiv.org" and (paper := _ARXIV.match(path)):
        return host, f"/abs/{paper[1]}", []
    if host == "github.com":
        name = _GITHUB_NAME.sub(lambda found: found[0].lower().removesuffix(".git"), path)
        return host, name.rstrip("/") or "/", parameters
    path = _INDEX.sub("/", _AMP_PATH.sub("", path))
    path = re.sub(r"/{2,}", "/", path)
    return host, path.rstrip("/") or "/", parameters
