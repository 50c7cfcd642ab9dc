"""Estimates the tokens of a text, without a model's vocabulary and rather too high than too low.

English prose has about one token per four characters, code and numbers one per two or three, and
most other scripts one per character. A vocabulary would be exact for one model only.
"""

from __future__ import annotations

import math
import re

MAX_OF_A_WORD = 16  # letters; longer runs are not words but keys and hashes
_WORDS = re.compile(r"[A-Za-z]+")
_DIGITS = re.compile(r"[0-9]+")
_SIGNS = re.compile(r"[!-/:-@\[-`{-~\n]")
_OTHERS = re.compile(r"[^\x00-\x7f]+")


def estimate(text: str) -> int:
    """The estimated tokens of `text`."""
    of_words = sum(
        math.ceil(length / (4 if length <= MAX_OF_A_WORD else 2))
        for length in map(len, _WORDS.findall(text))
    )
    of_digits = sum(math.ceil(len(one) / 2) for one in _DIGITS.findall(text))
    of_others = sum(len(one.encode("utf-8", "replace")) for one in _OTHERS.findall(text)) / 2
    return of_words + of_digits + len(_SIGNS.findall(text)) + math.ceil(of_others)
