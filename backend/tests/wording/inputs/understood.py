"""Reads what people type as the bot does."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path
from typing import Any

from app.readers.parsing import MAX_POINTS, number_or_off, weekday_and_time, weekdays
from app.readers.parsing_times import time_of_day
from app.readers.places import zone_for
from app.wording import FALLBACK
from app.wording.locales import short_weekday, weekday_name

FOLDER = Path(__file__).parent


def inputs(language: str) -> Mapping[str, Mapping[str, Any]]:
    """By kind, what is typed and what it means."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def _day_and_time(day: int, at: time) -> str:
    return f"{weekday_name(day, FALLBACK)} {at:%H:%M}"


# By kind: the words and the language → what is understood.
UNDERSTOOD: dict[str, Callable[[str, str], Any]] = {
    "times": lambda words, language: time_of_day(words, language).strftime("%H:%M"),
    "days": lambda words, language: list(weekdays(words, language)),
    "weekly": lambda words, language: _day_and_time(*weekday_and_time(words, language)),
    "points": lambda words, language: number_or_off(words, language, least=1, most=MAX_POINTS),
    "places": lambda words, _language: zone_for(words),
}


def shown(kind: str, value: Any, language: str) -> str:
    """A value for people."""
    if kind == "days":
        return ", ".join(short_weekday(day, language) for day in value)
    return str(value)
