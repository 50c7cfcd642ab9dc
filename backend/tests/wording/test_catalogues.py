"""The catalogues have the same texts in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pytest

from app.wording import FALLBACK, LANGUAGES, Html, Text, catalogue, language_of, text
from app.wording.dates import day_name, past_day
from app.wording.locales import locale, plural_category

OTHERS = [language for language in LANGUAGES if language != FALLBACK]
# More of anything is counted nowhere.
MAX_COUNT = 100_000
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_TAG = re.compile(r"</?[a-z]+")


def forms(words: Text) -> dict[str, str]:
    return dict(words) if isinstance(words, Mapping) else {"": words}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text_and_no_other(language: str) -> None:
    missing = catalogue(FALLBACK).keys() - catalogue(language).keys()
    unknown = catalogue(language).keys() - catalogue(FALLBACK).keys()
    assert not missing, f"{language}/texts.toml lacks {', '.join(sorted(missing))}"
    assert not unknown, f"{language}/texts.toml has {', '.join(sorted(unknown))}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_form_for_every_plural_category_that_a_count_reaches(language: str) -> None:
    categories = {plural_category(count, language) for count in range(MAX_COUNT + 1)} | {"other"}
    for key, words in catalogue(FALLBACK).items():
        if isinstance(words, Mapping):
            named = forms(catalogue(language)[key]).keys()
            assert categories <= named <= locale(language).plural_form.tags | {"other"}, key
        else:
            assert isinstance(catalogue(language)[key], str), key


@pytest.mark.parametrize("language", OTHERS)
def test_every_form_has_the_values_of_the_english_text(language: str) -> None:
    for key, words in catalogue(FALLBACK).items():
        named = {name for form in forms(words).values() for name in _PLACEHOLDER.findall(form)}
        for form, theirs in forms(catalogue(language)[key]).items():
            optional = {"count"} if form in ("zero", "one", "two") else set()
            found = set(_PLACEHOLDER.findall(theirs))
            assert found <= named <= found | optional, f"{key} {form}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_closed(language: str) -> None:
    for key, words in catalogue(language).items():
        for form in forms(words).values():
            tags = _TAG.findall(form)
            opened = sorted(tag[1:] for tag in tags if not tag.startswith("</"))
            assert opened == sorted(tag[2:] for tag in tags if tag.startswith("</")), key


# Messages that are sent to groups, where they are addressed to everybody.
_SEEN_BY_ALL = (
    *("saved.", "search.", "follow.", "topics.", "pause.", "memory.", "why.", "mute.", "card."),
    *("digest.empty", "digest.wait", "settings.ask_", "settings.line_", "settings.done_"),
    *("stats.", "coming."),
)
# Shown to one person: on a tap, with an answer to a misspelling, or in private chats only.
_SEEN_BY_ONE = {
    *("follow.begun", "follow.ended", "follow.too_many", "topics.did_you_mean", "stats.heading"),
    "card.followed",
}
# Imperatives are for whoever reads them, pronouns and these verbs for one person.
_ADDRESSED = {
    "en": r"you|your|yours",
    "de": r"du|dir|dich|dein\w*",
    "es": r"tú|ti|te|tus?|has|hayas|tienes|sigues|recibes|ves|quieres|guardaste|estás|elegiste",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_whole_group_sees_addresses_nobody_in_particular(language: str) -> None:
    addressed = re.compile(rf"\b(?:{_ADDRESSED[language]})\b", re.IGNORECASE)
    found = {
        key: form
        for key, words in catalogue(language).items()
        for form in forms(words).values()
        if key.startswith(_SEEN_BY_ALL) and key not in _SEEN_BY_ONE and addressed.search(form)
    }
    assert not found


def test_values_are_escaped_unless_they_are_html() -> None:
    assert "&lt;b&gt;" in text("command.unknown", "en", name="<b>")
    assert "<b>x</b>" in text("command.unknown", "en", name=Html("<b>x</b>"))
    assert "{name}" in text("command.unknown", "en", name="{name}")


def test_one_and_many() -> None:
    # A number and its unit are not divided at the end of a line.
    assert text("digest.points", "en", count=1) == "1\u00a0point"
    assert text("digest.points", "en", count=0) == "0\u00a0points"
    assert text("digest.points", "de", count=2) == "2\u00a0Punkte"


def test_numbers_and_dates_are_the_languages_own() -> None:
    counted = [text("digest.points", language, count=12_345) for language in ("en", "de", "es")]
    assert counted == ["12,345\u00a0points", "12.345\u00a0Punkte", "12.345\u00a0puntos"]
    assert text("parked.retry", "en", number=12_345) == "🔁 Retry 12345"
    day = date(2026, 11, 3)
    assert [day_name(day, language) for language in ("en", "de", "es", "tlh")] == [
        "Tuesday, 3 November",
        "Dienstag, 3. November",
        "martes, 3 de noviembre",
        "Tuesday, 3 November",
    ]
    assert [past_day(day, language) for language in ("en", "de", "es")] == [
        "3 November 2026",
        "3. November 2026",
        "3 de noviembre de 2026",
    ]


def test_an_unknown_language_is_english() -> None:
    assert text("digest.points", "tlh", count=1) == "1\u00a0point"
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
