"""Every word that readers see, in one catalogue a language.

A text is Telegram's HTML with `{names}` for values. One that depends on a number is a table with
the plural forms `one` and `other`, chosen by the value `count`; it serves languages with these
two forms.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

FALLBACK = "en"
# What each language calls itself.
LANGUAGES = {"en": "English", "de": "Deutsch"}
_FOLDER = Path(__file__).parent

Text = str | Mapping[str, str]


class Html(str):
    """A value that is HTML already and goes into a text as it is."""

    __slots__ = ()


@cache
def catalogue(language: str) -> Mapping[str, Text]:
    """All texts of a language, by key such as `digest.heading`."""
    tables = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return {
        f"{group}.{name}": words for group, texts in tables.items() for name, words in texts.items()
    }


def text(key: str, language: str, **values: object) -> str:
    """The text in `language`, or in English where that lacks it; values are escaped unless `Html`.

    Raises:
        KeyError: for a key that no catalogue has, or a value that was not given.
    """
    found: Text | None = None
    if language in LANGUAGES:
        found = catalogue(language).get(key)
    words = found if found is not None else catalogue(FALLBACK)[key]
    if isinstance(words, Mapping):
        words = words["one" if values["count"] == 1 else "other"]
    safe = {
        name: value if isinstance(value, Html) else escape(str(value), quote=False)
        for name, value in values.items()
    }
    return words.format_map(safe)


def language_of(code: str | None) -> str:
    """The language to speak with somebody whose client says `code`, such as `de-AT`."""
    language = (code or FALLBACK).partition("-")[0].lower()
    return language if language in LANGUAGES else FALLBACK
