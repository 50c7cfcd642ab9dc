"""Measures a page: signs, in numbers, of a wall in front of an article, in any language.

Unlike phrases they need not be known word by word: how much of the page speaks of the site and its
visitor, how much prose there is besides, whether the page's own title and the words of its address
recur in its text, and what its developers call its elements.
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
from app.articles.assess.document import Document
from app.articles.assess.language import is_english
from app.articles.assess.outcomes import WALLS
from app.articles.assess.phrases import normalised
from app.articles.assess.related import agreement_of, is_about_something_else, shared_part
from app.articles.assess.topics import is_product, is_topic_of
from app.text.language_words import alternatives
from app.text.sentences import split
from app.text.words import count_words

MAX_MEASURED = 12_000  # characters of the text
MIN_NAMES, MAX_NAMES = 5, 5000
MIN_PROSE = 8  # words of a sentence
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
_LINKS = XPath("count(//a[@href])")
_ARTICLE = XPath("boolean(//article)")
_SLUG_WORD = re.compile(r"[^\W\d_]{4,}")
_SEPARATOR = re.compile(r"\s+[|·•‹›»«~–—-]+\s+|[｜：]")
_VISITOR = re.compile(
    rf"\b(?:{alternatives('pages.visitor')})\b|{alternatives('pages.visitor_anywhere')}",
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
        **_of_story(case, document, text),
        "head": _of_heads(heads, case.expected.title, english=english),
        "title_recurs": _recurs(heads, text),
        "address_recurs": _address_recurs(case.expected.url, " ".join([*heads, text])),
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
        own = several = run = longest = visitor = questions = 0
        pairs = zip(self._sentences, self._subjects, self._lengths, strict=True)
        for sentence, said, length in pairs:
            most = max(said.values(), default=0)
            own += length if not said and length >= MIN_PROSE else 0
            several += length if most > 1 else 0
            run = 0 if most > 1 else run + length
            longest = max(longest, run)
            visitor += length if _VISITOR.search(sentence) else 0
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
        "links": min(1.0, 5 * _LINKS(tree) / shown),
        "article": float(_ARTICLE(tree)),
        "noindex": float(document.noindex),
    }


def _of_story(case: Case, document: Document, text: str) -> dict[str, float]:
    title = case.expected.title
    return {
        "agreement": agreement_of(case),
        "spoken": shared_part(title, _without(title, text)) or 0.0,
        "unrelated": float(is_about_something_else(case)),
        "topic": float(any(is_topic_of(one, title) for one in WALLS)),
        "product": float(is_product(title)),
        "root": float(urlsplit(case.expected.url).path in ("", "/")),
    }


def _of_heads(heads: Sequence[str], title: str, *, english: bool) -> float:
    """How much the page's titles speak of the site, as far as the story's does not."""
    known = site_words.subjects_in(title, english=True)
    named = site_words.subjects_in(" ".join(heads), english=english).keys() - known.keys()
    return min(2, len(named)) / 2


def _recurs(heads: Sequence[str], text: str) -> float:
    """The share of the words of the page's titles that its text has besides the titles."""
    parts = [part.strip() for head in heads for part in _SEPARATOR.split(head)]
    body = text
    for part in parts:
        body = _without(part, body)
    return max((shared_part(part, body) or 0.0 for part in parts), default=0.0)


def _without(heading: str, text: str) -> str:
    """A text without a heading that it repeats once."""
    return normalised(text).replace(normalised(heading), " ", 1) if heading else text


def _address_recurs(url: str, text: str) -> float:
    """The share of the words of the story's address that the page has; 0.5 if it has none."""
    places = [one for one in unquote(urlsplit(url).path).split("/") if one]
    wanted = _beginnings(places[-1]) if places else set()
    return len(wanted & _beginnings(text)) / len(wanted) if wanted else 0.5


def _beginnings(text: str) -> set[str]:
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    plain = "".join(one for one in parts if not unicodedata.combining(one))
    return {one[:STEM] for one in _SLUG_WORD.findall(plain)}
