"""Recognises the language of a text by its most common words."""

from __future__ import annotations

import re

from app.text import language_words

# The most common words of each language. A word of several counts for each of them.
_WORDS = language_words.words_by_language("language.commonest")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
# This many words of another language are not accidental.
MIN_FOREIGN_WORDS = 4
MAX_CHARACTERS = 20_000


def is_english(text: str) -> bool:
    """False for another script or another known language; true in doubt."""
    return is_in(text, "en")


def is_in(text: str, language: str) -> bool:
    """False for a script that `language` does not use, or another language; true in doubt."""
    if language not in _WORDS:
        return True
    text = text[:MAX_CHARACTERS]
    letters = [letter for letter in text if letter.isalpha()]
    if sum(1 for letter in letters if not _LATIN.match(letter)) > len(letters) / 2:
        return False
    found = _counts(text)
    own = found.pop(language)
    return max(found.values()) < max(MIN_FOREIGN_WORDS, own + 1)


def language_of(text: str) -> str | None:
    """The language with the most matching words; None if that is not clear."""
    found = _counts(text[:MAX_CHARACTERS])
    best, second = sorted(found, key=lambda one: -found[one])[:2]
    return best if found[best] > max(1, found[second]) else None


def _counts(text: str) -> dict[str, int]:
    words = _WORD.findall(text.lower())
    return {
        language: sum(word in commonest for word in words) for language, commonest in _WORDS.items()
    }
