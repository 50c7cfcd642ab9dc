"""Every displayed setting can be typed as input, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from itertools import chain, combinations
from typing import Any

import pytest

from app.languages import SUMMARIES
from app.readers import parsing
from app.readers.interests.topics import (
    TOPICS,
    interest_name,
    parse_phrases,
    topic_label,
)
from app.readers.parsing import MAX_POINTS, MAX_STORIES, is_done, is_no, is_yes
from app.readers.parsing_alerts import parse_alerts
from app.readers.places import place_for, zone_name
from app.telegram.handle.commands import COMMANDS, settings_pages
from app.telegram.handle.commands.choices import CHOICES, STYLES
from app.text.phrases import fold_phrase
from app.wording import LANGUAGES, catalogue, text
from app.wording.locales import short_weekday, weekday_name
from app.wording.typed_words import EVERY_DAY

every_language = pytest.mark.parametrize("language", LANGUAGES)
SOME_DAYS = list(chain.from_iterable(combinations(EVERY_DAY, n) for n in range(8)))
# Sections with the commands of the operator.
_FOR_THE_OPERATOR = ("operator_usage.", "broadcast.", "status.", "alert.", "maintenance.")
COMMAND = re.compile(r"<code>/(\w+)(?: ([^<]*))?</code>")
# Marks that buttons and lists have around the words.
AROUND: list[Callable[[str], str]] = [
    str,
    lambda words: f"✓ {words}",
    lambda words: f"“{words}”",
    lambda words: f"«{words}».",
    str.upper,
]


def means(name: str, words: str, language: str, value: Any) -> None:
    for around in AROUND:
        assert CHOICES[name].parse(around(words), language) == value, around(words)


@every_language
def test_times(language: str) -> None:
    for minute in range(24 * 60):
        at = time(*divmod(minute, 60))
        assert CHOICES["hour"].parse(at.strftime("%H:%M"), language) == at
    for offered in CHOICES["hour"].offered:
        means("hour", offered, language, time(int(offered.partition(":")[0])))


@every_language
def test_weekdays(language: str) -> None:
    for days in SOME_DAYS:
        means("days", settings_pages.days(days, language), language, days)
    for day in EVERY_DAY:
        named = short_weekday(day, language), weekday_name(day, language)
        each = text(f"date.each_{day}", language)
        at = text("settings.at", language, day=each, time="7:30")
        for words in *named, each:
            means("days", words, language, (day,))
        for words in *named, each:
            means("weekly", words, language, day)
        for around in AROUND:
            assert parsing.weekday_and_time(around(at), language) == (day, time(7, 30))
    means("weekly", text("settings.off", language), language, None)


@every_language
def test_numbers(language: str) -> None:
    for count in (*range(1, 200), 999, 1000, 1001, 5000, MAX_POINTS):
        for name in "points", "alerts":
            points = settings_pages.points(count, language, "settings.any_points")
            means(name, points, language, count)
            means(name, text("digest.points", language, count=count), language, count)
    for count in range(1, MAX_STORIES + 1):
        means("stories", text("settings.up_to", language, count=count), language, count)
    for key, name in ("settings.any_points", "points"), ("settings.off", "alerts"):
        means(name, text(key, language), language, 0)
    for count in range(1, 21):
        per_day = text("settings.at_most", language, count=count)
        means("alerts_per_day", per_day, language, count)
        means("alerts_per_day", text("settings.a_day", language, number=count), language, count)


@every_language
def test_styles_and_languages(language: str) -> None:
    for style in STYLES:
        means("style", text(f"style.{style}", language), language, style)
    for code, name in LANGUAGES.items():
        means("language", name, language, code)
    for code, name in SUMMARIES.items():
        means("summaries", name, language, code)


@every_language
def test_zones_and_places(language: str) -> None:
    zones = {"UTC", "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires"}
    for zone in zones | {f"Etc/GMT{hours:+}" for hours in range(-14, 13) if hours}:
        found = place_for(zone_name(zone), language)
        assert found is not None and found.zone == zone
    for typed in "Springfield", "Berlin", "San José, Costa Rica", "Wien", "Londres", "Paris, TX":
        found = place_for(typed, language)
        assert found is not None and found.name
        again = place_for(found.name, language)
        assert again is not None and again.zone == found.zone, found


@every_language
def test_topics(language: str) -> None:
    for name, phrase in TOPICS.items():
        label = topic_label(name, language)
        assert interest_name(phrase, language) == interest_name(label, language) == label
        for mark in "", "✓ ", "🔔 ", "• ":
            [typed] = parse_phrases(mark + label).wanted
            assert fold_phrase(typed) == fold_phrase(phrase)
    assert interest_name("sqlite", language) == "sqlite"


@every_language
def test_alerts(language: str) -> None:
    """What the page of alerts says of them, whole: points, words and how many a day."""
    points = settings_pages.points(300, language, "settings.off")
    about = text("settings.about", language, words="Rust, sqlite")
    most = text("settings.at_most", language, count=3)
    typed = parse_alerts(f"{points}{text('settings.or', language)}{about}, {most}", language)
    assert typed.settings == {"alert_points": 300, "alerts_per_day": 3}
    assert (typed.on, typed.off) == (["Rust", "sqlite"], [])
    assert parse_alerts(text("settings.off", language), language).settings == {"alert_points": 0}
    assert parse_alerts(text("settings.a_day", language, number=5), language).settings == {
        "alerts_per_day": 5
    }
    assert (parse_alerts("🔔 zig", language).on, parse_alerts("🔕 zig", language).off) == (
        ["zig"],
        ["zig"],
    )
    more = parse_alerts("300 or more", language)
    assert (more.settings, more.on) == ({"alert_points": 300}, [])
    for nothing in "", ",,,", "0 points, -5", "99999 points":
        assert not parse_alerts(nothing, language).on


@every_language
def test_answers(language: str) -> None:
    assert is_done(text("button.done", language), language)
    assert is_yes(text("button.yes", language), language)
    assert is_no(text("button.no", language), language)


@every_language
def test_examples(language: str) -> None:
    for name, choice in CHOICES.items():
        if name == "weekly":
            parsing.weekday_and_time(text("example.weekly", language), language)
        elif name != "alerts":
            choice.parse(text(f"example.{name}", language), language)


@every_language
def test_every_command_in_a_hint_is_one_and_its_values_are_understood(language: str) -> None:
    seen = 0
    for key, words in catalogue(language).items():
        if key.startswith(_FOR_THE_OPERATOR):
            continue
        for form in [words] if isinstance(words, str) else words.values():
            for command, argument in COMMAND.findall(form):
                seen += 1
                assert command in COMMANDS, f"{key}: /{command}"
                name, _, value = argument.partition(" ")
                if command == "settings" and value:
                    assert name in CHOICES, f"{key}: {argument}"
                    if name == "alerts":
                        assert parse_alerts(value, language), f"{key}: {argument}"
                    elif name == "weekly":
                        parsing.weekday_and_time(value, language)
                    else:
                        CHOICES[name].parse(value, language)
    assert seen > 40


@pytest.mark.parametrize(
    "words",
    [
        "(" * 4000,
        "8 " * 2000,
        "halb " * 1000,
        "a las " * 1000,
        "✓" * 4000,
        "🔔, " * 2000,
        "½" * 4000,
    ],
)
@every_language
def test_hostile_text_is_no_value(language: str, words: str) -> None:
    for name, choice in CHOICES.items():
        if name != "zone":
            with pytest.raises(ValueError):
                choice.parse(words, language)
    place_for(words, language)
    assert len(parse_alerts(words, language).on) <= 52
