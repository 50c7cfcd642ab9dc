"""Does a story speak of a phrase? Whole words, whatever their case, accents and plural."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[\w+#]+(?:[.'’-][\w+#]+)*")
# Words that two titles share without being about the same thing.
_COMMON = frozenset(
    "a about after all an and are as ask at be by can do for from get has have how i in into is it its my new no "
    "not now of on or our out over show so than that the their they this to too up us using was we what when who "
    "why will with you your hn launch pdf video".split()
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts, ready for matching many phrases."""

    sequence: str  # " word word … " with single spaces around every word
    significant: frozenset[str]

    def speak_of(self, phrase: str) -> bool:
        """Whether `phrase` occurs, its words in order and next to each other."""
        folded = fold(phrase)
        return bool(folded) and f" {folded} " in self.sequence


def words_of(*texts: str) -> Words:
    """The words of `texts`; no phrase matches across the border of two."""
    folded = [fold(one) for one in texts]
    return Words(
        f" {' | '.join(folded)} ",
        frozenset(" ".join(folded).split()) - _COMMON,
    )


@lru_cache(maxsize=20_000)
def fold(words: str) -> str:
    """Lower case without accents, every word in the singular, one space between words."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_singular(word) for word in _WORD.findall(plain.replace("-", " ")))


def _singular(word: str) -> str:
    # Only what makes English plurals meet their singulars; both sides are treated alike.
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
