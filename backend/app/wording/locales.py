"""Data of the Unicode CLDR: plurals, numbers, names of days and months."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

FOLDER = Path(__file__).parent / "languages"


@cache
def about(language: str) -> dict[str, Any]:
    """The language's own data in its folder."""
    return tomllib.loads((FOLDER / language / "language.toml").read_text("utf-8"))


@cache
def locale(language: str) -> Locale:
    """The CLDR locale of a language with a folder."""
    return Locale.parse(about(language)["locale"])


def plural_category(count: float, language: str) -> str:
    """The plural category, such as `one`, `few` or `other`."""
    return locale(language).plural_form(count)


def number(value: float, language: str) -> str:
    """A formatted number, such as "12,345" or "12.345"."""
    return format_decimal(value, locale=locale(language))


def weekday_name(weekday: int, language: str) -> str:
    """The full name of an ISO weekday, as used in a sentence."""
    name: str = locale(language).days["format"]["wide"][weekday - 1]
    return name


def short_weekday(weekday: int, language: str) -> str:
    """The abbreviated name of an ISO weekday, for buttons."""
    name: str = locale(language).days["stand-alone"]["abbreviated"][weekday - 1]
    return name


def language_name(code: str, language: str) -> str:
    """The name in `language` of the language with this code."""
    return Locale.parse(code).get_language_name(locale(language)) or code


def countries(language: str) -> dict[str, str]:
    """The names of countries by ISO 3166 code."""
    territories = locale(language).territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}


def country_name(code: str, language: str) -> str | None:
    """The name of a country in a language; None if there is none."""
    return countries(language).get(code)
