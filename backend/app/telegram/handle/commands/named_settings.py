"""Finds the setting that typed words name with a value, such as "weekly digest: Sunday at 7"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.readers.parsing_alerts import parse_alerts
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.handle.commands.choices import parse_changes, value_after_name
from app.telegram.handle.commands.small_talk import is_question
from app.wording.typed_words import MAX_TYPED, without_talk

# A value after a colon may have several words, such as "points: as many as possible".
MAX_WORDS_OF_A_VALUE = 3
# A number, perhaps with a unit: "25 o’clock" but not "5 nobody understands".
MAX_WORDS_WITH_A_NUMBER = 2
_GLUED = re.compile(r"(?<=[^\W\d])\s*[:=](?=\S)")
_NUMBER = re.compile(r"[-+]?\d")


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A setting that was named, and its value as typed.

    `changed` are the columns that the value changes; None if the setting has no such value.
    """

    name: str
    value: str
    changed: dict[str, Any] | None


def named_value(
    words: str, names: Iterable[str], reader: Reader, settings: Settings, *, alone: bool
) -> NamedValue | None:
    """The setting among `names` that the words begin with, and its value; None if they are about
    something else, such as "time complexity of this?".

    Args:
        alone: whether a single word is a mistaken value. It is none where topics are asked for,
            such as "time travel".
    """
    words = _GLUED.sub(": ", words[:MAX_TYPED]) if len(words) <= MAX_TYPED else ""
    mistaken = None
    asked = without_talk(words, "change")
    for name in names:
        value = value_after_name(name, words) or value_after_name(name, asked)
        if not value:
            continue
        if asked != words:  # as in "set the time to 9"
            value = without_talk(value, "into", "courtesy")
        try:
            return NamedValue(name, value, _changes(name, value, reader, settings))
        except ValueError:
            if mistaken is None and _is_meant(name, words, value, alone=alone):
                mistaken = NamedValue(name, value, None)
    return mistaken


def _changes(name: str, value: str, reader: Reader, settings: Settings) -> dict[str, Any]:
    """The columns that a value changes.

    Raises:
        ValueError: the value is invalid.
    """
    if name != "alerts":
        return parse_changes(name, value, reader, settings)
    wanted = parse_alerts(value, reader.language)
    if wanted.on or wanted.off or not wanted.settings:
        raise ValueError(value)
    return dict(wanted.settings)


def is_separated(words: str, value: str) -> bool:
    """Whether a colon or an equals sign stands before the value at the end of the words."""
    return " ".join(words.split()).removesuffix(value).rstrip().endswith((":", "="))


def _is_meant(name: str, words: str, value: str, *, alone: bool) -> bool:
    """Whether words that are no value of the setting are a mistaken one."""
    if is_question(words):
        return False
    count = len(without_talk(value, "courtesy").split())
    if is_separated(words, value):
        return count <= MAX_WORDS_OF_A_VALUE
    if _NUMBER.match(value):
        return count <= MAX_WORDS_WITH_A_NUMBER
    return alone and count == 1 and name != "alerts"  # whose values are words, too
