"""Rules for the addresses of particular sites: which of their parts identify the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from app.hackernews.sites import site_name
from app.hackernews.tracking import QueryParameters


class PageAddress(NamedTuple):
    """The parts of an address that may identify a page."""

    host: str
    path: str
    parameters: QueryParameters
    fragment: str


_Rule = Callable[[PageAddress], PageAddress | None]

_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?:/|\.html)?$|^/amp(?=/)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_POST = re.compile(r"^/\w+/status/\d+|^/i/web/status/\d+")
_VIDEO = re.compile(r"^/(?:shorts|live|embed)/([\w-]+)")
_ARXIV = re.compile(r"^/(?:abs|pdf|html)/([\w.\-]+?(?:/\d+)?)(?:v\d+)?(?:\.pdf)?$")
_REDDIT_POST = re.compile(r"^(?:/(?:r|user|u)/[^/]+)?/comments/(\w+)(?:/[^/]*(?:/(\w+))?)?", re.I)
_MEDIUM_POST = re.compile(r"^/(?:p/|.*-)([0-9a-f]{8,12})$", re.IGNORECASE)
_SUBSTACK_APP = re.compile(r"^/pub/([\w-]+)(/p/[\w-]+)$")
_SUBSTACK_NUMBER = re.compile(r"^/(?:home/post|@[\w-]+)/(p-\d+)$")
_SUBSTACK_POST = re.compile(r"^/p/[\w-]+$")
_QUESTION = re.compile(r"^/(?:questions|q)/(\d+)")
_ANSWER = re.compile(r"^/questions/\d+/[^/]+/(\d+)$|^/a/(\d+)")
_PRODUCT = re.compile(r"/(?:dp|gp/product|gp/aw/d)/(\w{10})(?=/|$)", re.IGNORECASE)
_DOCUMENT = re.compile(r"^/(\w+)(?:/u/\d+)?/d/((?:e/)?[\w-]{20,})")
_FORUM_TOPIC = re.compile(r"^(/t/[^/]*[^/\d][^/]*/\d+)(?:/\d+)?$")
_WIKI = re.compile(r"^/w/index\.php$", re.IGNORECASE)

# GitHub ignores case in these names and accepts the suffix `.git`.
_GITHUB_NAME = re.compile(r"^/[^/]+(?:/[^/]+)?")
_GITHUB_REPOSITORY = re.compile(r"^/[^/]+/[^/]+$")
# Shown on the repository's front page.
_GITHUB_README = re.compile(
    r"^(/[^/]+/[^/]+)/(?:tree/(?:main|master|HEAD)"
    r"|blob/(?:main|master|HEAD)/readme(?:\.(?:md|markdown|rst|txt|adoc|org))?)$",
    re.IGNORECASE,
)
_GITHUB_VIEW = frozenset(
    ("plain", "raw", "ts", "files", "notification_referrer_id", "email_source")
)
_GITLAB_PATH = re.compile(r"/-/|^/api/", re.IGNORECASE)
_GIT_HOST = re.compile(r"(?:^|\.)(?:git|gitlab|salsa|invent|gitea|forgejo|bugtracker)\d*\.")
_EXCHANGES = frozenset(
    ("stackoverflow.com", "serverfault.com", "superuser.com", "askubuntu.com", "mathoverflow.net")
)
_OF_SUBSTACK = frozenset(
    """
    r s publication_id post_id isfreemail token action initial_medium hide_intro_popup
    showwelcome showwelcomeonshare manualredirect nthpub autoplay
    """.split()  # noqa: SIM905 - easier to read than a long list of strings
)
_OF_MEDIUM = frozenset(("source", "sk", "gi", "postpublishedtype", "responsesopen"))
# Newspapers whose paths identify the article; all parameters but those below are tracking.
# fmt: off
_NAMED_BY_PATH = frozenset({
    "nytimes.com", "washingtonpost.com", "wsj.com", "ft.com", "bloomberg.com", "economist.com",
    "theatlantic.com", "newyorker.com", "wired.com", "vanityfair.com", "arstechnica.com",
    "theguardian.com", "bbc.com", "reuters.com", "apnews.com", "cnn.com", "cnbc.com", "npr.org",
    "latimes.com", "bostonglobe.com", "sfchronicle.com", "chicagotribune.com", "inquirer.com",
    "usatoday.com", "politico.com", "politico.eu", "axios.com", "theverge.com", "vox.com",
    "businessinsider.com", "forbes.com", "fortune.com", "time.com", "newsweek.com", "barrons.com",
    "marketwatch.com", "theinformation.com", "technologyreview.com", "scientificamerican.com",
    "newscientist.com", "nationalgeographic.com", "hbr.org", "foreignpolicy.com",
    "foreignaffairs.com", "thetimes.com", "thetimes.co.uk", "telegraph.co.uk", "independent.co.uk",
    "dailymail.co.uk", "irishtimes.com", "theglobeandmail.com", "thestar.com", "smh.com.au",
    "theage.com.au", "afr.com", "nzherald.co.nz", "straitstimes.com", "scmp.com", "haaretz.com",
    "spiegel.de", "zeit.de", "faz.net", "sueddeutsche.de", "welt.de", "handelsblatt.com",
    "tagesspiegel.de", "heise.de", "nzz.ch", "derstandard.at", "lemonde.fr", "lefigaro.fr",
    "liberation.fr", "lesechos.fr", "elpais.com", "elmundo.es", "corriere.it", "repubblica.it",
    "nrc.nl", "volkskrant.nl", "dn.se", "aftenposten.no", "politiken.dk", "hs.fi", "nikkei.com",
    "asahi.com", "mainichi.jp", "yomiuri.co.jp", "japantimes.co.jp",
})
# fmt: on
_TELLING = re.compile(r"page|p|q|query|search(?:term)?|keywords?|id|v|section|date", re.IGNORECASE)


def _x(page: PageAddress) -> PageAddress | None:
    post = _POST.match(page.path)
    return page._replace(path=post[0], parameters=[], fragment="") if post else None


def _youtube(page: PageAddress) -> PageAddress | None:
    if video := _VIDEO.match(page.path):
        return page._replace(path="/watch", parameters=[("v", video[1])], fragment="")
    if page.path != "/watch":
        return None
    video_only = [pair for pair in page.parameters if pair[0] == "v"]
    return page._replace(parameters=video_only, fragment="")


def _short_youtube(page: PageAddress) -> PageAddress | None:
    return PageAddress("youtube.com", "/watch", [("v", page.path.strip("/"))], "")


def _arxiv(page: PageAddress) -> PageAddress | None:
    paper = _ARXIV.match(page.path)
    return page._replace(path=f"/abs/{paper[1]}", parameters=[], fragment="") if paper else None


def _github(page: PageAddress) -> PageAddress | None:
    path = _GITHUB_NAME.sub(lambda found: found[0].lower().removesuffix(".git"), page.path)
    path = _GITHUB_README.sub(r"\1", path.rstrip("/")) or "/"
    unseen = set(_GITHUB_VIEW)
    if _GITHUB_REPOSITORY.match(path):
        unseen.add("tab")  # "readme-ov-file", "MIT-1-ov-file"; on a profile it selects another page
    kept = [pair for pair in page.parameters if pair[0].lower() not in unseen]
    return page._replace(path=path, parameters=kept)


def _reddit(page: PageAddress) -> PageAddress | None:
    if not (post := _REDDIT_POST.match(page.path)):
        return None
    comment = f"/comment/{post[2]}" if post[2] else ""
    return page._replace(path=f"/comments/{post[1]}{comment}", parameters=[], fragment="")


def _short_reddit(page: PageAddress) -> PageAddress | None:
    return PageAddress("reddit.com", f"/comments{page.path}", [], "")


def _medium(page: PageAddress) -> PageAddress | None:
    """A post has one id in every publication and on every host."""
    post = _MEDIUM_POST.match(page.path.rstrip("/"))
    return PageAddress("medium.com", f"/p/{post[1].lower()}", [], "") if post else None


def _substack(page: PageAddress) -> PageAddress | None:
    if post := _SUBSTACK_APP.match(page.path.rstrip("/")):
        return PageAddress(f"{post[1].lower()}.substack.com", post[2], [], "")
    if numbered := _SUBSTACK_NUMBER.match(page.path.rstrip("/")):
        return PageAddress("substack.com", f"/{numbered[1]}", [], "")
    return None


def _exchange(page: PageAddress) -> PageAddress | None:
    if answer := _ANSWER.match(page.path):
        return page._replace(path=f"/a/{answer[1] or answer[2]}", parameters=[], fragment="")
    question = _QUESTION.match(page.path)
    if question is None:
        return None
    return page._replace(path=f"/questions/{question[1]}", parameters=[], fragment="")


def _amazon(page: PageAddress) -> PageAddress | None:
    product = _PRODUCT.search(page.path)
    if product is None:
        return None
    return page._replace(path=f"/dp/{product[1].upper()}", parameters=[], fragment="")


def _google_documents(page: PageAddress) -> PageAddress | None:
    document = _DOCUMENT.match(page.path)
    if document is None:
        return None
    path = f"/{document[1]}/d/{document[2]}"
    return PageAddress("docs.google.com", path, [], "")


def _wikipedia(page: PageAddress) -> PageAddress | None:
    titles = [value for name, value in page.parameters if name == "title"]
    if not _WIKI.match(page.path) or len(page.parameters) != 1 or not titles:
        return None
    return page._replace(path=f"/wiki/{titles[0].replace(' ', '_')}", parameters=[])


_RULES: dict[str, _Rule] = {
    "x.com": _x,
    "youtube.com": _youtube,
    "youtu.be": _short_youtube,
    "arxiv.org": _arxiv,
    "github.com": _github,
    "reddit.com": _reddit,
    "redd.it": _short_reddit,
    "open.substack.com": _substack,
    "substack.com": _substack,
    "docs.google.com": _google_documents,
    "drive.google.com": _google_documents,
}
_RULES_OF_SITES: dict[str, _Rule] = {
    "medium.com": _medium,
    "scribe.rip": _medium,
    "stackexchange.com": _exchange,
    "wikipedia.org": _wikipedia,
    **dict.fromkeys(_EXCHANGES, _exchange),
}


def one_page(page: PageAddress) -> PageAddress:
    """The common form of all addresses of the page."""
    parent = page.host.partition(".")[2]
    rule = _RULES.get(page.host) or _RULES_OF_SITES.get(page.host) or _RULES_OF_SITES.get(parent)
    if rule is None and page.host.startswith("amazon."):
        rule = _amazon
    if rule is not None and (known := rule(page)) is not None:
        page = known
    path = page.path
    if page.host != "github.com" and not has_branches(page.host, path):  # these are files
        path = re.sub(r"/{2,}", "/", _INDEX.sub("/", _AMP_PATH.sub("", path)))
        path = _FORUM_TOPIC.sub(r"\1", path.rstrip("/"))
    path = path.rstrip("/") or "/"
    return page._replace(path=path, parameters=_named(page.host, path, page.parameters))


def has_branches(host: str, path: str) -> bool:
    """Whether `ref` names a branch on this site, as on GitLab, rather than a referrer."""
    return bool(_GITLAB_PATH.search(path) or _GIT_HOST.search(host))


def _named(host: str, path: str, parameters: QueryParameters) -> QueryParameters:
    """The parameters without those that this kind of site adds to its links."""
    if site_name(f"https://{host}/") in _NAMED_BY_PATH:
        return [pair for pair in parameters if _TELLING.fullmatch(pair[0])]
    if _SUBSTACK_POST.match(path):
        return [pair for pair in parameters if pair[0].lower() not in _OF_SUBSTACK]
    if _MEDIUM_POST.match(path):  # also on a custom domain
        return [pair for pair in parameters if pair[0].lower() not in _OF_MEDIUM]
    if _FORUM_TOPIC.match(path):  # Discourse adds the user who shared the link
        return [pair for pair in parameters if pair[0] != "u"]
    if _GITLAB_PATH.search(path):
        # It only distinguishes a branch from a tag in the path.
        return [pair for pair in parameters if pair[0] != "ref_type"]
    return parameters
