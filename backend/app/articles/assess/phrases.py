"""Finds phrases of pages that are not articles (phrases.toml) in a text."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# The most characters that a "*" in a phrase matches.
MAX_GAP = 40
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d{3,}")
_SEPARATOR = re.compile(r"\s+[|·•‹›»«~]+\s+|\s+[-–—:]+\s+|:\s+")
_DECORATION = re.compile(r"^\W+|\W+$")
_QUOTED = re.compile(r'"[^"]{1,300}"|«[^»]{1,300}»|„[^"]{1,300}"|「[^」]{1,300}」')
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "\u00a0": " "})
# Chinese, Japanese, Korean and Thai, which write no spaces between words.
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class _Phrase:
    outcome: str
    words: str
    parts: tuple[str, ...]

    def occurs(self, text: str) -> bool:
        if len(self.parts) == 1:
            return self.words in text
        start = text.find(self.parts[0])
        while start >= 0:
            end = start + len(self.parts[0])
            for part in self.parts[1:]:
                place = text.find(part, end, end + MAX_GAP + len(part))
                if place < 0:
                    break
                end = place + len(part)
            else:
                return True
            start = text.find(self.parts[0], start + 1)
        return False


@dataclass(frozen=True, slots=True)
class _Catalogue:
    titles: Mapping[str, frozenset[str]]
    by_first_word: Mapping[str, Sequence[_Phrase]]
    others: Sequence[_Phrase]  # phrases that do not begin with a whole word
    unspaced: Sequence[_Phrase]


@cache
def _catalogue() -> _Catalogue:
    with files(__package__).joinpath("phrases.toml").open("rb") as file:
        raw = tomllib.load(file)
    titles = {
        outcome: frozenset(_DECORATION.sub("", one) for one in words)
        for outcome, words in raw.pop("titles").items()
    }
    by_first_word: dict[str, list[_Phrase]] = defaultdict(list)
    others: list[_Phrase] = []
    unspaced: list[_Phrase] = []
    for outcome, languages in raw.items():
        for words in {one for phrases in languages.values() for one in phrases}:
            phrase = _Phrase(outcome, words, tuple(words.split(" * ")))
            first = _WORD.match(words)
            if UNSPACED.search(words):
                unspaced.append(phrase)
            elif first and first.end() < len(words):
                by_first_word[first[0]].append(phrase)
            else:
                others.append(phrase)
    return _Catalogue(titles, by_first_word, others, unspaced)


def load() -> None:
    """Read the catalogue now, because the process may lose access to files."""
    _catalogue()


def normalised(text: str) -> str:
    """`text` normalised for comparison: lower case, single spaces, straight quotes."""
    return " ".join(text.translate(_APOSTROPHES).lower().split())


def unquoted(text: str) -> str:
    """`text` normalised and without quotations, which do not address the visitor."""
    return _QUOTED.sub(" ", normalised(text))


def phrases_in(text: str) -> list[_Phrase]:
    """The phrases in a `normalised` text."""
    catalogue = _catalogue()
    words = set(_WORD.findall(text))
    candidates: Iterator[_Phrase] = (
        phrase
        for word in words & catalogue.by_first_word.keys()
        for phrase in catalogue.by_first_word[word]
    )
    found = [phrase for phrase in candidates if phrase.occurs(text)]
    found += [phrase for phrase in catalogue.others if phrase.occurs(text)]
    if UNSPACED.search(text):
        found += [phrase for phrase in catalogue.unspaced if phrase.occurs(text)]
    return found


def outcomes_of_title(title: str, expected: str) -> set[str]:
    """The outcomes that a page's title names, as a whole or between separators.

    Words that the story's own title also contains are the page's subject, and do not count.
    """
    whole, about = normalised(title), normalised(expected)
    parts = {_DECORATION.sub("", part) for part in (whole, *_SEPARATOR.split(whole))} - {""}
    numbers = set(_NUMBER.findall(about))
    parts = {
        part for part in parts if part not in about and not numbers & set(_NUMBER.findall(part))
    }
    return {outcome for outcome, known in _catalogue().titles.items() if parts & known}
