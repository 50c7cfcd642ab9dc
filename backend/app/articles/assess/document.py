"""An HTML page, parsed once into its texts, declarations and markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import html as lxml_html
from lxml.etree import XPath
from lxml.html import HtmlElement

from app.articles.phrasing import write_objects
from app.articles.styles import styles_of
from app.articles.tree import remove
from app.articles.visibility import remove_hidden
from app.text.words import count_words

MAX_MARKED = 400_000  # characters of scripts and attributes that are searched
MAX_SHOWN = 60_000
MAX_TITLE = 300
# A dialog with more than this share of the page's text is the page itself.
MAX_DIALOG_SHARE = 0.5
MIN_BODY = 400  # characters that must remain without the dialogs, otherwise they are the content

_TITLES = XPath("//title | //h1")
_HEADINGS = XPath("//h1 | //h2 | //h3")
_LINKED_HEADINGS = XPath(
    "count(//*[self::h2 or self::h3 or self::h4 or self::h5][a or ancestor::a])"
)
_META = XPath("//meta[@content]")
_CANONICAL = XPath("string(//link[@rel='canonical']/@href)")
_JSON_LD = XPath("//script[@type='application/ld+json']")
_MARKED = XPath(
    "//script/@src | //iframe/@src | //form/@action | //link/@href | //img/@src | //@id"
    " | //*[self::div or self::section or self::form or self::button or self::body]/@class"
    " | //script[not(@type='application/ld+json')]/text()"
)
_PASSWORD = XPath("boolean(//input[@type='password'])")
_FIELDS = XPath(
    "//form//input[not(@type) or @type='text' or @type='email' or @type='tel']"
    " | //form//select | //form//textarea"
)
# Forms around a text that ask to agree to something.
_AGREEMENTS = XPath(
    "//form[.//input[@type='checkbox']][.//button or .//input[@type='submit']][not(.//textarea)]"
)
_EMAIL = XPath(
    "//form[not(ancestor::header or ancestor::nav or ancestor::footer or ancestor::aside)]"
    "[.//input[@type='email']]"
)
_BEFORE = XPath("preceding::text()")
# A link that stands for an entry of a list.
_ENTRIES = XPath(
    "//a[@href][not(ancestor::nav or ancestor::aside or ancestor::footer or ancestor::header)]"
    "[parent::h2 or parent::h3 or parent::h4 or parent::li or parent::dt or parent::div]"
    "[not(preceding-sibling::node()[normalize-space()])]"
)
_ASIDE = XPath("//nav | //aside | //footer | //header[not(ancestor::article)]")
_UNSEEN = XPath("//script | //style | //template | //svg | //iframe | //comment()")
# Templates that a browser shows in their place.
_SHADOW_ROOTS = XPath("//template[@shadowrootmode]")
_NO_SCRIPT = XPath("//noscript")
_CONSENT_NAMES = (
    *(
        "onetrust",
        "didomi",
        "usercentrics",
        "cybotcookiebot",
        "cookiebot",
        "sp_message",
        "sp_privacy",
    ),
    *("qc-cmp", "truste", "trustarc", "borlabs", "iubenda", "klaro", "osano", "termly", "cmplz"),
    *("axeptio", "tarteaucitron", "fc-consent", "fc-dialog", "cookie-banner", "cookiebanner"),
    *(
        "cookie-consent",
        "cookieconsent",
        "cookie-notice",
        "cookie-law",
        "cookie-bar",
        "cookie-popup",
    ),
    *(
        "cookie-modal",
        "cookie-overlay",
        "cookie-wall",
        "cookiewall",
        "cookie_consent",
        "cookie_banner",
    ),
    *("cc-window", "cc-banner", "gdpr", "consent-banner", "consent-modal", "consent-manager"),
    *(
        "consent-popup",
        "consent-overlay",
        "consent-layer",
        "consent_layer",
        "cmpbox",
        "cmp-container",
    ),
    *("cmpwrapper", "_evidon", "eu-cookie", "privacy-banner", "ketch-", "transcend-consent"),
    *("lanyard_root", "cky-consent", "moove_gdpr", "wt-cli-cookie", "hu-cookies", "ch2-"),
)
_DIALOGS = XPath("//*[@role='dialog' or @role='alertdialog' or @aria-modal='true' or self::dialog]")
_NAMED = XPath("//body//*[@id or @class]")
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?true', re.IGNORECASE)
_ARTICLE_TYPE = re.compile(
    r'"@type"\s*:\s*\[?\s*"(?:News|Blog|Tech|Scholarly|Report|Opinion)?(?:Article|Posting)', re.I
)
_PAYWALL_MARKS = re.compile(
    r"paywall|piano-|regwall|meter(?:ed)?[-_]?(?:wall|content)|subscriber-only|subscription-wall"
    r"|paid-content|paidcontent|premium-wall|tp-modal|poool|locked-content|content-gate|gated-content"
    r"|restrict-content|pmpro_content_message|gh-post-upgrade-cta"
)
# The share of a page's text from which a form that asks to agree is the page.
MIN_AGREEMENT = 0.5
MIN_ENTRY_WORDS = 3
# Elements with an offer to subscribe or register in place of the text.
_OFFERS = re.compile(
    r"\b(?:gh-post-upgrade-cta|pmpro_content_message|access-?denial\w*|auth-?wall|join-form"
    r"|(?:reg|register|signup|login)-?wall)(?:\b|[-_])"
)


@dataclass(slots=True)
class Document:
    """The contents and declarations of a page.

    Attributes:
        tree: its markup without what is not shown and without consent dialogs.
        titles: the window's title, titles for sharing, and headings.
        marked: its scripts, addresses, ids and classes, in lower case.
        linked_headings: the number of headings that are links, such as those of other stories.
        entries: the number of links that stand for entries of a list.
        asks_to_agree: whether a form with a box to tick has most of its text.
        asks_address: whether a form in the first half of its text asks for an e-mail address.
        shown: all of its visible text, including navigation.
        told: its visible text without navigation, asides and footers.
        fields: the number of fields to fill in.
        dialogs: the text of the removed consent dialogs.
        offers: the text of the removed offers to subscribe or register.
        pictures: the properties that name a picture for previews, such as `og:image`.
        refresh: the target and delay of a `Refresh` header or its `meta` element, or None.
    """

    tree: HtmlElement
    title: str = ""
    titles: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    linked_headings: int = 0
    entries: int = 0
    asks_to_agree: bool = False
    asks_address: bool = False
    marked: str = ""
    shown: str = ""
    told: str = ""
    dialogs: str = ""
    offers: str = ""
    refresh: str = ""
    pictures: dict[str, str] = field(default_factory=dict)
    language: str = ""
    canonical: str = ""
    noindex: bool = False
    not_free: bool = False
    free: bool = False
    declares_article: bool = False
    asks_password: bool = False
    fields: int = 0
    names_paywall: bool = False


def parse_document(tree: HtmlElement) -> Document:
    """Parse a page's tree into a `Document`; what is not shown is removed from `tree`, and so are
    dialogs.
    """
    document = Document(tree)
    heads = [_line(one) for one in _TITLES(tree)[:8]]
    document.title = heads[0] if heads else ""
    document.titles = [head for head in heads if head]
    _read_meta(document)
    document.language = (tree.get("lang") or "").lower()
    document.canonical = _CANONICAL(tree)
    declared = " ".join(one.text_content() for one in _JSON_LD(tree))
    document.not_free = _NOT_FREE.search(declared) is not None
    document.free = _FREE.search(declared) is not None and not document.not_free
    document.declares_article |= _ARTICLE_TYPE.search(declared) is not None
    document.marked = "\n".join(map(str, _MARKED(tree)))[:MAX_MARKED].lower()
    document.names_paywall = _PAYWALL_MARKS.search(document.marked) is not None
    document.asks_password = bool(_PASSWORD(tree))
    document.fields = len(_FIELDS(tree))
    styles = styles_of(tree)
    write_objects(tree)
    for root in _SHADOW_ROOTS(tree):
        root.drop_tag()
    for element in _UNSEEN(tree):
        remove(element)
    document.dialogs = _without_dialogs(tree)
    document.offers = _without_offers(tree)
    remove_hidden(tree, styles)
    document.linked_headings = int(_LINKED_HEADINGS(tree))
    document.headings = [_line(one) for one in _HEADINGS(tree)[:12]]
    document.entries = sum(count_words(text_of(one)) >= MIN_ENTRY_WORDS for one in _ENTRIES(tree))
    document.shown = text_of(tree)
    agreed = max((len(text_of(one)) for one in _AGREEMENTS(tree)), default=0)
    document.asks_to_agree = agreed > MIN_AGREEMENT * len(document.shown)
    before = min((sum(map(len, _BEFORE(one))) for one in _EMAIL(tree)[:3]), default=None)
    document.asks_address = before is not None and before < len(document.shown) / 2
    aside = [one for one in _ASIDE(tree) if one.find(".//article") is None]
    document.told = document.shown
    for element in aside:
        if words := text_of(element):
            document.told = document.told.replace(words, " ", 1)
    noscripts = _NO_SCRIPT(tree)
    if len(document.shown) > MIN_BODY + sum(len(one.text_content()) for one in noscripts):
        for element in noscripts:
            remove(element)
    return document


def text_of(element: HtmlElement) -> str:
    """The text of an element, its pieces separated by spaces."""
    return " ".join(" ".join(element.itertext()).split())[:MAX_SHOWN]


def _line(heading: HtmlElement) -> str:
    return " ".join(heading.text_content()[:MAX_TITLE].split())


def _read_meta(document: Document) -> None:
    for meta in _META(document.tree):
        name = (meta.get("name") or meta.get("property") or meta.get("http-equiv") or "").lower()
        content = meta.get("content")
        match name:
            case "og:title" | "twitter:title":
                document.titles.append(content[:MAX_TITLE])
            case "og:type":
                document.declares_article |= content.lower() == "article"
            case "robots" | "googlebot":
                document.noindex |= "noindex" in content.lower()
            case "refresh":
                document.refresh = content
            case "twitter:image":
                document.pictures.setdefault(name, content[:MAX_MARKED])
            case _ if name == "og:image" or name.startswith("og:image:"):
                # The first picture is the page's own, if there are several.
                document.pictures.setdefault(name, content[:MAX_MARKED])
            case "article:content_tier":
                document.not_free |= content.lower() in ("locked", "metered")


def _without_dialogs(tree: HtmlElement) -> str:
    """Remove overlays, mainly consent dialogs. Returns their text."""
    dialogs = _DIALOGS(tree)
    named = [(element, _names_of(element)) for element in _NAMED(tree)]
    all_names = "\n".join(names for _, names in named)
    for consent in (name for name in _CONSENT_NAMES if name in all_names):
        dialogs += [element for element, names in named if consent in names]
    if not dialogs:
        return ""
    whole = len(text_of(tree))
    removed = []
    for dialog in dialogs:
        if dialog.getparent() is None:
            continue
        words = text_of(dialog)
        holds_the_page = dialog.find(".//article") is not None or dialog.find(".//main") is not None
        if holds_the_page or whole - len(words) < min(MIN_BODY, len(words)):
            continue
        removed.append(words)
        whole -= len(words)
        remove(dialog)
    return " ".join(removed)


def _without_offers(tree: HtmlElement) -> str:
    """Remove elements that ask to subscribe or register. Returns their text."""
    removed = []
    for element in _NAMED(tree):
        offers = _OFFERS.search(_names_of(element))
        if offers and element.tag != "body" and element.find(".//article") is None:
            removed.append(text_of(element))
            remove(element)
    return " ".join(removed)


def _names_of(element: HtmlElement) -> str:
    """The id and the classes of an element, in lower case."""
    return f"{element.get('id', '')} {element.get('class', '')}".lower()


def parsed(markup: str) -> HtmlElement | None:
    """The tree of a page, as the extractor parses it; None if there is no markup."""
    from trafilatura import load_html

    tree = load_html(markup)
    return tree if isinstance(tree, lxml_html.HtmlElement) else None
