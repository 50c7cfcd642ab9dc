"""Suggests the phrase that a mistyped interest may have meant.

A word that is spelled correctly is no mistake, whatever it resembles: `words/unmistaken.txt` has
the words of English, German and Spanish that are as near to a known phrase as a mistyped one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from app.readers.interests.vocabulary import known_phrases, topic_of
from app.text.phrases import fold, fold_phrase

# Shorter words too often differ from another one by a single letter.
MIN_LENGTH = 4
MAX_LENGTH = 60
# With fewer letters, only two of them may be in the wrong order.
MIN_FOR_ANY_MISTAKE = 5
# With fewer letters there may be one mistake, otherwise two.
MIN_FOR_TWO = 10
_CORRECT_WORDS = Path(__file__).parent / "words" / "unmistaken.txt"


@lru_cache(maxsize=1_000)
def suggest_spelling(typed: str) -> str | None:
    """The known phrase most similar to `typed`; None if it is known itself, similar to none or
    another word.
    """
    folded = fold_phrase(typed)
    if set(folded.split()) <= _correct_words():
        return None
    return nearest_phrase(folded) if topic_of(typed) is None else None


def nearest_phrase(folded: str) -> str | None:
    """The known phrase that differs least from a folded one, as by mistyping it; None if it is
    known itself or there is none.
    """
    letters = _letters(folded)
    if not MIN_LENGTH <= len(letters) <= MAX_LENGTH:
        return None
    most = 2 if len(letters) >= MIN_FOR_TWO else 1
    best, fewest = None, most + 1
    used = _used(letters)
    for length in range(len(letters) - most, len(letters) + most + 1):
        for known, known_used, phrase in _phrases_by_beginning().get((length, letters[0]), ()):
            if known == letters:
                return None
            # A wrong letter is one that only one of them has, in the place of another.
            if (used ^ known_used).bit_count() > 2 * most:
                continue
            exchanged = sorted(known) == sorted(letters)
            if len(letters) < MIN_FOR_ANY_MISTAKE and not exchanged:
                continue
            apart = _mistakes(letters, known, most + 1)
            if apart < fewest or (apart == fewest <= most and exchanged):
                best, fewest = phrase, apart
    return best


def _mistakes(typed: str, known: str, limit: int) -> int:
    """The number of letters that are missing, added, wrong or exchanged with the next one, up to
    `limit` (https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance, optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(known) + 1))
    for place, letter in enumerate(typed, 1):
        earlier, before, row = before, row, [place]
        for column, other in enumerate(known, 1):
            apart = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != other))
            if (
                place > 1
                and column > 1
                and (letter, other) == (known[column - 2], typed[place - 2])
            ):
                apart = min(apart, earlier[column - 2] + 1)
            row.append(apart)
        if min(row) >= limit and min(before) >= limit:
            return limit
    return min(row[-1], limit)


@cache
def _correct_words() -> frozenset[str]:
    return frozenset(_CORRECT_WORDS.read_text("utf-8").split())


@cache
def _phrases_by_beginning() -> Mapping[tuple[int, str], Sequence[tuple[str, int, str]]]:
    """The phrases, each after its letters and `_used`, by the number of letters and the first."""
    phrases: defaultdict[tuple[int, str], list[tuple[str, int, str]]] = defaultdict(list)
    for phrase in known_phrases():
        if letters := _letters(fold(phrase)):
            phrases[len(letters), letters[0]].append((letters, _used(letters), phrase))
    return phrases


def _used(letters: str) -> int:
    """The distinct letters, as bits: different ones may share a bit."""
    used = 0
    for letter in letters:
        used |= 1 << (ord(letter) % 64)
    return used


def _letters(folded: str) -> str:
    return folded.replace(" ", "")
