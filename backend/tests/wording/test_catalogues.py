"""The catalogues say the same things in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from app.wording import FALLBACK, LANGUAGES, Html, Text, catalogue, language_of, text

OTHERS = [language for language in LANGUAGES if language != FALLBACK]
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_TAG = re.compile(r"</?[a-z]+")


def forms(words: Text) -> dict[str, str]:
    return dict(words) if isinstance(words, Mapping) else {"": words}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text_and_no_other(language: str) -> None:
    assert catalogue(language).keys() == catalogue(FALLBACK).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_values_and_plural_forms_are_the_same(language: str) -> None:
    for key, words in catalogue(FALLBACK).items():
        theirs = forms(catalogue(language)[key])
        assert theirs.keys() == forms(words).keys(), key
        for form, english in forms(words).items():
            named = set(_PLACEHOLDER.findall(english))
            assert set(_PLACEHOLDER.findall(theirs[form])) == named, f"{key} {form}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_closed(language: str) -> None:
    for key, words in catalogue(language).items():
        for form in forms(words).values():
            tags = _TAG.findall(form)
            opened = sorted(tag[1:] for tag in tags if not tag.startswith("</"))
            assert opened == sorted(tag[2:] for tag in tags if tag.startswith("</")), key


def test_values_are_escaped_unless_they_are_html() -> None:
    assert "&lt;b&gt;" in text("command.unknown", "en", name="<b>")
    assert "<b>x</b>" in text("command.unknown", "en", name=Html("<b>x</b>"))
    assert "{name}" in text("command.unknown", "en", name="{name}")


def test_one_and_many() -> None:
    assert text("digest.points", "en", count=1) == "1 point"
    assert text("digest.points", "en", count=0) == "0 points"
    assert text("digest.points", "de", count=2) == "2 Punkte"


def test_an_unknown_language_is_english() -> None:
    assert text("digest.points", "tlh", count=1) == "1 point"
    assert [language_of(code) for code in ("de-AT", "DE", "tlh", "", None)] == [
        "de",
        "de",
        "en",
        "en",
        "en",
    ]


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such", "en")
