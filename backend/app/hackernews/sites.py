"""The site name that Hacker News shows for a link."""

from __future__ import annotations

from urllib.parse import urlsplit

# The Public Suffix List would cover more hosts, but takes 14 MB in every process.
# fmt: off
# Hosts where each subdomain or first path segment is a site of its own, as on Hacker News.
_HOSTS_OF_SITES = frozenset({
    "github.io", "gitlab.io", "blogspot.com", "substack.com", "wordpress.com", "tumblr.com",
    "medium.com", "netlify.app", "vercel.app", "pages.dev", "workers.dev", "herokuapp.com",
    "readthedocs.io", "bearblog.dev", "neocities.org", "livejournal.com", "typepad.com",
    "posthaven.com", "ghost.io", "hashnode.dev", "notion.site", "fly.dev", "web.app",
    "firebaseapp.com", "surge.sh", "codeberg.page", "sr.ht", "itch.io", "mataroa.blog",
    "write.as", "micro.blog", "dreamwidth.org", "bandcamp.com", "googleblog.com",
})
SITES_BY_PATH = frozenset({
    "github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "twitter.com", "x.com",
    "medium.com",
})
# Second-level labels of country domains that sell names at the third level: bbc.co.uk.
_SECOND_LEVEL = frozenset({
    "ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "ltd", "mil", "ne", "net",
    "nhs", "nom", "or", "org",
})
# fmt: on


def site_name(url: str) -> str | None:
    """The site that Hacker News shows beside a title: `bbc.co.uk`, `github.com/owner`."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".").lower()
    if not name:
        return None
    if name[-1].isdigit() or ":" in name:
        return name
    labels = name.removeprefix("www.").split(".")
    site = ".".join(labels[-_labels_of_a_site(labels) :])
    first = parts.path.strip("/").split("/")[0]
    if first and ".".join(labels) in SITES_BY_PATH:
        return f"{site}/{first.lower()}"
    return site


def _labels_of_a_site(labels: list[str]) -> int:
    if ".".join(labels[-2:]) in _HOSTS_OF_SITES:
        return 3
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL:
        return 3
    return 2
