"""A language of the interface is one folder; this names what a further one still lacks."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from app.wording import FALLBACK, LANGUAGES
from app.wording.locales import FOLDER, locale
from app.wording.typed_words import fold_typed, typed_words
from tests.wording.inputs.understood import FOLDER as INPUTS

FILES = ("language.toml", "texts.toml", "typed.toml")
OF_A_LANGUAGE = {"name", "locale", "day", "also"}


def read(language: str, name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / language / name).read_text("utf-8"))


def lacking(folder: Path) -> list[str]:
    """What a folder lacks to be a language, in words."""
    missing = [f"{folder.name}/{name}" for name in FILES if not (folder / name).exists()]
    if not (INPUTS / f"{folder.name}.toml").exists():
        missing.append(f"tests/wording/inputs/{folder.name}.toml")
    return missing


@pytest.mark.parametrize("folder", sorted(FOLDER.iterdir()), ids=lambda one: str(one.name))
def test_a_language_has_all_its_files(folder: Path) -> None:
    assert not lacking(folder), f"missing: {', '.join(lacking(folder))}"


def test_what_a_new_folder_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "tlh").mkdir()
    (tmp_path / "tlh" / "language.toml").touch()
    assert lacking(tmp_path / "tlh") == [
        "tlh/texts.toml",
        "tlh/typed.toml",
        "tests/wording/inputs/tlh.toml",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_names_itself(language: str) -> None:
    about = read(language, "language.toml")
    assert about.keys() == OF_A_LANGUAGE
    assert isinstance(locale(language), Locale) and locale(language).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_are_typed_are_there_for_everything_and_folded(language: str) -> None:
    theirs, english = read(language, "typed.toml"), read(FALLBACK, "typed.toml")
    assert shape(theirs) == shape(english)
    assert typed_words(language).commands.values()
    for word in words(theirs):
        assert word == fold_typed(word), f"{word!r} is never found"


def shape(table: Any) -> Any:
    """The keys of a table and of its tables; of what people choose themselves, none."""
    if not isinstance(table, dict):
        return None
    return {
        key: shape(value) if key not in ("parts", "numbers", "named") else None
        for key, value in table.items()
    }


def words(table: Any) -> list[str]:
    if isinstance(table, str):
        return [table]
    if isinstance(table, list):
        return [word for one in table for word in words(one)]
    if isinstance(table, dict):
        return [word for one in table.values() for word in words(one)]
    return []
