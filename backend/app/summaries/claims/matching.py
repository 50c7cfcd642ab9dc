"""Matches figures of a claim with those of its source, directly or by derivation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.summaries.claims.evidence import Sentence
from app.summaries.claims.figures import ABOUT, EXACT, OVER, UNDER, Date, Quantity
from app.summaries.claims.units import LENGTHS
from app.text.language_words import words

_PREFIX = re.compile(r"(nano|micro|milli|kilo|mega|giga|tera|peta)(?=\w{3})")
# "Three points".
_POINTS = words("claims.points")
# The relative tolerances below and above a number, by its precision.
ROOM = {EXACT: (0.004, 0.004), ABOUT: (0.1, 0.1), OVER: (0.004, 0.45), UNDER: (0.35, 0.004)}
# For numbers in words, one of which may be a fraction or a larger unit.
ROOM_OF_WORDS, ROOM_OF_HEDGED_WORDS = 0.09, 0.15
# Months have no length, and 1,024 bytes are a kilobyte to many.
ROOM_BETWEEN_UNITS = {"time": 0.02, "bytes": 0.03}
# From this number on it may be rounded without "about"; the least digits with "about".
MIN_ROUNDED, MIN_DIGITS = 1000, 2
MAX_ROUNDING, MAX_ROUNDING_ABOUT = 0.015, 0.05


def contains_quantity(claim: Quantity, sentence: Sentence) -> bool:
    """Whether a sentence contains the quantity."""
    return any(are_equal(claim, one) for one in sentence.figures.quantities) or (
        claim.unit is None
        and any(claim.value == one.year for one in sentence.figures.dates if one.year)
    )


def are_equal(claim: Quantity, source: Quantity) -> bool:
    """Whether two quantities are equal, within the precision of the first one."""
    if claim.change and source.change and claim.change != source.change:
        return False
    if _other_prefix(claim.noun, source.noun):
        return False
    times = _conversion(claim.per, source.per)
    if times is None:
        return False
    for one, found in values(claim, source):
        other = found * times
        below, above = ROOM[claim.hedge]
        if claim.hedge == ABOUT and _is_more_exact(claim, source):
            below, above = ROOM[EXACT]
        # "At most 60" is no "at most 70", but "over 650" is "over 600".
        if claim.hedge == source.hedge in (OVER, UNDER) and not _is_more_exact(source, claim):
            below, above = ROOM[EXACT]
        if times != 1:
            below, above = max(below, 0.02), max(above, 0.02)
        if claim.rounded or source.rounded:
            room = ROOM_OF_WORDS if claim.hedge == EXACT else ROOM_OF_HEDGED_WORDS
            below, above = max(below, room), max(above, room)
        if claim.unit is not None and source.unit != claim.unit:
            room = ROOM_BETWEEN_UNITS.get(claim.unit.dimension, 0.0)
            below, above = max(below, room), max(above, room)
        if one * (1 - below) <= other <= one * (1 + above):
            return True
        if _rounds(claim, one, other):
            return True
    return False


def _is_more_exact(claim: Quantity, source: Quantity) -> bool:
    """Whether one quantity has more digits than another: "about 307" for 300."""
    if claim.unit != source.unit or claim.rounded or source.rounded:
        return False
    return _digits(claim.value) > _digits(source.value)


def _digits(value: float) -> int:
    """The number of significant digits."""
    return len(f"{value:.12g}".replace(".", "").strip("0"))


def agree_in_period(claim: Quantity, source: Quantity) -> bool:
    """Whether two quantities are per the same period, as far as both say it."""
    return not claim.per or not source.per or claim.per == source.per


def _conversion(period: str | None, other: str | None) -> float | None:
    """How many times as much a figure per `other` is per `period`; None if they are unlike."""
    if not period or not other or period == other:
        return 1.0
    if period not in LENGTHS or other not in LENGTHS:
        return None
    return LENGTHS[period] / LENGTHS[other]


def _other_prefix(noun: str, other: str) -> bool:
    """Whether two nouns are multiples of the same unknown unit: kilobases, megabases."""
    first, second = _PREFIX.match(noun), _PREFIX.match(other)
    if not first or not second or first[1] == second[1]:
        return False
    return noun[first.end() :].rstrip("s") == other[second.end() :].rstrip("s")


def values(claim: Quantity, source: Quantity) -> Iterable[tuple[float, float]]:
    """Both values in a common unit, for each unit that they may share."""
    if claim.unit is not None and source.unit is not None:
        if claim.unit.dimension == source.unit.dimension:
            yield claim.value * claim.unit.factor, source.value * source.unit.factor
        return
    if claim.unit is None and source.unit is None:
        yield claim.value, source.value
        return
    if claim.unit is None and source.unit is not None:
        if not claim.noun or claim.noun in _POINTS:
            yield claim.value, source.value
        return
    if claim.unit is not None:
        if source.others:
            for unit in source.others:
                if unit.dimension == claim.unit.dimension:
                    yield claim.value * claim.unit.factor, source.value * unit.factor
        elif not source.noun:
            yield claim.value, source.value


def _rounds(claim: Quantity, one: float, other: float) -> bool:
    """Whether the claim is the source's number with fewer digits."""
    if not one or not other or (claim.value < MIN_ROUNDED and claim.hedge == EXACT):
        return False
    digits = _digits(claim.value)
    room = MAX_ROUNDING if claim.hedge == EXACT else MAX_ROUNDING_ABOUT
    if digits < MIN_DIGITS and claim.hedge == EXACT:
        return False
    near = abs(one - other) <= room * abs(other)
    return near and float(f"{other:.{digits}g}") == float(f"{one:.{digits}g}")


def agrees(claim: Date, source: Date) -> bool:
    """Whether a date of the source contains everything that the claim's date contains."""
    pairs = ((claim.day, source.day), (claim.month, source.month), (claim.year, source.year))
    if claim.month and claim.month != source.month:
        return False
    return all(not one or not other or one == other for one, other in pairs) and any(
        one and one == other for one, other in pairs
    )


def contains_date(claim: Date, sentences: Sequence[Sentence], everywhere: Sequence[Date]) -> bool:
    """Whether sentences contain a date; its year may be elsewhere if they omit it."""
    for one in (date for sentence in sentences for date in sentence.figures.dates):
        if not agrees(claim, one):
            continue
        if claim.day and not one.day:
            continue
        elsewhere = any(other.year == claim.year for other in everywhere)
        if claim.year and not one.year and not elsewhere:
            continue
        if claim.year and one.year and claim.year != one.year:
            continue
        if claim.month and not one.month:
            continue
        return True
    return False


def has_designation(name: str, text: str) -> bool:
    """Whether a lower-case text contains a version or a model, in any spelling."""
    return name in text or name.replace("-", "") in text.replace("-", "")
