"""Finds words with which pages refer to themselves or their visitors (site_words.toml)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from app.articles.assess.outcomes import PageOutcome
from app.articles.assess.phrases import UNSPACED, normalised

# The kind of a page that consists of the words of a subject.
OUTCOMES: Mapping[str, PageOutcome] = {
    "consent": PageOutcome.CONSENT,
    "age": PageOutcome.CONSENT,
    "account": PageOutcome.SIGN_IN,
    "payment": PageOutcome.PAYWALL,
    "robot": PageOutcome.ROBOT_CHECK,
    "failure": PageOutcome.ERROR,
    "absent": PageOutcome.NOT_FOUND,
    "domain": PageOutcome.PARKED,
}
MAX_PREFIX = 16
_WORD = re.compile(r"[\w'’+-]+")


@dataclass(frozen=True, slots=True)
class _SiteWords:
    beginnings: Mapping[str, frozenset[str]]  # of a word, with the subjects
    words: Mapping[str, frozenset[str]]
    pairs: Mapping[str, list[tuple[str, str]]]  # of several words, by the first, with the subject
    unspaced: tuple[tuple[str, str], ...]


@cache
def _site_words(*, english: bool) -> _SiteWords:
    with files(__package__).joinpath("site_words.toml").open("rb") as file:
        raw = tomllib.load(file)
    beginnings: dict[str, set[str]] = defaultdict(set)
    whole: dict[str, set[str]] = defaultdict(set)
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    unspaced = set()
    for subject, languages in raw.items():
        chosen = [languages["en"]] if english else languages.values()
        for written in " ".join(chosen).lower().split():
            words = written.replace("_", " ")
            if UNSPACED.search(words):
                unspaced.add((words, subject))
            elif " " in words:
                pairs[words.split()[0]].append((words, subject))
            elif words.endswith("."):
                whole[words[:-1]].add(subject)
            else:
                beginnings[words].add(subject)
    return _SiteWords(_frozen(beginnings), _frozen(whole), dict(pairs), tuple(unspaced))


def _frozen(words: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {word: frozenset(subjects) for word, subjects in words.items()}


def load() -> None:
    """Read the words now, because the process may lose access to files."""
    for english in (True, False):
        _site_words(english=english)


def subjects_in(text: str, *, english: bool) -> dict[str, int]:
    """The subjects that a text speaks of, each with the number of its different words."""
    known = _site_words(english=english)
    text = normalised(text)
    words = _WORD.findall(text)
    different = set(words)
    found = {one for word in different for one in _found_in(word, english=english)}
    spaced = f" {' '.join(words)}"
    for word in different & known.pairs.keys():
        found.update(one for one in known.pairs[word] if f" {one[0]}" in spaced)
    if UNSPACED.search(text):
        found.update(one for one in known.unspaced if one[0] in text)
    return dict(Counter(subject for _, subject in found))


@lru_cache(maxsize=20_000)
def _found_in(word: str, *, english: bool) -> tuple[tuple[str, str], ...]:
    """The beginnings of a word that are known, each with a subject; and the word itself."""
    known = _site_words(english=english)
    parts = [word[:length] for length in range(2, min(len(word), MAX_PREFIX) + 1)]
    found = [(part, one) for part in parts for one in known.beginnings.get(part, ())]
    return (*found, *((word, one) for one in known.words.get(word, ())))
