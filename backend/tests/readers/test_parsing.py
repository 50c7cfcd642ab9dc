"""Settings as people type them."""

from __future__ import annotations

from datetime import time
from functools import partial

import pytest

from app.readers import parsing
from app.readers.parsing_alerts import parse_alerts
from app.readers.parsing_times import time_of_day


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("8", time(8)),
        ("08", time(8)),
        ("8:30", time(8, 30)),
        ("08.30", time(8, 30)),
        ("8h30", time(8, 30)),
        ("0830", time(8, 30)),
        ("8 am", time(8)),
        ("8pm", time(20)),
        ("8:15 p.m.", time(20, 15)),
        ("12 am", time(0)),
        ("12 pm", time(12)),
        ("20 Uhr", time(20)),
        ("um 7.45 Uhr", time(7, 45)),
        ("24:00", time(0)),
        ("0:00", time(0)),
        ("13 pm", time(13)),
        ("noon", time(12)),
        ("Midnight.", time(0)),
        ("8 o'clock", time(8)),
        ("at 8 in the morning", time(8)),
        ("eight in the evening", time(20)),
        ("11 at night", time(23)),
        ("12 at night", time(0)),
        ("half past seven", time(7, 30)),
        ("half past seven pm", time(19, 30)),
        ("a quarter to 9", time(8, 45)),
        ("quarter past 12 pm", time(12, 15)),
        ("halb acht", time(7, 30)),
        ("halb acht abends", time(19, 30)),
        ("8 Uhr morgens", time(8)),
        ("20 Uhr abends", time(20)),
        ("Viertel vor 9", time(8, 45)),
        ("um Mitternacht", time(0)),
        ("mittags", time(12)),
        ("halb 1", time(0, 30)),
        ("viertel acht", time(7, 15)),
        ("drei viertel acht", time(7, 45)),
        ("8 30 am", time(8, 30)),
    ],
)
def test_times(words: str, at: time) -> None:
    assert time_of_day(words) == at


@pytest.mark.parametrize(
    "words",
    [
        "",
        "25",
        "8:60",
        "half",
        "half past",
        "half past 7:30",
        "pm",
        "20 am",
        "noonish",
        "8:3",
        "-1",
        "8-9",
        "24:30",
        "٨:٩٩",
        "9" * 4000,
    ],
)
def test_invalid_times(words: str) -> None:
    with pytest.raises(ValueError):
        time_of_day(words)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("mon", (1,)),
        ("Mon, Wed and Fri", (1, 3, 5)),
        ("mo mi fr", (1, 3, 5)),
        ("Montag und Donnerstag", (1, 4)),
        ("mon-fri", (1, 2, 3, 4, 5)),
        ("Mo bis Do", (1, 2, 3, 4)),
        ("sat - mon", (1, 6, 7)),
        ("weekdays", (1, 2, 3, 4, 5)),
        ("Wochenende", (6, 7)),
        ("every day", (1, 2, 3, 4, 5, 6, 7)),
        ("täglich", (1, 2, 3, 4, 5, 6, 7)),
        ("1,2,7", (1, 2, 7)),
        ("sundays", (7,)),
        ("off", ()),
        ("Monday to Friday", (1, 2, 3, 4, 5)),
        ("from Monday through Wednesday", (1, 2, 3)),
        ("mon-wed and fri-sat", (1, 2, 3, 5, 6)),
        ("every Monday", (1,)),
        ("weekends", (6, 7)),
        ("am Wochenende", (6, 7)),
        ("werktags", (1, 2, 3, 4, 5)),
    ],
)
def test_weekdays(words: str, days: tuple[int, ...]) -> None:
    assert parsing.weekdays(words) == days


@pytest.mark.parametrize(
    ("language", "words", "days"),
    [("de", "So", (7,)), ("de", "Sa, So", (6, 7)), ("de", "Do", (4,)), ("en", "sa-su", (6, 7))],
)
def test_short_weekdays_are_of_the_readers_language(
    language: str, words: str, days: tuple[int, ...]
) -> None:
    assert parsing.weekdays(words, language) == days


@pytest.mark.parametrize(
    "words", ["300 points", "300", "ab 300 Punkten", "over 1,000", "1k or more"]
)
def test_a_number_of_points(words: str) -> None:
    assert parsing.is_points(words)


@pytest.mark.parametrize("words", ["windows 11", "points", "rust", "", "3 rust", "300 points rust"])
def test_invalid_numbers_of_points(words: str) -> None:
    assert not parsing.is_points(words)


@pytest.mark.parametrize(
    "words", ["", "m", "someday", "8", "mon-wed-fri", ",", "mon tomorrow", "to fri"]
)
def test_invalid_weekdays(words: str) -> None:
    with pytest.raises(ValueError):
        parsing.weekdays(words)


def test_one_weekday_or_none() -> None:
    assert parsing.weekday_or_off("Sonntag") == 7
    assert parsing.weekday_or_off("aus") is None
    with pytest.raises(ValueError):
        parsing.weekday_or_off("mon, tue")


@pytest.mark.parametrize(
    "words", ["ten or twelve", "five six", "twenty or thirty", "seventy eighty"]
)
def test_several_numbers_are_none(words: str) -> None:
    with pytest.raises(ValueError):
        parsing.number(words, least=1, most=10_000)


def test_a_number_after_a_weekday_is_a_time() -> None:
    assert parsing.weekday_and_time("sunday 7") == (7, time(7))
    assert parsing.days_and_time("sunday 6") == ((7,), time(6))
    for parse in parsing.weekdays, parsing.weekday_or_off:
        with pytest.raises(ValueError):
            parse("sunday 6")


def test_a_time_alone_is_on_the_day_that_is_known() -> None:
    assert parsing.weekday_and_time("18:30", day=7) == (7, time(18, 30))
    for words, day in ("18:30", None), ("sat and sun at 8", 7), ("someday at 8", 7):
        with pytest.raises(ValueError):
            parsing.weekday_and_time(words, day=day)


def test_numbers() -> None:
    assert parsing.number("50 points", least=0, most=100) == 50
    assert parsing.number_or_off("off", least=10, most=100) == 0
    for words in "1k", "1,000", "1.000", "1 000 Punkte":
        assert parsing.number(words, least=1, most=10_000) == 1000
    for words in "101", "-5", "5 or 6", "many", "", "1" * 5000:
        with pytest.raises(ValueError):
            parsing.number(words, least=1, most=100)


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u2003"])
def test_whitespace_is_collapsed(blank: str) -> None:
    assert time_of_day(f"8{3 * blank}:{blank}30 {blank}pm") == time(20, 30)
    assert parsing.weekdays(f"mon {3 * blank}-{blank}wed ,{blank} fri") == (1, 2, 3, 5)


def test_words_too_long_for_a_setting_are_rejected() -> None:
    for parse in time_of_day, parsing.weekdays, partial(parsing.number, least=1, most=9):
        with pytest.raises(ValueError):
            parse("8" + 4000 * " ")


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        *(("en", "a dozen", 12), ("en", "two dozen", 24), ("en", "ten stories max", 10)),
        *(("de", "ein Dutzend", 12), ("de", "eine Geschichte", 1), ("es", "dos docenas", 24)),
        *(("es", "una docena", 12), ("en", "1,5k", 1500), ("es", "1.5k puntos", 1500)),
        *(("en", "a few", None), ("en", "half a dozen", None), ("de", "ein paar", None)),
        *(("de", "ein halbes Dutzend", None), ("es", "media docena", None), ("es", "unas 5", 5)),
    ],
)
def test_numbers_in_words_are_exact(language: str, words: str, value: int | None) -> None:
    parse = partial(parsing.number, words, language, least=1, most=10_000)
    if value is None:
        with pytest.raises(ValueError):
            parse()
    else:
        assert parse() == value


@pytest.mark.parametrize(
    ("language", "words", "days", "at"),
    [
        ("en", "every weekday at 6", (1, 2, 3, 4, 5), time(6)),
        ("en", "weekends at noon", (6, 7), time(12)),
        ("en", "weekdays at midnight", (1, 2, 3, 4, 5), time(0)),
        ("de", "Montag und Dienstag um 7", (1, 2), time(7)),
        ("de", "freitags um halb acht", (5,), time(7, 30)),
        ("es", "de lunes a viernes a las 8", (1, 2, 3, 4, 5), time(8)),
        ("en", "mon,wed and fri, 7:30", (1, 3, 5), time(7, 30)),
        ("en", "7:30 on Mondays", (1,), time(7, 30)),
    ],
)
def test_days_with_a_time(language: str, words: str, days: tuple[int, ...], at: time) -> None:
    assert parsing.days_and_time(words, language) == (days, at)


@pytest.mark.parametrize(
    "words",
    ["at 6", "monday at", "monday at 25", "home at 6", "", " at ", "7 or 8", "1 2 3", "8, 1 and 2"],
)
def test_days_without_a_time(words: str) -> None:
    with pytest.raises(ValueError):
        parsing.days_and_time(words)


@pytest.mark.parametrize(
    ("language", "words", "most", "points", "on"),
    [
        ("en", "when SQLite is mentioned", None, None, ["SQLite"]),
        ("en", "let me know, when Rust appears", None, None, ["Rust"]),
        ("en", "anything with 1000+ points", None, 1000, []),
        ("en", "twice a day", 2, None, []),
        ("en", "no alerts", None, 0, []),
        ("de", "sag mir Bescheid, wenn Rust auftaucht", None, None, ["Rust"]),
        ("de", "höchstens einmal am Tag", 1, None, []),
        ("de", "keine Alarme", None, 0, []),
        ("es", "cuando se mencione SQLite", None, None, ["SQLite"]),
        ("es", "una vez al día", 1, None, []),
        ("es", "sin avisos", None, 0, []),
        ("en", "at most 2 a day, from 300 points", 2, 300, []),
        ("en", "500 points, 2 per day", 2, 500, []),
        ("en", "max. two alerts a day", 2, None, []),
        ("en", "500 points and Rust", None, 500, ["Rust"]),
        ("en", "1984 and Orwell", None, None, ["1984 and Orwell"]),
        ("en", "a day", None, None, ["a day"]),
        ("en", "one laptop per child", None, None, ["one laptop per child"]),
        ("de", "höchstens 2 am Tag, ab 300 Punkten", 2, 300, []),
        ("de", "maximal zwei pro Tag", 2, None, []),
        ("de", "wenn es um Postgres geht", None, None, ["Postgres"]),
        ("es", "300 puntos y 🦀 rust, no más de 2 al día", 2, 300, ["Rust"]),
    ],
)
def test_alerts_in_own_words(
    language: str, words: str, most: int | None, points: int | None, on: list[str]
) -> None:
    alerts = parse_alerts(words, language)
    assert alerts.settings.get("alerts_per_day") == most
    assert alerts.settings.get("alert_points") == points
    assert alerts.on == on


def test_alerts_out_of_bounds_change_nothing() -> None:
    assert not parse_alerts("99 a day, Rust", "en")
