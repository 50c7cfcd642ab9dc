"""Derived figures: totals, differences, shares, multiples, spans of time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.summaries.claims import matching
from app.summaries.claims.evidence import Sentence
from app.summaries.claims.figures import EXACT, Date, Quantity
from app.summaries.claims.units import DAY, HOUR, MINUTE, MONTH, YEAR, unit_of
from app.text.language_words import alternatives, words

_TOTAL = re.compile(rf"\b(?:{alternatives('claims.total')})\b", re.IGNORECASE)
_DIFFERENCE = re.compile(rf"\b(?:{alternatives('claims.difference')})\b", re.IGNORECASE)
_MULTIPLE = words("claims.multiples") | words("claims.multiple_endings")
_YEAR_BESIDE = re.compile(rf"\b(?:{alternatives('claims.neighbouring_year')})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
# The tolerance between a share in words ("a third") and the exact one, in percentage points.
MAX_FROM_SHARE, MAX_FROM_ROUND_SHARE = 0.6, 2.5
MAX_MULTIPLE_LESS, MAX_MULTIPLE_MORE = 0.06, 0.06


def is_derivable(claim: Quantity, sentences: Sequence[Sentence], text: str) -> bool:
    """Whether a quantity follows from two others that are close to each other."""
    total, difference = _TOTAL.search(text) is not None, _DIFFERENCE.search(text) is not None
    for first, second in _pairs(sentences):
        for a, b in matching.values(first, second):
            if a and b and (_is_share(claim, a, b) or _is_multiple(claim, a, b)):
                return True
            unit = first.unit or second.unit
            if (claim.unit is None) != (unit is None) or (
                claim.unit is not None
                and unit is not None
                and claim.unit.dimension != unit.dimension
            ):
                continue
            if not all(matching.agree_in_period(claim, each) for each in (first, second)):
                continue
            one = claim.value * (claim.unit.factor if claim.unit else 1.0)
            if (difference and _near(claim, one, abs(a - b))) or (
                total and _near(claim, one, a + b)
            ):
                return True
    return False


def _pairs(sentences: Sequence[Sentence]) -> Iterator[tuple[Quantity, Quantity]]:
    """The pairs of quantities in one sentence, and in two neighbouring ones."""
    quantities = [
        (one.place, each) for one in sentences for each in one.figures.quantities if each.value
    ]
    for n, (place, first) in enumerate(quantities):
        for other, second in quantities[n + 1 :]:
            if abs(place - other) <= 1:
                yield first, second


def _is_share(claim: Quantity, a: float, b: float) -> bool:
    """A third, 40 percent: one quantity as a share of another."""
    if claim.unit is None or claim.unit.dimension != "percent":
        return False
    room = MAX_FROM_ROUND_SHARE if claim.rounded else MAX_FROM_SHARE
    below, above = (max(room, claim.value * part) for part in matching.ROOM[claim.hedge])
    shares = (100 * min(a, b) / max(a, b), 100 * (1 - min(a, b) / max(a, b)))
    return any(claim.value - below <= share <= claim.value + above for share in shares)


def _is_multiple(claim: Quantity, a: float, b: float) -> bool:
    """ "Ten times as fast": one quantity as a multiple of another."""
    if claim.unit is not None or claim.noun not in _MULTIPLE:
        return False
    below, above = matching.ROOM[claim.hedge]
    times = max(a, b) / min(a, b)
    below, above = max(below, MAX_MULTIPLE_LESS), max(above, MAX_MULTIPLE_MORE)
    return claim.value * (1 - below) <= times <= claim.value * (1 + above)


def _near(claim: Quantity, one: float, other: float) -> bool:
    below, above = matching.ROOM[claim.hedge]
    return other > 0 and one * (1 - below) <= other <= one * (1 + above)


def is_interval(claim: Quantity, sentences: Sequence[Sentence]) -> bool:
    """Whether a duration is the interval between two times of day, or two dates, of the source."""
    if claim.unit is None or claim.unit.dimension != "time":
        return False
    wanted = claim.value * claim.unit.factor
    if claim.hedge == EXACT:
        return claim.unit.factor == DAY and _is_between_days(claim, sentences)
    if claim.unit.factor in {MINUTE, HOUR}:
        clocks = [one for sentence in sentences for one in sentence.figures.clocks]
        gaps = [abs(a - b) * MINUTE for n, a in enumerate(clocks) for b in clocks[n + 1 :]]
        return any(_near(claim, wanted, gap) for gap in gaps)
    dates = [one for sentence in sentences for one in sentence.figures.dates if one.year]
    gaps = [abs(_days(a) - _days(b)) for n, a in enumerate(dates) for b in dates[n + 1 :]]
    return any(_near(claim, wanted, gap * DAY) for gap in gaps)


def _is_between_days(claim: Quantity, sentences: Sequence[Sentence]) -> bool:
    """Whether a number of days is exactly that between two days of one month."""
    days = {
        (one.year, one.month, one.day)
        for sentence in sentences
        for one in sentence.figures.dates
        if one.month and one.day
    }
    return any(
        month == other_month and abs(day - other_day) == claim.value and year in (0, other_year)
        for year, month, day in days
        for other_year, other_month, other_day in days
    )


def _days(date: Date) -> float:
    return date.year * YEAR / DAY + (date.month - 1) * MONTH / DAY + date.day


def neighbouring_year(claim: Date, sentences: Sequence[Sentence]) -> bool:
    """Whether a year is the one before or after another, as the source says."""
    if claim.month or not claim.year:
        return False
    years = {one.year for sentence in sentences for one in sentence.figures.dates}
    told = any(_YEAR_BESIDE.search(one.text) for one in sentences)
    return told and bool({claim.year - 1, claim.year + 1} & years)


def mentions_unit(claim: Quantity, sentences: Sequence[Sentence]) -> bool:
    """Whether sentences mention the period of an article: "a year", "last year"."""
    found = {word.lower() for one in sentences for word in _WORD.findall(one.text)}
    return any(unit_of(word) == claim.unit for word in found)
