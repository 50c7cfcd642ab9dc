"""Matches phrases in texts: whole words, regardless of case, accents and plural."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.text.decomposition import decomposed

# Titles and summaries are shorter. The limit keeps matching cheap for hostile texts.
MAX_CHARACTERS = 2000

# Words that do not indicate that two titles are about the same thing.
COMMON_WORDS = frozenset(
    """
    about after again all also always and another any anyone anything are around ask away back
    because become been before behind being best better between both but can come comes could
    day days did does doing don done down each end enough ever every everyone everything far few
    find first for found from full get gets getting give given go goes going good got great had
    has have here him his hn hour hours how into isn its just keep keeping keeps kept know last
    least left less let like little long look looking looks lot made make making man many may
    maybe me might month months more most mostly much must my myself need needed needs never new
    next not nothing now off old once one only open other others our out over own part pdf
    people per place put read real really right said same say says see seen set should show
    since so some something source still stop such sure take taking tell telling tells than that
    the their them then there they thing things think thinking this those through time times
    today together told too try trying turn two under until up upon us use used using very video
    want wants was way ways week weeks well went were what when where which who why will with
    without won work working works world worth would wrong year years yes yet you your
    """.split()  # noqa: SIM905 - a text reads better than a hundred quoted words
)

# "C++", "C++23", "C#" and "OPEC+" are words; "#tag" and "this+that" contain words.
_WORD = re.compile(r"\w+(?:\+\+\w*|[+#](?!\w))?(?:\.\w+(?:[+#](?!\w))?)*")
# The "C" of "12 °C" is no programming language.
_DEGREES = re.compile(r"°\s?[cfk]\b|[℃℉]")
_POSSESSIVE = re.compile(r"['’]s\b")
# Removing the s would make another word.
_NOT_PLURAL = frozenset(("news", "windows", "rails"))
_MIN_PLURAL = 4
# Longer phrases are not cached, so that hostile ones cannot fill the cache. Readers' are shorter.
MAX_REMEMBERED = 120


@dataclass(frozen=True, slots=True)
class Words:
    """Folded texts, with a space around each word and a bar between texts: ` one word | two `."""

    sequence: str

    def speak_of(self, phrase: str) -> bool:
        """Whether the words of `phrase` occur consecutively in one text."""
        folded = fold_phrase(phrase)
        return bool(folded) and self.hold(folded)

    def hold(self, folded: str) -> bool:
        """`speak_of` for a folded phrase. "go 1" occurs in "Go 1.30", but not in "Go 13"."""
        return f" {folded} " in self.sequence or (
            folded[-1].isdigit() and f" {folded}." in self.sequence
        )

    def distinct(self) -> frozenset[str]:
        return frozenset(self.sequence.split()) - {"|"}


class PhraseSet:
    """Folded phrases, indexed so that finding those in a text does not try each one."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first_word: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in phrases:
            self._by_first_word[phrase.split()[0]].append(phrase)

    def held_by(self, words: Words) -> list[str]:
        return [
            phrase
            for word in words.distinct() & self._by_first_word.keys()
            for phrase in self._by_first_word[word]
            if words.hold(phrase)
        ]


def versions(word: str) -> Iterator[str]:
    """A word and, if it is a version, the versions that include it: 1.30.2, 1.30 and 1."""
    yield word
    while word[0].isdigit() and "." in word:
        word = word.rpartition(".")[0]
        yield word


def words_of(texts: Sequence[str]) -> Words:
    """The words of `texts`; no phrase matches across two texts."""
    return Words(f" {' | '.join(map(fold, texts))} ")


def fold(words: str) -> str:
    """Lower case without accents, each word in the singular, separated by single spaces."""
    plain = words[:MAX_CHARACTERS].casefold()
    if not plain.isascii():
        plain = _DEGREES.sub(" degrees ", plain)
        parts = decomposed(plain)
        plain = "".join(letter for letter in parts if not _is_unseen(letter))
    return " ".join(map(_singular, _WORD.findall(_POSSESSIVE.sub("", plain))))


def fold_phrase(phrase: str) -> str:
    """`fold` with a cache: readers' phrases recur."""
    return _fold_remembered(phrase) if len(phrase) <= MAX_REMEMBERED else fold(phrase)


_fold_remembered = lru_cache(maxsize=10_000)(fold)


def _is_unseen(letter: str) -> bool:
    # Accents and invisible characters: soft hyphens, zero-width spaces.
    return bool(unicodedata.combining(letter)) or unicodedata.category(letter) == "Cf"


def _singular(word: str) -> str:
    # Only good enough to match English plurals with singulars; both sides are treated alike.
    if len(word) < _MIN_PLURAL or not word.endswith("s") or word in _NOT_PLURAL:
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]
