"""Suggests the phrase that a mistyped interest may have meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache

from app.readers.interests.vocabulary import known_phrases, topic_of
from app.text.phrases import fold, fold_phrase

# Shorter words too often differ from another one by a single letter.
MIN_LENGTH = 4
MAX_LENGTH = 60
MAX_LENGTH_APART = 2
MIN_LIKENESS = 0.82


@lru_cache(maxsize=1_000)
def suggest_spelling(typed: str) -> str | None:
    """The known phrase most similar to `typed`; None if it is known itself or similar to none."""
    letters = _letters(fold_phrase(typed))
    if not MIN_LENGTH <= len(letters) <= MAX_LENGTH or topic_of(typed):
        return None
    best, likeness = None, MIN_LIKENESS
    for length in range(len(letters) - MAX_LENGTH_APART, len(letters) + MAX_LENGTH_APART + 1):
        for known, phrase in _phrases_by_length().get(length, ()):
            if known == letters:
                return None
            if known[0] == letters[0] and (like := _likeness(letters, known)) > likeness:
                best, likeness = phrase, like
    return best


def _likeness(typed: str, known: str) -> float:
    if sorted(typed) == sorted(known):
        return 0.99  # transposed letters
    matcher = SequenceMatcher(None, typed, known, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > MIN_LIKENESS else 0.0


@cache
def _phrases_by_length() -> Mapping[int, Sequence[tuple[str, str]]]:
    phrases: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for phrase in known_phrases():
        if letters := _letters(fold(phrase)):
            phrases[len(letters)].append((letters, phrase))
    return phrases


def _letters(folded: str) -> str:
    return folded.replace(" ", "")
