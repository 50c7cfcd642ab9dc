"""Web addresses: which of them are one page, and what Hacker News calls a site."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

URL_CHARACTERS = 2_000
_WEB_PORTS = {"http": 80, "https": 443}

# Says who shared a link, not which page it is.
_TRACKING = re.compile(
    r"""utm_\w+ | mtm_\w+ | pk_\w+ | hsa_\w+ | at_\w+ | guce_\w+ | guccounter | oref
    | fbclid | gclid | dclid | gbraid | wbraid | msclkid | yclid | twclid | igshid | igsh | ttclid
    | mc_cid | mc_eid | mkt_tok | _hsenc | _hsmi | vero_id | spm | cmpid | ocid | cmp | ncid
    | ref | ref_src | ref_url | referrer | smid | smtyp | reflink | sref | sh | xtor | trk | trkinfo
    | unlocked_article_code | giftcopy | leadsource | taid | sharetoken | triedredirect
    | fb_action_ids | fb_action_types | amp | outputtype
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
    "export.arxiv.org": "arxiv.org",
}
_ONLY_PARAMETERS = {"youtube.com": {"v", "list"}, "x.com": set(), "arxiv.org": set()}
_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?:/|\.html)?$|^/amp(?=/)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_ARXIV = re.compile(r"^/(?:abs|pdf|html)/([\w.\-]+?(?:/\d+)?)(?:v\d+)?(?:\.pdf)?$")

# What comes after "#" is a place on a page, but for pages that are one script ("#!/page") and
# for entries of a log that are submitted one by one ("/devlog/#2026-05-26").
_ENTRY = re.compile(r"^!|\d{4}-\d{2}-\d{2}")

# Where a subdomain or the first part of the path is a publisher of its own, as on Hacker News.
_HOSTS_OF_SITES = frozenset(
    {
        "github.io",
        "gitlab.io",
        "blogspot.com",
        "substack.com",
        "wordpress.com",
        "tumblr.com",
        "medium.com",
        "netlify.app",
        "vercel.app",
        "pages.dev",
        "workers.dev",
        "herokuapp.com",
        "readthedocs.io",
        "bearblog.dev",
        "neocities.org",
        "livejournal.com",
        "typepad.com",
        "posthaven.com",
        "ghost.io",
        "hashnode.dev",
        "notion.site",
        "fly.dev",
        "web.app",
        "firebaseapp.com",
        "surge.sh",
        "codeberg.page",
        "sr.ht",
        "itch.io",
        "mataroa.blog",
        "write.as",
        "micro.blog",
        "dreamwidth.org",
        "bandcamp.com",
        "googleblog.com",
    }
)
_SITES_BY_PATH = frozenset(
    {
        "github.com",
        "gitlab.com",
        "codeberg.org",
        "bitbucket.org",
        "twitter.com",
        "x.com",
        "medium.com",
    }
)
# The second level of country domains that sell names at the third: bbc.co.uk, not co.uk.
_SECOND_LEVEL = frozenset(
    {
        "ac",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gov",
        "gouv",
        "gv",
        "ltd",
        "mil",
        "ne",
        "net",
        "nhs",
        "nom",
        "or",
        "org",
    }
)


def web_url(value: object) -> str | None:
    """The address as a browser would take it, or None when it is no http(s) address."""
    if not isinstance(value, str) or len(value) > URL_CHARACTERS:
        return None
    url = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", value).strip().replace(" ", "%20")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").strip(".")
        valid = parts.scheme in _WEB_PORTS and bool(host) and parts.port != 0
    except ValueError:  # a port that is no number, an IPv6 address that is none
        return None
    return url if valid else None


def canonical_url(url: str) -> str:
    """What every address of one page has in common; a key to compare, not an address to open.

    `url` must have passed `web_url`.
    """
    parts = urlsplit(url)
    host = _host(parts.hostname or "")
    path = quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._") or "/"
    inner = path.removeprefix("/amp/s/")
    if host == "google.com" and inner != path and (original := web_url(f"https://{inner}")):
        return canonical_url(original)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    host, path, parameters = _one_page(host, path, parameters)
    known = _ONLY_PARAMETERS.get(host)
    kept = sorted(
        (name, value)
        for name, value in parameters
        if (name in known if known is not None else not _TRACKING.fullmatch(name))
    )
    port = "" if parts.port in (None, *_WEB_PORTS.values()) else f":{parts.port}"
    query = f"?{urlencode(kept)}" if kept else ""
    fragment = f"#{parts.fragment}" if _ENTRY.search(parts.fragment) else ""
    return f"https://{host}{port}{path}{query}{fragment}"


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:
        name = quote(name)
    name = _INNER_DEVICE.sub(".", _DEVICE.sub("", name))
    return _SAME_HOST.get(name, name)


def _one_page(
    host: str, path: str, parameters: list[tuple[str, str]]
) -> tuple[str, str, list[tuple[str, str]]]:
    if host == "youtu.be":
        return "youtube.com", "/watch", [("v", path.strip("/"))]
    if host == "youtube.com" and (video := re.match(r"^/(?:shorts|live|embed)/([\w-]+)", path)):
        return host, "/watch", [("v", video[1])]
    if host == "arxiv.org" and (paper := _ARXIV.match(path)):
        return host, f"/abs/{paper[1]}", []
    path = _INDEX.sub("/", _AMP_PATH.sub("", path))
    path = re.sub(r"/{2,}", "/", path)
    return host, path.rstrip("/") or "/", parameters


def site_name(url: str) -> str | None:
    """The site as Hacker News shows it beside a title: `bbc.co.uk`, `github.com/owner`."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".").lower()
    if not name:
        return None
    if name[-1].isdigit() or ":" in name:
        return name
    labels = name.removeprefix("www.").split(".")
    site = ".".join(labels[-_labels_of_a_site(labels) :])
    first = parts.path.strip("/").split("/")[0]
    if first and ".".join(labels) in _SITES_BY_PATH:
        return f"{site}/{first.lower()}"
    return site


def _labels_of_a_site(labels: list[str]) -> int:
    if ".".join(labels[-2:]) in _HOSTS_OF_SITES:
        return 3
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL:
        return 3
    return 2
