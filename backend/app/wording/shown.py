"""Recognises the bot's own texts when somebody types them, in any language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from app.wording import FALLBACK, LANGUAGES, Text, catalogue
from app.wording.typed_words import bare, in_order

_VALUE = re.compile(r"\{\w+\}")
_TAG = re.compile(r"</?[a-z]+>")


def match_text(words: str, keys: Sequence[str], language: str) -> str | None:
    """The key among `keys` of the text that equals the words as displayed; None if there is none.
    The texts have neither values nor plural forms.
    """
    said = bare(words)
    for one in in_order(language):
        for key in keys:
            if said == _plain(key, one):
                return key
    return None


def match_value(words: str, key: str, language: str) -> str | None:
    """The value in words that match the text `key`, in any language and plural form; None if
    they do not match.
    """
    said = " ".join(words.split())
    folded = said.casefold()
    for one in in_order(language):
        for before, after in _around(key, one):
            is_one = folded.startswith(before.casefold()) and folded.endswith(after.casefold())
            if is_one and len(said) > len(before + after):
                return said[len(before) : len(said) - len(after)].strip()
    return None


@cache
def labels(keys: tuple[str, ...]) -> frozenset[str]:
    """The texts of the keys up to a value, in every language, as `bare` makes them."""
    return frozenset(_plain(key, one) for key in keys for one in LANGUAGES)


@cache
def _around(key: str, language: str) -> list[tuple[str, str]]:
    """The text before and after the value, in each plural form."""
    words = _words(key, language)
    forms = [words] if isinstance(words, str) else list(words.values())
    parts = (_VALUE.split(form, maxsplit=1) for form in forms)
    return [(before, after) for before, after in parts]


@cache
def _plain(key: str, language: str) -> str:
    words = _words(key, language)
    if not isinstance(words, str):
        raise TypeError(f"{key} has plural forms")
    return bare(_TAG.sub("", _VALUE.split(words, maxsplit=1)[0]))


def _words(key: str, language: str) -> Text:
    """The text of the key, as in `text`: in English if the language lacks it."""
    return catalogue(language).get(key) or catalogue(FALLBACK)[key]
