"""The settings that have one value each: what may be typed for them, and what is offered to tap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.digests.compose import PERSONALISED
from app.readers import typed
from app.readers.places import zone_for
from app.wording import LANGUAGES, text

STYLES = ("basic", "technical", "business", "concise", PERSONALISED)


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting.

    `parse` makes the value of what was typed and raises ValueError when that means none; the
    `offered` ones are typed for the reader at a tap.
    """

    column: str
    parse: Callable[[str], Any]
    example: str
    offered: tuple[str, ...] = ()
    columns: int = 3


def _zone(words: str) -> str:
    zone = zone_for(words)
    if zone is None:
        raise ValueError(words)
    return zone


def _style(words: str) -> str:
    wanted = words.casefold().strip()
    for style in STYLES:
        if wanted in [text(f"style.{style}", language) for language in LANGUAGES]:
            return style
    return _one_of(STYLES, words)


def _language(words: str) -> str:
    wanted = words.casefold().strip()
    names = {name.casefold(): code for code, name in LANGUAGES.items()}
    others = {"german": "de", "englisch": "en"}
    return names.get(wanted) or others.get(wanted) or _one_of(tuple(LANGUAGES), wanted)


def _one_of(values: tuple[str, ...], words: str) -> str:
    wanted = words.casefold().strip()
    found = [value for value in values if wanted and value.startswith(wanted)]
    if len(found) != 1:
        raise ValueError(words)
    return found[0]


# By the names under which /settings takes them.
CHOICES: dict[str, Choice] = {
    "hour": Choice(
        "digest_time", typed.time_of_day, "7:30", tuple(f"{hour}:00" for hour in range(24)), 4
    ),
    "zone": Choice("timezone", _zone, "Berlin"),
    "days": Choice(
        "digest_days", typed.weekdays, "mon-fri", ("every day", "weekdays", "weekend", "off"), 2
    ),
    "stories": Choice(
        "story_count",
        partial(typed.number, least=1, most=typed.MOST_STORIES),
        "12",
        ("3", "5", "7", "10", "15", "20"),
        6,
    ),
    "style": Choice("style", _style, "technical", STYLES, 2),
    "points": Choice(
        "minimum_points",
        partial(typed.number_or_off, least=1, most=typed.MOST_POINTS),
        "75",
        ("off", "20", "50", "100", "200", "500"),
        3,
    ),
    "weekly": Choice(
        "weekly_day", typed.weekday_or_off, "sunday", ("1", "2", "3", "4", "5", "6", "7", "off"), 4
    ),
    "language": Choice("language", _language, "de", tuple(LANGUAGES), 2),
    "alerts": Choice(
        "alert_points",
        partial(typed.number_or_off, least=1, most=typed.MOST_POINTS),
        "400",
        ("off", "200", "300", "500", "750", "1000"),
        3,
    ),
    "alerts_per_day": Choice(
        "alerts_per_day",
        partial(typed.number, least=1, most=typed.MOST_ALERTS),
        "2",
        ("1", "3", "5", "10"),
        4,
    ),
}
