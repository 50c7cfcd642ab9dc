"""What people type for a setting, as its value, in any way that people write it.

Each function takes the words and raises ValueError when they cannot be understood; whoever asked
says then, in the reader's language, what would be.
"""

from __future__ import annotations

import re
from datetime import time

from app.readers.phrases import fold

MOST_STORIES = 20
MOST_POINTS = 10_000
MOST_ALERTS = 20
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
WORKING_DAYS, WEEKEND = (1, 2, 3, 4, 5), (6, 7)

_TIME = re.compile(r"(?:at|um)?\s*(\d{1,2})(?:\s*[:.h]\s*(\d{2})|(\d{2}))?\s*(?:uhr|h)?\s*(am|pm)?")
_OFF = frozenset(("off", "none", "no", "never", "0", "aus", "keine", "kein", "nie", "-", "–"))
_YES = frozenset(
    [
        "yes",
        "yep",
        "yeah",
        "y",
        "ok",
        "okay",
        "right",
        "correct",
        "ja",
        "j",
        "jo",
        "genau",
        "richtig",
        "stimmt",
        "passt",
        "korrekt",
    ]
)
_WEEKDAYS = (
    ("monday", "montag"),
    ("tuesday", "dienstag"),
    ("wednesday", "mittwoch"),
    ("thursday", "donnerstag"),
    ("friday", "freitag"),
    ("saturday", "samstag", "sonnabend"),
    ("sunday", "sonntag"),
)
_GROUPS = {
    "every day": EVERY_DAY,
    "everyday": EVERY_DAY,
    "daily": EVERY_DAY,
    "all": EVERY_DAY,
    "taglich": EVERY_DAY,
    "jeden tag": EVERY_DAY,
    "alle": EVERY_DAY,
    "weekday": WORKING_DAYS,
    "workday": WORKING_DAYS,
    "werktag": WORKING_DAYS,
    "weekend": WEEKEND,
    "wochenende": WEEKEND,
}
_SHORTEST_DAY = 2
_TO = re.compile(r"\s*(?:-|–|\bto\b|\bbis\b)\s*")
_BETWEEN_PARTS = re.compile(r"[\s,;/+&]+(?:(?:and|und)\s+)?")


def time_of_day(words: str) -> time:
    """`8`, `8:30`, `08.30`, `0830`, `8 pm`, `20 Uhr`."""
    found = _TIME.fullmatch(words.casefold().replace(".m.", "m").strip())
    if found is None:
        raise ValueError(words)
    hour, minute, half = int(found[1]), int(found[2] or found[3] or 0), found[4]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(words)
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour % 24 if (hour, minute) == (24, 0) else hour, minute)


def weekdays(words: str) -> tuple[int, ...]:
    """ISO weekdays in order: `mon, wed`, `Mo-Fr`, `weekdays`, `every day`; `off` is none."""
    if is_off(words):
        return ()
    if days := _GROUPS.get(fold(words)):
        return days
    chosen: set[int] = set()
    for part in _BETWEEN_PARTS.split(_TO.sub("-", words.casefold())):
        if part:
            first, *last = map(_weekday, part.split("-"))
            if len(last) > 1:
                raise ValueError(words)
            span = (last[0] - first) % 7 if last else 0
            chosen |= {(first - 1 + n) % 7 + 1 for n in range(span + 1)}
    if not chosen:
        raise ValueError(words)
    return tuple(sorted(chosen))


def weekday_or_off(words: str) -> int | None:
    """One ISO weekday, as its number or name; None for `off`."""
    if is_off(words):
        return None
    return _weekday(words)


def number(words: str, least: int, most: int) -> int:
    """A whole number within bounds; words around it, such as in `50 points`, do not matter."""
    found = re.findall(r"\d+", words[:40])
    if len(found) != 1 or not least <= int(found[0]) <= most or "-" in words:
        raise ValueError(words)
    return int(found[0])


def number_or_off(words: str, least: int, most: int) -> int:
    """As `number`; 0 for `off`."""
    return 0 if is_off(words) else number(words, least, most)


def is_off(words: str) -> bool:
    """Whether the words say that there shall be none."""
    return words.casefold().strip(" .!") in _OFF


def is_yes(words: str) -> bool:
    """Whether the words agree to what was asked."""
    return words.casefold().strip(" .!👍") in _YES


def _weekday(words: str) -> int:
    name = words.casefold().strip(" .")
    if name.isdecimal():
        return number(name, 1, 7)
    names = name.removesuffix("s") if len(name) > _SHORTEST_DAY + 2 else name
    for day, spelled in enumerate(_WEEKDAYS, 1):
        if len(names) >= _SHORTEST_DAY and any(one.startswith(names) for one in spelled):
            return day
    raise ValueError(words)
