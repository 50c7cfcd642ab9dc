"""Typed input is understood in each language."""

from __future__ import annotations

from typing import Any

import pytest

from app.wording import LANGUAGES
from tests.wording.inputs.understood import UNDERSTOOD, inputs

MIN_INPUTS = 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_inputs_of_every_kind(language: str) -> None:
    known = inputs(language)
    assert known.keys() == UNDERSTOOD.keys()
    assert sum(map(len, known.values())) >= MIN_INPUTS


@pytest.mark.parametrize(
    ("language", "kind", "words", "meant"),
    [
        (language, kind, words, meant)
        for language in LANGUAGES
        for kind, typed in inputs(language).items()
        for words, meant in typed.items()
    ],
)
def test_what_is_typed_is_understood(language: str, kind: str, words: str, meant: Any) -> None:
    for variant in words, words.upper(), f"  {words}! ", f"✓ {words}":
        assert UNDERSTOOD[kind](variant, language) == meant


@pytest.mark.parametrize(
    ("speaker", "language", "kind", "words", "meant"),
    [
        (speaker, language, kind, words, meant)
        for speaker in LANGUAGES
        for language in LANGUAGES
        for kind, typed in inputs(language).items()
        for words, meant in typed.items()
        if speaker != language and len(words) >= 4 and words != "half seven"
    ],
)
def test_people_mix_languages(
    speaker: str, language: str, kind: str, words: str, meant: Any
) -> None:
    del language
    assert UNDERSTOOD[kind](words, speaker) == meant
