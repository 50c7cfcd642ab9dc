"""Checks that the source contains a claim's figures, at the places that support the claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from operator import and_

from app.summaries.claims import derived, designations, matching
from app.summaries.claims.figures import Quantity
from app.summaries.claims.fit import Fit
from app.summaries.claims.statement import Finding
from app.summaries.claims.units import LENGTHS
from app.text.language_words import alternatives

# How much more of the claim a place without the figure may contain.
MAX_GAP, MAX_GAP_OF_A_DATE = 0.9, 0.5
_RANGE = re.compile(rf"[\s%]*(?:–|-|{alternatives('claims.range')})\s+(?:about |around )?")
_DECADE = re.compile(r"(1[5-9]\d|20\d)0s")


def check_quantities(fit: Fit) -> Finding | None:
    """Each quantity must be near the evidence, or follow from figures there."""
    for quantity, row in zip(fit.claim.quantities, fit.figured, strict=False):
        unit = quantity.unit.dimension if quantity.unit else quantity.noun
        detail = f"{quantity.value:g} {unit}".strip()
        if not _has(fit, quantity, row):
            return Finding("number", detail)
        beside = [_beside(fit, row, n) for n in range(len(fit.pool))]
        gap = _gap(fit, quantity.start, beside) if any(row) else 0.0
        if gap > MAX_GAP and not derived.is_derivable(quantity, fit.near, fit.claim.text):
            return Finding("number", f"{detail} elsewhere {gap:.2f}")
    return None


def _has(fit: Fit, quantity: Quantity, row: Sequence[bool]) -> bool:
    return (
        any(row)
        or designations.is_number_of_a_name(quantity, fit.claim.text, fit.source.text)
        or derived.is_derivable(quantity, fit.near, fit.claim.text)
        or derived.is_interval(quantity, fit.source.sentences)
        or (quantity.article and derived.mentions_unit(quantity, fit.near))
    )


def check_ranges(fit: Fit) -> Finding | None:
    """ "Between 10 and 12 percent": the source must have both ends in one place."""
    for n, (low, high) in enumerate(pairwise(fit.claim.quantities)):
        between = fit.claim.text[low.end : high.start].lower()
        if low.change == "from" or not _RANGE.fullmatch(between):
            continue
        first, second = fit.figured[n], fit.figured[n + 1]
        apart = any(first) and any(second) and not any(map(and_, first, second))
        beside = [_beside(fit, second, place) for place in range(len(fit.pool))]
        if apart and not any(map(and_, first, beside)):
            return Finding("number", f"{low.value:g} and {high.value:g} apart")
    return None


def check_dates(fit: Fit) -> Finding | None:
    """Each date must be near the evidence."""
    rows = fit.figured[len(fit.claim.quantities) :]
    for date, row in zip(fit.claim.figures.dates, rows, strict=True):
        if not any(row):
            if derived.neighbouring_year(date, fit.near):
                continue
            return Finding("date", str(date))
        if (gap := _gap(fit, fit.claim.place_of_date(date), row)) > MAX_GAP_OF_A_DATE:
            return Finding("date", f"{date} elsewhere {gap:.2f}")
    return None


def check_other_figures(fit: Fit) -> Finding | None:
    """Times of day, designations and frequencies."""
    own = fit.claim.figures
    clocks = {one for sentence in fit.near for one in sentence.figures.clocks}
    if missing := set(own.clocks) - clocks:
        return Finding("date", f"time of day {missing}")
    text = fit.source.text.lower()
    beside = " ".join(one.text for one in fit.near)
    for name in own.designations:
        if name in fit.source.author_names or _is_decade_of(name, beside):
            continue
        if not matching.has_designation(name, text):
            return Finding("name", name)
    if unknown := own.periods - _periods(fit):
        return Finding("number", f"per {' '.join(unknown)}")
    return None


def _is_decade_of(name: str, text: str) -> bool:
    """Whether a text has a year of a decade such as "1990s"."""
    decade = _DECADE.fullmatch(name)
    return decade is not None and re.search(rf"\b{decade[1]}\d\b", text) is not None


def _periods(fit: Fit) -> set[str]:
    """The periods of frequencies near the evidence, and those that they convert to."""
    periods = {one for sentence in fit.near for one in sentence.figures.periods}
    figures = [one for sentence in fit.near for one in sentence.figures.quantities]
    # "In one second" is as good as "a second".
    lengths = {one.unit.factor for one in figures if _is_one_period(one) and one.unit}
    periods |= {period for period, length in LENGTHS.items() if length in lengths}
    return periods | {
        one.per
        for one in fit.claim.quantities
        if one.per and any(each.per and matching.are_equal(one, each) for each in figures)
    }


def _is_one_period(one: Quantity) -> bool:
    return one.unit is not None and one.unit.dimension == "time" and one.value == 1


def _gap(fit: Fit, start: int, linked: Sequence[bool]) -> float:
    return fit.gap(linked, start, start + 1)


def _beside(fit: Fit, row: Sequence[bool], place: int) -> bool:
    """Whether a sentence or a neighbouring one contains a figure."""
    return any(row[n] for n in (place, *fit.beside(place)))
