"""The evidence for each outcome: status, markup, title, address and content, with weights."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from urllib.parse import urlsplit

from app.articles.assess.case import MEDIUM_WORDS, MIN_WORDS, Case
from app.articles.assess.document import Document
from app.articles.assess.hits import Hits
from app.articles.assess.markers import mark_of_parking, vendor_of_challenge
from app.articles.assess.outcomes import WALLS, PageOutcome
from app.articles.assess.phrases import phrases_in, unquoted
from app.articles.assess.related import (
    MIN_SHARED,
    MIN_TITLE_WORDS,
    agreement_of,
    foreign_outcomes,
    is_about_something_else,
    number_of_words,
    shared_part,
    without_site,
)
from app.text.language_words import alternatives
from app.text.sentences import split
from app.text.words import count_words

# A form with this many fields is a wall.
MIN_FORM_FIELDS = 4
# A page that declares itself paid, but shows this many words, is free enough.
FREE_WORDS = 300
# An offer to subscribe is at the end: the number of sentences to look at.
LAST_SENTENCES = 4
MAX_END = 2000  # characters, which mostly have that many sentences
# The share of a text's longer words that occur repeatedly; generated nonsense has less.
MIN_REPEATED = 0.12
MIN_BABBLE_WORDS = 120
# A page with fewer words, none of them its story's, is something else in any language.
MAX_UNRELATED = 150
# A list of other stories has at least this many entries.
MIN_ENTRIES = 3
# The share of its text from which a page that mentions consent is a consent wall.
MIN_CONSENT = 0.3

_LOGIN_PLACE = re.compile(
    r"//(?:login|signin|sso|auth|accounts?|id)\.[\w-]"
    r"|/(?:log-?in|sign-?in|sign-?up|auth|sso|users/sign_in)(?:[/?#.]|$)",
    re.IGNORECASE,
)
_CONSENT = alternatives("pages.consent_in_addresses")
_CONSENT_PLACE = re.compile(
    rf"//(?:[\w-]+\.)*(?:{_CONSENT}|cmp|guce|privacy|privacymanager|myprivacy)\.[\w-]"
    rf"|/(?:{_CONSENT}|collectconsent|cookie-?wall|privacy-?gate|cookie-consent)(?:[/?#.]|$)",
    re.IGNORECASE,
)
_ERROR_PLACE = re.compile(r"/(?:404|not-?found|page-not-found)(?:[/?#.]|$)", re.IGNORECASE)
_BROWSERS = frozenset(("javascript", "chrome", "firefox", "safari"))
_MECHANICS = re.compile(
    r"(?<![a-z])(javascript|cookies?|vpn|captcha|recaptcha|adblock\w*|chrome|firefox|safari)(?![a-z])",
    re.IGNORECASE,
)
_MONEY = (
    r"(?:[$€£¥₹]\s?\d[\d.,]*|(?:Rp|US\$|CHF|EUR|USD)\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€$£]|\w{2,7}))"
)
_MONTH = rf"(?:{alternatives('pages.periods')})\b"
_CURRENCY = (
    r"(?:[$€£¥₹]\s?\d|\d[\d.,]*\s?"
    rf"(?:[€$£]|euros?\b|eur\b|usd\b|chf\b|kr\b|{alternatives('pages.currencies')}|dollars?\b))"
)
_PRICES = re.compile(
    rf"{_MONEY}.{{0,20}}?\b{_MONTH}|\b{_MONTH}.{{0,12}}?{_CURRENCY}"
    rf"|\d.{{0,3}}(?:{alternatives('pages.currencies_anywhere')}).{{0,6}}(?:{alternatives('pages.periods_anywhere')})",
    re.IGNORECASE,
)
# "640 partnerov", "nos 812 partenaires"; nearly all languages use this word.
_PARTNERS = re.compile(rf"\b\d[\d.,\s]{{1,5}}(?:\w+\s)?(?:{alternatives('pages.partners')})")
_COOKIES = re.compile(alternatives("pages.cookies"))
_LONG_WORD = re.compile(r"[^\W\d_]{6,}")
# Requests that blogs append to complete posts.
_NEWSLETTER = re.compile(
    r"\bnew (?:posts?|articles?|essays?)\b|newsletter|\binbox\b|\bby (?:e-?)?mail\b|\brss\b",
    re.IGNORECASE,
)
# What interpreters and databases print.
_MESSAGE = re.compile(
    r"\b(?:warning|notice|fatal error|parse error|deprecated|uncaught \w+|\w+ database error)\b: ?"
    r"|\bon line \d+\b|^\s*(?:select|insert|update) .+\b(?:from|into|set)\b"
    r"|traceback \(most recent|^\s+at [\w.$<>]+\(",
    re.IGNORECASE,
)
# The share of a text from which such messages are the page.
MIN_MESSAGES = 0.3
# What lists of stories and results of searches call themselves.
_LISTING = re.compile(
    rf"\b(?:{alternatives('pages.listings')})|{alternatives('pages.listings_anywhere')}",
    re.IGNORECASE,
)
# Scripts with which gates ask whether the visitor may go on, and then do.
_WAITS = re.compile(r"settimeout|setinterval|fetch\(")
_GOES_ON = re.compile(r"location(?:\.href)?\s*=|location\.(?:reload|replace|assign)\(")
_ENDS_EARLY = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")


def by_status(case: Case) -> None:
    outcome, weight = PageOutcome.ARTICLE, 0.0
    match case.status:
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            outcome, weight = PageOutcome.NOT_FOUND, 6.0
        case HTTPStatus.PAYMENT_REQUIRED:
            outcome, weight = PageOutcome.PAYWALL, 6.0
        case HTTPStatus.UNAUTHORIZED:
            outcome, weight = PageOutcome.SIGN_IN, 4.0
        case HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
            outcome, weight = PageOutcome.ERROR, 6.0
        case HTTPStatus.FORBIDDEN:
            outcome, weight = PageOutcome.ROBOT_CHECK, 2.0
        case status if status >= HTTPStatus.BAD_REQUEST:
            outcome, weight = PageOutcome.ERROR, 2.5
    case.add(outcome, weight, f"status {case.status}")


def by_phrases(case: Case, hits: Hits) -> None:
    for outcome in WALLS:
        phrases = ", ".join(sorted(hits.phrases(outcome))[:4])
        case.add(outcome, hits.weight(outcome), f"{hits.share(outcome):.0%}: {phrases}")


def by_markup(case: Case, document: Document, hits: Hits) -> None:
    """Vendors' markers, forms, and the page's own declarations."""
    if vendor := vendor_of_challenge(case.headers, document.marked):
        case.marked = True
        case.add(PageOutcome.ROBOT_CHECK, 4.5, vendor)
    if mark := mark_of_parking(document.marked):
        case.marked = True
        case.add(PageOutcome.PARKED, 9.0, mark)  # no article has such a script
    refresh = case.headers.get("refresh") or document.refresh
    if refresh and hits.words < MEDIUM_WORDS:
        case.add(PageOutcome.ROBOT_CHECK, 0.5, "refresh")
    if document.asks_password and hits.words < MEDIUM_WORDS:
        case.add(PageOutcome.SIGN_IN, 1.0, "password field")
    if document.dialogs and count_words(case.text) < MIN_WORDS:
        case.add(PageOutcome.CONSENT, Hits(document.dialogs).weight(PageOutcome.CONSENT), "dialog")
    if document.fields >= MIN_FORM_FIELDS and hits.words < MEDIUM_WORDS:
        case.add(PageOutcome.SIGN_IN, 1.5, f"{document.fields} fields")
    if document.not_free and hits.words < FREE_WORDS:
        case.add(PageOutcome.PAYWALL, 4.0, "declared not free")
    if hits.words < MEDIUM_WORDS and _waits_and_goes_on(document.marked):
        case.add(PageOutcome.ROBOT_CHECK, 1.5, "a script that waits and goes on")
    inside = hits.phrases(PageOutcome.PAYWALL)
    prompts = _prompts(document) - inside
    end = "\n".join(_last_sentences(case.text))
    offers = not _NEWSLETTER.search(end) and bool(Hits(end).phrases(PageOutcome.PAYWALL))
    signs = sum(
        (
            document.not_free,
            document.names_paywall,
            _ENDS_EARLY.search(case.text) is not None,
            offers and hits.words < MEDIUM_WORDS,
        )
    )
    if (prompts or inside) and not document.free:
        number = len(prompts | inside)
        weight = (0.0, 1.0, 2.0, 3.0)[min(number, 3)] + signs
        if number == 1 and not signs:
            weight = 0.5
        case.add(
            PageOutcome.PAYWALL, weight, f"prompts, {signs} signs: {', '.join(sorted(prompts)[:3])}"
        )


def _last_sentences(text: str) -> list[str]:
    found = split(text[-MAX_END:])
    # The first one may have lost its beginning.
    return (found if len(found) > LAST_SENTENCES else split(text))[-LAST_SENTENCES:]


def by_headings(case: Case, document: Document) -> None:
    """The page's headings."""
    heading = " ".join(document.headings[:3])
    for outcome in {PageOutcome(one.outcome) for one in phrases_in(unquoted(heading))}:
        case.add(outcome, 1.5, f"heading {heading[:60]!r}")


def by_mechanics(case: Case, hits: Hits) -> None:
    """International words with which pages describe themselves."""
    if hits.words >= MEDIUM_WORDS or _MECHANICS.search(case.expected.title):
        return
    found = {word.lower() for word in _MECHANICS.findall(case.text)}
    weight = (0.0, 0.5, 1.0, 2.0)[min(len(found), 3)]
    outcome = PageOutcome.ERROR if found & _BROWSERS else PageOutcome.ROBOT_CHECK
    if case.weights[PageOutcome.ROBOT_CHECK] > case.weights[PageOutcome.ERROR]:
        outcome = PageOutcome.ROBOT_CHECK
    case.add(outcome, weight, f"speaks of {', '.join(sorted(found))}")


def by_prices(case: Case, document: Document, hits: Hits) -> None:
    """A price per week or month, in a short text or beside one with an offer to read on."""
    if hits.words >= MEDIUM_WORDS:
        return
    if hits.phrases(PageOutcome.PAYWALL):
        prices = len(_PRICES.findall(case.text))
        case.add(PageOutcome.PAYWALL, (0.0, 0.5, 2.0)[min(prices, 2)], f"{prices} prices")
    elif _prompts(document) and _PRICES.search(document.shown):
        case.add(PageOutcome.PAYWALL, 1.5, "a price beside the text")


def _prompts(document: Document) -> set[str]:
    """The phrases of paywalls anywhere on the page."""
    shown = phrases_in(unquoted(f"{document.told} {document.dialogs} {document.offers}"))
    return {one.words for one in shown if one.outcome == PageOutcome.PAYWALL}


def by_cookies(case: Case, document: Document, hits: Hits) -> None:
    """A consent wall in a language without phrases: a number of partners, and cookies."""
    about = case.expected.title.lower()
    read = case.text if count_words(case.text) >= MIN_WORDS else document.dialogs or document.shown
    if hits.words >= FREE_WORDS or _COOKIES.search(about) or _PARTNERS.search(about):
        return
    sentences = split(read.lower())
    said = [one for one in sentences if _COOKIES.search(one) or _PARTNERS.search(one)]
    share = sum(map(len, said)) / max(1, sum(map(len, sentences)))
    if (
        share >= MIN_CONSENT
        and any(map(_PARTNERS.search, said))
        and any(map(_COOKIES.search, said))
    ):
        case.add(PageOutcome.CONSENT, 2.0, "partners and cookies")


def by_title(case: Case, document: Document) -> None:
    for title in document.titles[:3]:
        for outcome in foreign_outcomes(title, case.expected.title):
            if f"title {outcome}" not in case.why:
                case.add(outcome, 2.0, f"title {title[:60]!r}")
                return


def _waits_and_goes_on(scripts: str) -> bool:
    return _WAITS.search(scripts) is not None and _GOES_ON.search(scripts) is not None


def by_listing(case: Case, document: Document) -> None:
    """A list of other stories, or results of a search, in place of the story."""
    about = case.expected.title
    lists = bool(_LISTING.search(f"{document.title} {' '.join(document.headings[:1])}"))
    if not lists and shared_part(about, case.text) in (None, 0.0):
        lists = len({one.lower() for one in _LISTING.findall(document.told)}) > 1
    if about and lists and max(document.entries, document.linked_headings) >= MIN_ENTRIES:
        case.unrelated = True
        case.add(PageOutcome.NOT_FOUND, 3.0, "a list of other stories")


def by_forms(case: Case, document: Document) -> None:
    """A form in place of the story: terms to agree to, or an address to leave for a price."""
    if document.asks_to_agree:
        case.unrelated = True
        case.add(PageOutcome.CONSENT, 3.0, "a form to agree to")
    spoken = shared_part(without_site(case.expected.title, case.url), case.text) or 0.0
    if document.asks_address and spoken < MIN_SHARED and _PRICES.search(case.text):
        case.unrelated = True
        case.add(PageOutcome.PAYWALL, 3.0, "a form for an address, and a price")


def by_place(case: Case, document: Document) -> None:
    """The page's own address, compared with the story's."""
    if case.url != case.expected.url:
        for outcome, place in (
            (PageOutcome.SIGN_IN, _LOGIN_PLACE),
            (PageOutcome.CONSENT, _CONSENT_PLACE),
            (PageOutcome.NOT_FOUND, _ERROR_PLACE),
        ):
            if place.search(case.url) and not place.search(case.expected.url):
                case.add(outcome, 1.5, "address")
        asked, given = urlsplit(case.expected.url), urlsplit(case.url)
        if len(asked.path) > 1 and len(given.path) <= 1 and not given.query:
            case.add(PageOutcome.NOT_FOUND, 1.0, "sent to the root")
    host = (urlsplit(case.url).hostname or "").removeprefix("www.")
    heads = " ".join(document.titles[:2])
    if host and host in heads.lower() and Hits(f"{heads}\n{case.text}").phrases(PageOutcome.PARKED):
        case.add(PageOutcome.PARKED, 8.0, "the domain itself is the title")
    path = urlsplit(case.url).path
    canonical = urlsplit(document.canonical)
    if len(path) > 1 and document.canonical and len(canonical.path) <= 1 and not canonical.query:
        spoken = shared_part(case.expected.title, case.text) or 0.0
        elsewhere = not agreement_of(case) and spoken < MIN_SHARED
        case.add(PageOutcome.NOT_FOUND, 5.0 if elsewhere else 0.5, "canonical is the root")
    if document.noindex:
        for outcome in set(case.weights):
            case.add(outcome, 0.5, "noindex")


def by_messages(case: Case, document: Document) -> None:
    """Messages of programs that failed, instead of a text."""
    sentences = case.text.split("\n")
    said = sum(len(one) for one in sentences if _MESSAGE.search(one))
    if said > MIN_MESSAGES * len(case.text) and agreement_of(case) < 0.5:
        case.add(PageOutcome.ERROR, 6.0, "messages of programs")


def by_content(case: Case, document: Document, hits: Hits) -> None:
    """Content about something other than the story, or generated nonsense."""
    if not is_about_something_else(case):
        return
    case.unrelated = True
    said = [outcome for outcome in WALLS if hits.phrases(outcome)]
    for outcome in said:
        case.add(outcome, 1.5, "nothing of the story anywhere")
    title = without_site(case.expected.title, case.url)
    telling = number_of_words(title) >= MIN_TITLE_WORDS or said
    if telling and not document.declares_article and count_words(document.shown) < MAX_UNRELATED:
        likeliest = max(said, key=case.weights.__getitem__, default=PageOutcome.ROBOT_CHECK)
        case.add(likeliest, 2.0, "short, and nothing of the story")
    if hits.words < MIN_BABBLE_WORDS or document.declares_article:
        return
    long_words = _LONG_WORD.findall(case.text.lower())
    counts = Counter(word[:6] for word in long_words)
    repeated = sum(n for n in counts.values() if n > 1) / max(1, len(long_words))
    if document.noindex or repeated < MIN_REPEATED:
        case.add(PageOutcome.ROBOT_CHECK, 4.5, f"babble, {repeated:.0%} repeated")
