"""Parses typed values of settings, in any usual spelling.

Each function raises ValueError if the words cannot be parsed; the caller then lists, in the
reader's language, what can be typed. The reader's language is tried first, then the others. Words
longer than `MAX_TYPED` are rejected.
"""

from __future__ import annotations

import math
import re
from datetime import time

from app.readers.parsing_times import (
    compact,
    fold_time,
    parse_spoken_time,
    time_of_day,
    without,
)
from app.wording import FALLBACK
from app.wording.shown import match_text
from app.wording.typed_words import (
    EVERY_DAY,
    MAX_TYPED,
    WEEKEND,
    WORKING_DAYS,
    TypedWords,
    bare,
    in_order,
    is_talk,
    typed_words,
    without_courtesy,
    without_talk,
)

MAX_STORIES = 20
MAX_POINTS = 10_000
MAX_ALERTS = 20
DOZEN, THOUSAND = 12, 1000

_SENTENCES = re.compile(r"[,;.!…\n–—]+")
_PARTS = re.compile(r"[,;/+&]+")
_NUMBER = re.compile(r"\d+(?:[., ]\d{3})*k?|\d+[.,]\d{1,2}k")
# "1,5k" and "1.5k": a fraction of a thousand.
_PART_OF_THOUSANDS = re.compile(r"(\d+)[.,](\d{1,2})k")
# What may stand between days and their time.
_AROUND = " ,;.:-–"
_NONE = ("0", "-", "–")
_DAYS_SHOWN = {
    "settings.every_day": EVERY_DAY,
    "settings.weekdays": WORKING_DAYS,
    "settings.weekend": WEEKEND,
    "settings.no_days": (),
}


def weekdays(words: str, language: str = FALLBACK) -> tuple[int, ...]:
    """ISO weekdays in order: `mon, wed`, `Mo-Fr`, `weekdays`, `every day except sunday`; `off` is
    empty.
    """
    if is_off(words, language):
        return ()
    said = without_courtesy(compact(words))
    if shown := match_text(said, tuple(_DAYS_SHOWN), language):
        return _DAYS_SHOWN[shown]
    for one in in_order(language):
        if days := _days(said, typed_words(one)):
            return days
    raise ValueError(words)


def is_done(words: str, language: str = FALLBACK) -> bool:
    """Whether the words mean that there is nothing to add, such as "no idea, surprise me"."""
    known = frozenset().union(*(typed_words(one).done for one in in_order(language)))
    parts = [part for part in _SENTENCES.split(words[:MAX_TYPED]) if bare(part)]
    said = [part for part in parts if not is_talk(part, "courtesy") and not is_talk(part, "hedge")]
    return bool(said) and len(words) <= MAX_TYPED and all(_is_one_of(part, known) for part in said)


def _is_one_of(part: str, known: frozenset[str]) -> bool:
    """Whether words are among the known ones, as they are or without what is said around them."""
    return bare(part) in known or bare(without_talk(part, "courtesy", "hedge")) in known


def is_no(words: str, language: str = FALLBACK) -> bool:
    """Whether the words answer a question with no."""
    said = without_courtesy(words)
    return any(said in typed_words(one).no for one in in_order(language))


def _days(said: str, known: TypedWords) -> tuple[int, ...]:
    """The weekdays in the words; empty if any word is not a weekday."""
    if group := _group(said, known):
        return group
    tokens = said.split()
    without = [place for place, token in enumerate(tokens) if token in known.exceptions]
    if without:
        before = " ".join(tokens[: without[0]])
        after = " ".join(one for one in tokens[without[0] :] if one not in known.exceptions)
        named = _days(before, known) if before and after else EVERY_DAY
        left_out = _days(after or before, known)
        return tuple(day for day in named if day not in left_out) if left_out else ()
    chosen: set[int] = set()
    for part in _parts(said, known):
        days = _group(part, known) or _listed_days(part, known)
        if not days and not known.filler.issuperset(part.split()):
            return ()
        chosen.update(days)
    return tuple(sorted(chosen))


def _parts(said: str, known: TypedWords) -> list[str]:
    """The parts of a list, which commas and words for "and" separate."""
    joins = "|".join(map(re.escape, known.joins))
    parts = re.split(rf"{_PARTS.pattern}|\b(?:{joins})\b", said)
    return [part.strip() for part in parts if part.strip()]


def _group(said: str, known: TypedWords) -> tuple[int, ...]:
    """The weekdays of a group such as `weekends`; empty if it is none."""
    tokens = said.split()
    while tokens:
        if group := known.groups.get(" ".join(tokens)):
            return group
        if tokens[0] in known.filler:
            tokens = tokens[1:]
        elif tokens[-1] in known.filler:
            tokens = tokens[:-1]
        else:
            return ()
    return ()


def _listed_days(said: str, known: TypedWords) -> tuple[int, ...]:
    """Weekdays and spans of them, one after the other."""
    chosen: set[int] = set()
    first: int | None = None
    spanned = False
    numbers = said[:1].isdecimal()
    for part in said.replace("–", "-").replace("-", " - ").split():
        word = part.strip(".:")
        if word == "-" or word in known.spans:
            if first is None or spanned:
                return ()
            spanned = True
        elif word.isdecimal() != numbers:
            return ()
        elif (day := _weekday_number(word, known)) is not None:
            if spanned and first is not None:
                chosen |= {(first - 1 + n) % 7 + 1 for n in range((day - first) % 7 + 1)}
                first, spanned = None, False
            else:
                chosen.add(day)
                first = day
        elif word and word not in known.filler:
            return ()
    return () if spanned else tuple(sorted(chosen))


def _weekday_number(word: str, known: TypedWords) -> int | None:
    if word.isdecimal():
        return int(word) if len(word) == 1 and 1 <= int(word) <= 7 else None
    return known.weekday(word)


def weekday_or_off(words: str, language: str = FALLBACK) -> int | None:
    """One ISO weekday, by number or name; None for `off`."""
    if is_off(words, language):
        return None
    days = weekdays(words, language)
    if len(days) != 1:
        raise ValueError(words)
    return days[0]


def number(words: str, language: str = FALLBACK, *, least: int, most: int) -> int:
    """A whole number within bounds, such as `50 points`, `1,500`, `1.500`, `1k` or `seven`."""
    said = without_talk(compact(words), "courtesy").casefold()
    said = _PART_OF_THOUSANDS.sub(_in_ones, said)
    found = _NUMBER.findall(said)
    if "-" in said:
        raise ValueError(words)
    if not found:
        value = _number_word(bare(said), language)
    elif len(found) == 1:
        digits = re.sub(r"\D", "", found[0])
        value = int(digits) * (THOUSAND if found[0].endswith("k") else 1)
    else:
        raise ValueError(words)
    if not least <= value <= most:
        raise ValueError(words)
    return value


def _in_ones(thousands: re.Match[str]) -> str:
    return str(round(float(f"{thousands[1]}.{thousands[2]}") * THOUSAND))


def _number_word(said: str, language: str) -> int:
    """The number in words, such as `seven`, `two hundred` or `a dozen`."""
    for one in in_order(language):
        known = typed_words(one)
        if not known.vague.isdisjoint(said.split()):
            raise ValueError(said)
        numbers = known.time.numbers | known.numbers
        found = [numbers[word] for word in said.split() if word in numbers]
        if found:
            return _sum_of_words(found)
    raise ValueError(said)


def _sum_of_words(found: list[int]) -> int:
    """The number whose words are `found`: 2, 100 and 50 are 250.

    Raises:
        ValueError: they are several numbers, such as 2 and 3.
    """
    total, smallest = 0, math.inf
    while found:
        value, *found = found
        if found and value < found[0] in (DOZEN, 100, THOUSAND):
            multiplier, *found = found
            value *= multiplier
        # "seventy five", but not "five six" or "fifty twenty"
        if value >= smallest or (total and smallest < 100 and value >= 10):
            raise ValueError(f"several numbers: {total}, {value}")
        total, smallest = total + value, value
    return total


def number_or_off(words: str, language: str = FALLBACK, *, least: int, most: int) -> int:
    """As `number`; 0 for `off` and for the setting's text for any number of points."""
    none = is_off(words, language) or match_text(words, ("settings.any_points",), language)
    return 0 if none else number(words, language, least=least, most=most)


def is_off(words: str, language: str = FALLBACK) -> bool:
    """Whether the words turn a setting off."""
    said = without_courtesy(words)
    return said in _NONE or any(said in typed_words(one).off for one in in_order(language))


def alerts_a_day(words: str, language: str = FALLBACK) -> int | None:
    """The most alerts per day, such as `at most 2 a day` or `2 per day`; None if the words do not
    give one.

    Raises:
        ValueError: the number is out of bounds.
    """
    said = without_courtesy(words)
    for one in in_order(language):
        known = typed_words(one)
        rest = without(said, known.at_most)
        counted = without(rest, known.a_day)
        if counted == rest:
            continue
        counted = without(counted, known.at_most)
        if _NUMBER.fullmatch(counted) or counted in (known.time.numbers | known.numbers):
            return number(counted, one, least=1, most=MAX_ALERTS)
    return None


def days_and_time(words: str, language: str = FALLBACK) -> tuple[tuple[int, ...], time]:
    """Weekdays and a time in either order, such as `weekdays at 6`, `7 Uhr sonntags` or
    `Sonntagabend`.

    Raises:
        ValueError: they are not both there.
    """
    said = fold_time(words).replace(",", " , ")
    for one in in_order(language):
        known = typed_words(one)
        parts = [half for part in said.split() for half in _halves(part, known)]
        for place in range(1, len(parts)):
            before, after = (
                " ".join(side).strip(_AROUND) for side in (parts[:place], parts[place:])
            )
            for days, clock in (before, after), (after, before):
                # "7 or 8" are two times, not Sunday at eight.
                if any(map(str.isdigit, days)):
                    continue
                found = parse_spoken_time(clock, known.time)
                if found is not None and (chosen := _days(days, known)):
                    return chosen, found
    raise ValueError(words)


def weekday_and_time(
    words: str, language: str = FALLBACK, day: int | None = None
) -> tuple[int, time]:
    """One weekday and a time, or a time only, which is then on `day`.

    Raises:
        ValueError: a part is missing, or there are several days.
    """
    try:
        days, at = days_and_time(words, language)
    except ValueError:
        if day is None:
            raise
        return day, time_of_day(words, language)
    if len(days) != 1:
        raise ValueError(words)
    return days[0], at


def _halves(word: str, known: TypedWords) -> list[str]:
    """The weekday and the part of the day in a word such as `sonntagabend`; otherwise the word."""
    for day in known.weekdays:
        part = word.removeprefix(day)
        if part != word and part in known.time.named:
            return [day, part]
    return [word]


def is_points(words: str, language: str = FALLBACK) -> bool:
    """Whether the words are only a number of points, such as `300 points`."""
    said = bare(words)
    return any(
        _NUMBER.fullmatch(without(without(said, known.points), known.points).removesuffix("+"))
        for known in map(typed_words, in_order(language))
    )


def is_yes(words: str, language: str = FALLBACK) -> bool:
    """Whether the words answer a question with yes."""
    said = without_courtesy(words)
    return any(said in typed_words(one).yes for one in in_order(language))
