"""How long a text is for a reader."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
# Chinese, Japanese and Thai put no spaces between words, which have about two characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\U00020000-\U0003ffff]")
CHARACTERS_OF_AN_UNSPACED_WORD = 2


def count_words(text: str) -> int:
    """The number of words, estimated where a script does not separate them."""
    spaced, unspaced = _UNSPACED.subn(" ", text)
    return len(_WORD.findall(spaced)) + unspaced // CHARACTERS_OF_AN_UNSPACED_WORD
