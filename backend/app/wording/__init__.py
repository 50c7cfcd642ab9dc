"""The texts for readers, in one folder per language.

A text is Telegram's HTML with `{names}` for values. One that depends on a number is a table of the
language's plural categories (https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html),
selected by the value `count`; a missing category uses the form `other`.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from html import escape

from app.languages import SUMMARIES
from app.text.decomposition import decomposed
from app.wording.locales import FOLDER, about, language_name, number, plural_category

FALLBACK = "en"

# The languages' own names; English first.
LANGUAGES: Mapping[str, str] = {
    language: about(language)["name"]
    for language in sorted(
        (folder.name for folder in FOLDER.iterdir() if (folder / "texts.toml").exists()),
        key=lambda name: (name != FALLBACK, name),
    )
}

Text = str | Mapping[str, str]
# The values that are amounts; other numbers are ids, such as an update's.
_AMOUNTS = ("count", "most")


class Html(str):
    """A value that is HTML and is not escaped."""

    __slots__ = ()


@cache
def catalogue(language: str) -> Mapping[str, Text]:
    """All texts of a language, by key such as `digest.heading`."""
    tables = tomllib.loads((FOLDER / language / "texts.toml").read_text("utf-8"))
    return {
        f"{group}.{name}": words for group, texts in tables.items() for name, words in texts.items()
    }


def text(key: str, language: str, **values: object) -> str:
    """The text in `language`, or in English if that lacks it; values are escaped unless `Html`,
    and amounts are formatted for the language.

    Raises:
        KeyError: no catalogue has the key, or a value is missing.
    """
    spoken = language if language in LANGUAGES and key in catalogue(language) else FALLBACK
    words = catalogue(spoken)[key]
    if isinstance(words, Mapping):
        category = plural_category(values["count"], spoken)  # type: ignore[arg-type]
        words = words.get(category, words["other"])
    return words.format_map({name: _shown(name, one, spoken) for name, one in values.items()})


def _shown(name: str, value: object, language: str) -> str:
    if isinstance(value, Html):
        return value
    if name in _AMOUNTS and isinstance(value, int):
        return number(value, language)
    return escape(str(value), quote=False)


def language_of(code: str | None) -> str:
    """The interface language for a client's language `code`, such as `de-AT`."""
    language = (code or FALLBACK).partition("-")[0].lower()
    return language if language in LANGUAGES else FALLBACK


def summary_language_named(words: str) -> str | None:
    """The language of summaries that the words name: by its code, its own name, or its name in
    a language of the interface; None if there is none.
    """
    wanted = _plain(words)
    for code, name in SUMMARIES.items():
        if wanted in (code, _plain(name)) or any(
            wanted == _plain(language_name(code, spoken)) for spoken in LANGUAGES
        ):
            return code
    return language_named(words)


def _plain(name: str) -> str:
    parts = decomposed(name.casefold().strip())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def language_named(words: str) -> str | None:
    """The interface language that the words name, in any language; None if there is none."""
    wanted = _plain(words)
    for language, name in LANGUAGES.items():
        if wanted in (language, _plain(name), *about(language)["also"]):
            return language
    return None
