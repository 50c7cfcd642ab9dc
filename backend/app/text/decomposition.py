"""Decomposes letters into base letters and accents."""

from __future__ import annotations

import unicodedata

# The longest decomposition of a letter of a living language, such as ᾧ. Ligatures that stand for
# whole phrases have more parts, and would make a typed text many times as long.
MAX_PARTS = 4


def decomposed(text: str) -> str:
    """`text` in the compatibility decomposition of Unicode (NFKD), cut at `MAX_PARTS` characters
    for each one of `text`.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text)[: MAX_PARTS * len(text)]
