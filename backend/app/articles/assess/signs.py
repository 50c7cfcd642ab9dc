"""Measures a page: signs, in numbers, of a wall in front of an article, in any language.

Unlike phrases they need not be known word by word: how much of the page speaks of the site and its
visitor, how much prose there is besides, whether the page's titles have the words of its address,
whether a form leads on to the story, and what its developers call its elements.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml.etree import XPath

from app.articles.assess import site_words
from app.articles.assess.case import MIN_WORDS, Case
from app.articles.assess.document import Document, text_of
from app.articles.assess.language import is_english
from app.articles.assess.outcomes import WALLS
from app.articles.assess.phrases import normalised
from app.articles.assess.related import (
    MIN_SHARED,
    MIN_TITLE_WORDS,
    agreement_of,
    is_about_something_else,
    number_of_words,
    shared_part,
    without_site,
)
from app.articles.assess.topics import is_product, is_topic_of
from app.text.language_words import alternatives
from app.text.sentences import split
from app.text.words import count_words

MAX_MEASURED = 12_000  # characters of the text
MIN_NAMES, MAX_NAMES = 5, 5000
MIN_PROSE = 8  # words of a sentence
MIN_PARAGRAPH = 25  # words
MIN_SUBJECT = 0.15  # the share of the text from which a subject is frequent
_QUESTION = ("?", "？", "؟")
_GATES = re.compile(
    r"captcha|challeng|verif|age-?_?(?:check|gate|verif)|agegate|agecheck|log-?_?in|sign-?_?in"
    r"|regist|auth|denied|block(?:ed|page)|forbidden|barrier|paywall|regwall|offer|subscri|consent"
    r"|cookie|gdpr|cmp|interstitial|gate(?![a-z])|wall(?![a-z])|geo(?![a-z])|error|err(?![a-z])"
    r"|maint|notfound|not-found|404|expired|park|domain|sale|unavailable|restrict|premium|teaser"
    r"|popup|modal|overlay|splash|qr(?![a-z])|download|appstore|confirm|robot|human"
)
_NAMES = XPath(
    "//body/@class | //body/@id | //body//*[not(self::a)]/@id | //body//*[not(self::a)]/@class"
    " | //form/@action | //input/@name | //button/@name"
)
_BUTTONS = XPath("count(//button | //input[not(@type='hidden')] | //select)")
# Forms of the page itself, without those to comment.
_FORMS = XPath(
    "//form[not(ancestor::header or ancestor::nav or ancestor::footer or ancestor::aside)]"
    "[not(.//textarea)]"
)
_SENT_ON = XPath(".//input[@type='hidden']/@value | @action[contains(., '?')]")
_PARAGRAPHS = XPath("//p")
_ARTICLE = XPath("boolean(//article)")
_SLUG_WORD = re.compile(r"[^\W\d_]{4,}")
_VISITOR = re.compile(
    rf"\b(?:{alternatives('pages.visitor')})\b|{alternatives('pages.visitor_anywhere')}",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    rf"\b(?:{alternatives('pages.author')})\b|{alternatives('pages.author_anywhere')}"
)
# What gates and error pages call the page that they show instead of.
_REQUESTED = re.compile(
    rf"\b(?:{alternatives('pages.requested')})|{alternatives('pages.requested_anywhere')}",
    re.IGNORECASE,
)
STEM = 5  # characters; the rest is mostly an ending
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Signs:
    """What was measured of a page.

    Attributes:
        values: the signs by name, each roughly between 0 and 1, or a logarithm.
        subject: what of itself the page speaks of most (site_words.toml); empty if of nothing.
    """

    values: Mapping[str, float]
    subject: str


def measure(case: Case, document: Document) -> Signs:
    """The signs of a page."""
    text = (case.text if count_words(case.text) >= MIN_WORDS else document.shown)[:MAX_MEASURED]
    heads = [one for one in document.titles[:2] if one]
    english = is_english(text, document.language)
    spoken = _Spoken(text, english=english)
    values = {
        **spoken.signs(),
        **_of_markup(document),
        **_of_prose(document, case.text),
        **_of_story(case, document, text),
        "head": _of_heads(heads, case.expected.title, english=english),
        "address_recurs": _address_recurs(case.expected.url, " ".join(document.titles[:3])),
        "requested": float(_REQUESTED.search(normalised(text)) is not None),
        "returns": float(_returns_to(case.expected.url, document)),
    }
    return Signs(values, spoken.subject)


class _Spoken:
    """A text's sentences with the subjects that they speak of."""

    def __init__(self, text: str, *, english: bool) -> None:
        self._sentences = split(text)
        self._subjects = [site_words.subjects_in(one, english=english) for one in self._sentences]
        self._lengths = [count_words(one) for one in self._sentences]
        self._words = max(1, sum(self._lengths))
        self._by_subject = Counter[str]()
        for said, length in zip(self._subjects, self._lengths, strict=True):
            self._by_subject.update(dict.fromkeys(said, length))

    @property
    def subject(self) -> str:
        return max(self._by_subject, key=self._by_subject.__getitem__, default="")

    def signs(self) -> dict[str, float]:
        own = several = run = longest = visitor = author = questions = 0
        pairs = zip(self._sentences, self._subjects, self._lengths, strict=True)
        for sentence, said, length in pairs:
            most = max(said.values(), default=0)
            own += length if not said and length >= MIN_PROSE else 0
            several += length if most > 1 else 0
            run = 0 if most > 1 else run + length
            longest = max(longest, run)
            visitor += length if _VISITOR.search(sentence) else 0
            author += length if length >= MIN_PROSE and _AUTHOR.search(sentence) else 0
            questions += sentence.endswith(_QUESTION)
        frequent = [n for n in self._by_subject.values() if n > MIN_SUBJECT * self._words]
        return {
            "words": math.log(self._words / 100),
            "own_words": math.log((own + 5) / 50),
            "longest": math.log((longest + 5) / 50),
            "top_subject": max(self._by_subject.values(), default=0) / self._words,
            "several": several / self._words,
            "subjects": len(frequent) / 4,
            "visitor": visitor / self._words,
            "author": author / self._words,
            "questions": questions / max(1, len(self._sentences)),
        }


def _of_markup(document: Document) -> dict[str, float]:
    tree = document.tree
    names = {one.lower() for each in _NAMES(tree)[:MAX_NAMES] for one in each.split()}
    gates = sum(_GATES.search(one) is not None for one in names)
    shown = max(1, count_words(document.shown))
    return {
        "gates": gates / max(MIN_NAMES, len(names)),
        "buttons": min(1.0, 20 * _BUTTONS(tree) / shown),
        "article": float(_ARTICLE(tree)),
        "noindex": float(document.noindex),
    }


def _of_prose(document: Document, text: str) -> dict[str, float]:
    lengths = [count_words(text_of(one)) for one in _PARAGRAPHS(document.tree)]
    return {
        "kept": min(1.0, count_words(text) / max(1, count_words(document.shown))),
        "paragraphs": math.log(1 + sum(length >= MIN_PARAGRAPH for length in lengths)),
    }


def _returns_to(url: str, document: Document) -> bool:
    """Whether a form leads on to the story's address, as those of gates do."""
    place = urlsplit(url).path
    sent = (value for form in _FORMS(document.tree) for value in _SENT_ON(form))
    return len(place) > 1 and any(place in unquote(value) for value in sent)


def _of_story(case: Case, document: Document, text: str) -> dict[str, float]:
    title, agreement = case.expected.title, agreement_of(case)
    compared = number_of_words(without_site(title, case.url)) >= MIN_TITLE_WORDS
    unrelated = compared and agreement < MIN_SHARED and is_about_something_else(case)
    return {
        "agreement": agreement,
        "spoken": shared_part(title, _without(title, text)) or 0.0,
        "unrelated": float(unrelated),
        "topic": float(any(is_topic_of(one, title) for one in WALLS)),
        "product": float(is_product(title)),
    }


def _of_heads(heads: Sequence[str], title: str, *, english: bool) -> float:
    """How much the page's titles speak of the site, as far as the story's does not."""
    known = site_words.subjects_in(title, english=True)
    named = site_words.subjects_in(" ".join(heads), english=english).keys() - known.keys()
    return min(2, len(named)) / 2


def _without(heading: str, text: str) -> str:
    """A text without a heading that it repeats once."""
    return normalised(text).replace(normalised(heading), " ", 1) if heading else text


def _address_recurs(url: str, text: str) -> float:
    """The share of the words of the story's address that a text has; 0.3 if it has none."""
    places = [one for one in unquote(urlsplit(url).path).split("/") if one]
    wanted = _beginnings(places[-1]) if places else set()
    return len(wanted & _beginnings(text)) / len(wanted) if wanted else 0.3


def _beginnings(text: str) -> set[str]:
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    plain = "".join(one for one in parts if not unicodedata.combining(one))
    return {one[:STEM] for one in _SLUG_WORD.findall(plain)}
