"""Web addresses, and the canonical form that all addresses of one page share."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import idna

from app.hackernews.copies import copied_address
from app.hackernews.site_rules import PageAddress, has_branches, one_page
from app.hackernews.tracking import identifying_fragment, without_tracking

URL_CHARACTERS = 2_000
MAX_NAME, MAX_LABEL = 253, 63  # of a host name, RFC 1035, section 2.3.4
# How many copies of copies are followed.
_MAX_COPIES = 3
_WEB_PORTS = {"http": 80, "https": 443}

# Subdomains that serve the same pages to other devices.
_DEVICE = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.[^.])")
_INNER_DEVICE = re.compile(r"\.m\.(?=wikipedia\.org$|wiktionary\.org$)")
_SAME_HOST = {
    "twitter.com": "x.com",
    "nitter.net": "x.com",
    "xcancel.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "fixupx.com": "x.com",
    "bbc.co.uk": "bbc.com",
    "edition.cnn.com": "cnn.com",
    "lite.cnn.com": "cnn.com",
    "us.cnn.com": "cnn.com",
    "dx.doi.org": "doi.org",
    "np.reddit.com": "reddit.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "music.youtube.com": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    "export.arxiv.org": "arxiv.org",
}
_BEFORE_QUERY = re.compile(r"^[^?#]+")
# Preserves bytes that are not UTF-8: old wikis and forums use other encodings.
_AS_BYTES = "surrogateescape"


def web_url(value: object) -> str | None:
    """The address as a browser would use it, or None if it is not an http(s) address."""
    if not isinstance(value, str) or len(value) > URL_CHARACTERS:
        return None
    url = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", value).strip().replace(" ", "%20")
    # A browser ends the host at a backslash: "https://a.example\@b.example/" leads to a.example.
    url = _BEFORE_QUERY.sub(lambda found: found[0].replace("\\", "/"), url)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").strip(".")
        valid = parts.scheme in _WEB_PORTS and bool(host) and parts.port != 0
    except ValueError:  # an invalid port or IPv6 address
        return None
    return url if valid else None


def ascii_url(url: str) -> str:
    """The address with its host in ASCII, as DNS requires.

    Follows browsers (https://url.spec.whatwg.org/#idna), which also accept emoji; IDNA 2008 does
    not allow those in new names.
    """
    parts = urlsplit(url)
    before, at, host = parts.netloc.rpartition("@")
    return url if host.isascii() else parts._replace(netloc=f"{before}{at}{_ascii(host)}").geturl()


def _ascii(host: str) -> str:
    """The host in ASCII. Raises `UnicodeError` if that is not possible.

    Mapping and encoding a name take quadratic time, so lengths are checked first. Both limits apply
    to the ASCII form, which is at least as long.
    """
    if len(host) > MAX_NAME:
        raise UnicodeError(f"a name of more than {MAX_NAME} characters")
    labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
    if max(map(len, labels)) > MAX_LABEL:
        raise UnicodeError(f"a label of more than {MAX_LABEL} characters")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )


def canonical_url(url: str) -> str:
    """The form that all addresses of one page share: a key for comparison, not an address to open.

    `url` must have passed `web_url`.
    """
    return _canonical(url, _MAX_COPIES)


def page_section(url: str | None) -> str:
    """The part of the page that an address names, if that part can be a story by itself."""
    return identifying_fragment(urlsplit(url or "").fragment, is_root=True)


def _canonical(url: str, copies: int) -> str:
    parts = urlsplit(url)
    host = _host(parts.hostname or "")
    # An encoded slash (%2F) does not separate path segments.
    path = "/".join(map(_one_spelling, parts.path.split("/"))) or "/"
    if copies and (copied := web_url(copied_address(host, path, parts.query))) is not None:
        return _canonical(copied, copies - 1)
    parameters = parse_qsl(parts.query, keep_blank_values=True, errors=_AS_BYTES)
    page = one_page(PageAddress(host, path, parameters, parts.fragment))
    branches = has_branches(page.host, page.path)
    kept = sorted(without_tracking(page.parameters, has_branches=branches))
    port = "" if parts.port in (None, *_WEB_PORTS.values()) else f":{parts.port}"
    query = f"?{urlencode(kept, errors=_AS_BYTES)}" if kept else ""
    telling = identifying_fragment(page.fragment, is_root=page.path == "/")
    return f"https://{page.host}{port}{page.path}{query}{f'#{telling}' if telling else ''}"


def _one_spelling(segment: str) -> str:
    return quote(unquote(segment, errors=_AS_BYTES), ":@!$&'()*+,;=~-._", errors=_AS_BYTES)


def site_host(name: str) -> str:
    """The main host of the site that `name` belongs to: x.com for mobile.twitter.com."""
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
