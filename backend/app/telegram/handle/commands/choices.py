"""The settings with a single value: parsing of typed values, and the values offered as buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from app.digests.description import PERSONALISED
from app.languages import SUMMARIES
from app.readers import parsing
from app.readers.parsing_times import time_of_day
from app.readers.places import zone_for
from app.readers.store import Reader
from app.settings import Settings
from app.summaries import prompts
from app.summaries.paid_languages import languages_paid_for
from app.wording import LANGUAGES, language_named, summary_language_named
from app.wording.shown import labels, match_text
from app.wording.typed_words import (
    MAX_TYPED,
    bare,
    in_order,
    typed_words,
    without_courtesy,
)

# The styles of summaries, and one that selects key points by the reader's interests.
STYLES = (*prompts.STYLES, PERSONALISED)


@dataclass(frozen=True, slots=True)
class SettingChoice:
    """One setting.

    `parse` converts a typed value in a language, and raises ValueError if it is invalid. A tap on
    one of the `offered` values is handled like typing it.
    """

    column: str
    parse: Callable[[str, str], Any]
    offered: tuple[str, ...] = ()
    columns: int = 3


def _zone(words: str, _language: str) -> str:
    zone = zone_for(words)
    if zone is None:
        raise ValueError(words)
    return zone


def _style(words: str, language: str) -> str:
    shown = match_text(words, [f"style.{style}" for style in STYLES], language)
    if shown:
        return shown.partition(".")[2]
    said = without_courtesy(words)
    named = (typed_words(one).styles.get(said) for one in in_order(language))
    return next(filter(None, named), None) or _one_of(STYLES, said)


def _summary_language(words: str, _language: str) -> str:
    code = summary_language_named(without_courtesy(words))
    if code is None:
        raise ValueError(words)
    return code


def is_allowed(name: str, value: object, settings: Settings) -> bool:
    """Whether the operator allows this value of a setting."""
    return name != "summaries" or value in languages_paid_for(settings)


def parse_changes(name: str, words: str, reader: Reader, settings: Settings) -> dict[str, Any]:
    """The columns that a typed value changes. Days may be typed with a time, and for the weekly
    digest also a time alone, once it has a day.

    Raises:
        ValueError: the value is invalid.
    """
    choice, language = CHOICES[name], reader.language
    try:
        value = choice.parse(words, language)
    except ValueError:
        if name == "weekly":
            day, at = parsing.weekday_and_time(words, language, reader.weekly_day)
            return {choice.column: day, "weekly_time": at}
        if name in _SCHEDULED:
            days, at = parsing.days_and_time(words, language)
            return dict(zip((CHOICES[one].column for one in _SCHEDULED), (days, at), strict=True))
        raise
    if not is_allowed(name, value, settings):
        raise ValueError(words)
    return {choice.column: value}


def value_after_name(name: str, words: str) -> str:
    """What follows the name of a setting in any language, as in "weekly digest: Sunday"; empty if
    the words do not begin with it.
    """
    parts = [part for part in words[:MAX_TYPED].split() if any(map(str.isalnum, part))]
    names = _names(name)
    for count in range(len(parts) - 1, 0, -1):
        if bare(" ".join(parts[:count])) in names:
            return " ".join(parts[count:])
    return ""


@cache
def _names(name: str) -> frozenset[str]:
    """What a setting is called on its button and its line, and by people."""
    shown = labels((f"settings.button_{name}", f"settings.line_{name}"))
    return shown.union(*(typed_words(one).settings[name] for one in LANGUAGES))


def _spoken(words: str, _language: str) -> str:
    said = without_courtesy(words)
    return language_named(said) or _one_of(tuple(LANGUAGES), said)


def _one_of(values: tuple[str, ...], words: str) -> str:
    wanted = words.casefold().strip()
    found = [value for value in values if wanted and value.startswith(wanted)]
    if len(found) != 1:
        raise ValueError(words)
    return found[0]


# May be typed together, such as "weekdays at 6".
_SCHEDULED = ("days", "hour")
# By the names that /settings accepts.
CHOICES: dict[str, SettingChoice] = {
    "hour": SettingChoice("digest_time", time_of_day, tuple(f"{hour}:00" for hour in range(24)), 4),
    "zone": SettingChoice("timezone", _zone),
    "days": SettingChoice(
        "digest_days", parsing.weekdays, ("every day", "weekdays", "weekend", "off"), 2
    ),
    "stories": SettingChoice(
        "story_count",
        partial(parsing.number, least=1, most=parsing.MAX_STORIES),
        ("3", "5", "7", "10", "15", "20"),
        6,
    ),
    "style": SettingChoice("style", _style, STYLES, 2),
    "points": SettingChoice(
        "minimum_points",
        partial(parsing.number_or_off, least=1, most=parsing.MAX_POINTS),
        ("off", "20", "50", "100", "200", "500"),
        3,
    ),
    "weekly": SettingChoice(
        "weekly_day", parsing.weekday_or_off, ("1", "2", "3", "4", "5", "6", "7", "off"), 4
    ),
    "language": SettingChoice("language", _spoken, tuple(LANGUAGES), 2),
    "summaries": SettingChoice("summary_language", _summary_language, tuple(SUMMARIES), 2),
    "alerts": SettingChoice(
        "alert_points",
        partial(parsing.number_or_off, least=1, most=parsing.MAX_POINTS),
        ("off", "200", "300", "500", "750", "1000"),
        3,
    ),
    "alerts_per_day": SettingChoice(
        "alerts_per_day",
        partial(parsing.number, least=1, most=parsing.MAX_ALERTS),
        ("1", "3", "5", "10"),
        4,
    ),
}
