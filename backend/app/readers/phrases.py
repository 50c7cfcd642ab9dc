"""Does a text speak of a phrase? Whole words, whatever their case, accents and plural."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Titles and summaries are shorter; what is longer is hostile, and matching must stay cheap.
MOST_CHARACTERS = 2000

# Words that titles share without being about the same thing.
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

# "C++", "C++23", "C#" and "OPEC+" are words; "#tag" and "this+that" only hold some.
_WORD = re.compile(r"\w+(?:\+\+\w*|[+#](?!\w))?(?:\.\w+(?:[+#](?!\w))?)*")
_POSSESSIVE = re.compile(r"['’]s\b")
# Their singular is another word.
_NOT_PLURAL = frozenset(("news", "windows", "rails"))
_SHORTEST_PLURAL = 4


@dataclass(frozen=True, slots=True)
class Words:
    """Folded texts with one space around every word and bars between texts: ` one word | two `."""

    sequence: str

    def speak_of(self, phrase: str) -> bool:
        """Whether the words of `phrase` occur in order and next to each other in one text."""
        folded = fold_phrase(phrase)
        return bool(folded) and self.hold(folded)

    def hold(self, folded: str) -> bool:
        """`speak_of` for a folded phrase. "go 1" is spoken of by "Go 1.30", but not by "Go 13"."""
        return f" {folded} " in self.sequence or (
            folded[-1].isdigit() and f" {folded}." in self.sequence
        )

    def distinct(self) -> frozenset[str]:
        return frozenset(self.sequence.split()) - {"|"}


def versions(word: str) -> Iterator[str]:
    """A word and, when it is a version, those that it belongs to: 1.30.2, 1.30 and 1."""
    yield word
    while word[0].isdigit() and "." in word:
        word = word.rpartition(".")[0]
        yield word


def words_of(texts: Sequence[str]) -> Words:
    """The words of `texts`; no phrase matches across the border of two."""
    return Words(f" {' | '.join(map(fold, texts))} ")


def fold(words: str) -> str:
    """Lower case without accents, every word in the singular, one space between words."""
    plain = words[:MOST_CHARACTERS].casefold()
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in parts if not _is_unseen(letter))
    return " ".join(map(_singular, _WORD.findall(_POSSESSIVE.sub("", plain))))


@lru_cache(maxsize=10_000)
def fold_phrase(phrase: str) -> str:
    """As `fold`, remembered: readers name the same phrases again and again."""
    return fold(phrase)


def _is_unseen(letter: str) -> bool:
    # Accents, and what no message shows: soft hyphens, blanks without width.
    return bool(unicodedata.combining(letter)) or unicodedata.category(letter) == "Cf"


def _singular(word: str) -> str:
    # Only what makes English plurals meet their singulars; both sides are treated alike.
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word in _NOT_PLURAL:
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]
