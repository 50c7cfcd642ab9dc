"""Settings as people type them."""

from __future__ import annotations

from datetime import time

import pytest

from app.readers import typed


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
    ],
)
def test_times(words: str, at: time) -> None:
    assert typed.time_of_day(words) == at


@pytest.mark.parametrize(
    "words", ["", "25", "8:60", "morning", "13 pm", "8:3", "-1", "8-9", "24:30", "٨:٩٩", "9" * 4000]
)
def test_what_is_no_time(words: str) -> None:
    with pytest.raises(ValueError):
        typed.time_of_day(words)


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
    ],
)
def test_weekdays(words: str, days: tuple[int, ...]) -> None:
    assert typed.weekdays(words) == days


@pytest.mark.parametrize("words", ["", "m", "someday", "8", "mon-wed-fri", ",", "mon tomorrow"])
def test_what_is_no_weekday(words: str) -> None:
    with pytest.raises(ValueError):
        typed.weekdays(words)


def test_one_weekday_or_none() -> None:
    assert typed.weekday_or_off("Sonntag") == 7
    assert typed.weekday_or_off("aus") is None
    with pytest.raises(ValueError):
        typed.weekday_or_off("mon, tue")


def test_numbers() -> None:
    assert typed.number("50 points", 0, 100) == 50
    assert typed.number_or_off("off", 10, 100) == 0
    for words in "101", "-5", "5 or 6", "many", "", "1" * 5000:
        with pytest.raises(ValueError):
            typed.number(words, 1, 100)
