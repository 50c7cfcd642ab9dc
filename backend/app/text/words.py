"""Counts words."""

from __future__ import annotations

import re

# Accents, and the vowels of Hebrew, Arabic and the Indian scripts, are parts of words, but no \w.
_LETTERS = (
    r"(?:[^\W_]++"
    r"|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0e7f\u0f00-\u109f]++)"
)
_WORD = re.compile(rf"[^\W_]{_LETTERS}*+(?:['’\-]{_LETTERS}++)*+")
# The same of a text without such letters, in half the time.
_ASCII_WORD = re.compile(r"[A-Za-z0-9]++(?:['\-][A-Za-z0-9]++)*+")
# Chinese, Japanese and Thai are written without spaces; the typical word lengths, in characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
CHARACTERS_OF_AN_UNSPACED_WORD, CHARACTERS_OF_A_THAI_WORD = 2, 4


def count_words(text: str) -> int:
    """The number of words, estimated for scripts that do not separate words."""
    if text.isascii():
        return len(_ASCII_WORD.findall(text))
    spaced, unspaced = _UNSPACED.subn(" ", text)
    spaced, thai = _THAI.subn(" ", spaced)
    return (
        len(_WORD.findall(spaced))
        + unspaced // CHARACTERS_OF_AN_UNSPACED_WORD
        + thai // CHARACTERS_OF_A_THAI_WORD
    )
