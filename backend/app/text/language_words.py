"""Words of the languages that texts are read in; one file of `languages/` for each language.

A key is "section.name". Its value in a language is a string of words, a table, or alternatives of a
regular expression, one or more in a line. A language may lack any key.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_FILES = sorted((Path(__file__).parent / "languages").glob("*.toml"))
_LANGUAGES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in _FILES}


def by_language(key: str) -> dict[str, Any]:
    """The values of a key by language.

    Raises:
        KeyError: no language has it.
    """
    section, _, name = key.partition(".")
    found = {
        language: values[section][name] if name else values[section]
        for language, values in _LANGUAGES.items()
        if section in values and (not name or name in values[section])
    }
    if not found:
        raise KeyError(key)
    return found


def words_by_language(key: str) -> dict[str, frozenset[str]]:
    """The words of a key by language."""
    return {language: frozenset(one.split()) for language, one in by_language(key).items()}


def words(key: str) -> frozenset[str]:
    """The words of all languages."""
    return frozenset().union(*words_by_language(key).values())


def phrases(key: str) -> frozenset[tuple[str, ...]]:
    """Groups of words, which are joined by "_" in the files."""
    return frozenset(tuple(one.split("_")) for one in words(key))


def table(key: str) -> dict[str, Any]:
    """The tables of all languages as one."""
    found: dict[str, Any] = {}
    for entries in by_language(key).values():
        found.update(entries)
    return found


def meanings(key: str) -> dict[str, str]:
    """Word → its entry, from tables of entry → words in all languages."""
    return {
        word: entry
        for entries in by_language(key).values()
        for entry, listed in entries.items()
        for word in listed.split()
    }


def alternatives(key: str) -> str:
    """The alternatives of all languages, for a group in a regular expression."""
    return "|".join("|".join(lines.strip("\n").split("\n")) for lines in by_language(key).values())
