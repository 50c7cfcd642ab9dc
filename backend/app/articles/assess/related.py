"""Decides whether a page is about its story, by the words of the story's title."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from app.articles.assess.case import Case
from app.articles.assess.language import are_comparable
from app.articles.assess.outcomes import PageOutcome
from app.articles.assess.phrases import normalised, outcomes_of_title
from app.articles.assess.topics import is_topic_of
from app.text import language_words
from app.text.words import count_words

# With fewer words, two texts cannot be compared.
MIN_COMPARED = 2
MIN_SHARED = 0.34
# A title with fewer words says little by what is missing on a page.
MIN_TITLE_WORDS = 3
# The share of the story's title that must be in the title of a matching page.
MIN_PROMISED = 0.5
STEM = 5  # characters; the rest is mostly an ending
# A smaller share of pieces of words occurs in any text.
MIN_PIECES_SHARED = 0.15
_WORD = re.compile(r"[^\W_]{3,}")
# Scripts without spaces between words, or with marks inside them, are compared in pieces.
_PIECED = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
    "|[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
# Pieces of a short title seldom recur, but its subject may be one or two characters.
_CHARACTER = re.compile("[\u3400-\u9fff]")
MIN_CHARACTERS_SHARED = 0.4
_IDEOGRAPHIC = "\u3000"
_MARKS = ".,:;!?()[]\"'“”‘’"
_KIND_OF_STORY = re.compile(r"^(?:show|ask|tell|launch) hn: ", re.IGNORECASE)
_COMMON_WORDS = """
the and for with from how why what when who are was were this that your you not can has have its
into than then out about over more new now all use using show pdf video
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_FUNCTION_WORDS = language_words.words("claims.stopwords") | language_words.words(
    "language.commonest"
)
# In a short text, one word of a title that has five may occur by chance.
MAX_SHARED_BY_CHANCE = 0.2
MAX_SHORT_WORDS = 100
# Dates do not indicate the subject.
_DATE = re.compile(
    r"\b(?:(?:19|20)\d\d|jan(?:uary)?|feb(?:ruary)?|march|april|june|july|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b",
    re.IGNORECASE,
)


def mentions_title(title: str, text: str) -> bool:
    """Whether a text contains words of a story's title; true if there are too few to compare."""
    shared = shared_part(title, text)
    return shared is None or shared > MIN_SHARED


def agreement_of(case: Case) -> float:
    """The share of the story's words in the page's titles, between 0 and 1.

    The window's title and, more so, titles for sharing count only where the text is about the
    story too: a wall may be served with those of the article behind it. Headings always count.
    """
    document, about = case.document, case.expected.title
    if document is None:
        return 1.0 if not case.failed else 0.0
    said = _without_function_words(without_site(about, case.url))
    spoken = shared_part(said, case.text) or 0.0
    titles = document.headings[:2]
    if spoken >= MIN_SHARED:
        titles = document.titles
    elif spoken > MAX_SHARED_BY_CHANCE:
        titles = [document.title, *titles]
    titles = [title for title in titles if title and not foreign_outcomes(title, about)]
    shared = shared_part(about, " ".join(titles)) or 0.0
    # "Now" is too short to be compared, but is a part of "What I'm doing now".
    inside = any(f" {normalised(title)} " in f" {normalised(about)} " for title in titles)
    return max(shared, MIN_PROMISED) if inside else shared


def foreign_outcomes(title: str, about: str) -> set[PageOutcome]:
    """The outcomes that a page's title names, unless the story's title explains them."""
    named = {PageOutcome(one) for one in outcomes_of_title(title, about)}
    if (shared_part(about, title) or 0.0) < MIN_PROMISED:
        return named
    return {one for one in named if not is_topic_of(one, about)}


def is_about_something_else(case: Case) -> bool:
    """Whether the page has no word of the story's title, although it could.

    Words such as "over" do not count, and in a short text hardly does one word of five.
    """
    document, title = case.document, _KIND_OF_STORY.sub("", case.expected.title)
    if document is None:
        return False
    shown = f"{case.text} {document.shown}"
    if not are_comparable(title, shown, document.language):
        return False
    title = without_site(title, case.url)
    if _shared_characters(title, shown) > MIN_CHARACTERS_SHARED:
        return False
    title = _without_function_words(title)
    if shared_part(title, " ".join(document.titles)):
        return False
    allowed = MAX_SHARED_BY_CHANCE if count_words(shown) <= MAX_SHORT_WORDS else 0.0
    share = shared_part(title, shown)
    return share is not None and share <= allowed


def without_site(title: str, url: str) -> str:
    """A title without the site's name, which occurs on all of its pages."""
    host = urlsplit(url).hostname or ""
    return " ".join(word for word in title.split() if word.lower().strip(_MARKS) not in host)


def _without_function_words(title: str) -> str:
    kept = [word for word in title.split() if word.lower().strip(_MARKS) not in _FUNCTION_WORDS]
    return " ".join(kept)


def _shared_characters(title: str, text: str) -> float:
    """The share of a title's Chinese characters that occur in a text."""
    wanted = set(_CHARACTER.findall(title))
    return len(wanted & set(text)) / len(wanted) if wanted else 0.0


def number_of_words(title: str) -> int:
    """The number of words, or pieces of words, of a title that can be compared."""
    return len(_stems(_DATE.sub(" ", title)) - _COMMON)


def shared_part(title: str, text: str) -> float | None:
    """The share of a title's words that occur in a text; None if there are too few."""
    wanted = _stems(_DATE.sub(" ", _KIND_OF_STORY.sub("", title))) - _COMMON
    if not wanted:
        return None
    share = len(wanted & _stems(text)) / len(wanted)
    if _PIECED.search(title) and share < MIN_PIECES_SHARED:
        share = 0.0
    return share if share or len(wanted) >= MIN_COMPARED else None


def _stems(text: str) -> set[str]:
    """The beginnings of a text's words, or all pieces of a script without spaces."""
    text = normalised(text)
    stems = {word[:STEM] for word in _WORD.findall(_PIECED.sub(" ", text))}
    for run in _PIECED.findall(text):
        size = 2 if run[0] > _IDEOGRAPHIC else 3
        stems |= {run[place : place + size] for place in range(len(run) - size + 1)}
    return stems
