"""Decides whether a story's title and a page can be compared word by word."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from app.text import language_words

_ENGLISH = language_words.words("pages.common")
# Short words of other languages that do not occur in English titles.
_FOREIGN = language_words.words("pages.no_english")
_WORD = re.compile(r"[^\W\d_]+")
MIN_ENGLISH = 0.12  # the least share of common English words in an English text
MIN_WORDS = 20
MAX_LETTERS = 600
_ONE_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK"}


def are_comparable(title: str, text: str, declared: str) -> bool:
    """Whether a page is probably in the language of a story's title.

    Args:
        text: the visible text of the page.
        declared: the declared language of the page, such as "en-GB".
    """
    script = _script(title)
    if not script or script != _script(text):
        return False
    return script != "LATIN" or _is_english_title(title) == is_english(text, declared)


def _script(text: str) -> str:
    letters = [letter for letter in text[: 4 * MAX_LETTERS] if letter.isalpha()][:MAX_LETTERS]
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    scripts = Counter(_ONE_SCRIPT.get(name, name) for name in names)
    return scripts.most_common(1)[0][0] if scripts else ""


def is_english(text: str, declared: str) -> bool:
    """Whether a text is probably English; of a short one, whether that is declared."""
    words = _WORD.findall(text.lower())
    if len(words) < MIN_WORDS:
        return declared.lower()[:2] in ("", "en")
    return sum(word in _ENGLISH for word in words) >= MIN_ENGLISH * len(words)


def _is_english_title(title: str) -> bool:
    words = set(_WORD.findall(title.lower()))
    english, foreign = len(words & _ENGLISH), len(words & _FOREIGN)
    if title.isascii():
        return english >= foreign
    return english > foreign
