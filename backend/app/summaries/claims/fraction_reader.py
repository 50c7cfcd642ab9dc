"""Parses fractions: "a third", "nine in ten", "half a metre"."""

from __future__ import annotations

from typing import NamedTuple

from app.summaries.claims.figure_tokens import Tokens, is_year_value
from app.summaries.claims.figure_words import (
    AND,
    BEHIND_FRACTIONS,
    FRACTIONS,
    FRACTIONS_ARE_NOT_ORDINALS,
    HALF_A,
    HALVES,
    OF_A,
    OF_ONE,
    ONE_AND_A_HALF,
    OUT_OF,
    A,
)
from app.summaries.claims.number_reader import Number, NumberReader
from app.summaries.claims.units import UNITS, Unit, unit_of

MAX_WHOLE = 1000


class Fraction(NamedTuple):
    """A fraction, as a percentage or a measure, and its end."""

    value: float
    end: int
    unit: Unit
    soft: bool = False
    rounded: bool = False


class FractionReader:
    """Parses the fractions among tokens."""

    def __init__(self, tokens: Tokens, language: str, numbers: NumberReader) -> None:
        self._tokens = tokens
        self._language = language
        self._numbers = numbers

    def read(self, at: int) -> Fraction | None:
        """ "A third", "nine in ten", "half a metre"; as a percentage or a measure."""
        number = self._numbers.read(at)
        if number is None:
            return self._half_a_unit(at) or self._half(at)
        return (
            self._half_a_unit(at)
            or self._number_and_half(at, number)
            or self._ratio(at, number)
            or self._parts(at, number)
            or self._half(at)
        )

    def _half_a_unit(self, at: int) -> Fraction | None:
        lower = self._tokens.lower
        word = lower(at)
        if word in FRACTIONS and lower(at + 1) in OF_A and lower(at + 2) in OF_A:
            unit = unit_of(lower(at + 3))
            if unit is not None:
                return Fraction(FRACTIONS[word], at + 4, unit, rounded=True)
        if word in ONE_AND_A_HALF and (unit := unit_of(lower(at + 1))):
            return Fraction(1.5, at + 2, unit)
        if word not in HALF_A:
            return None
        behind = at + 1
        while lower(behind) in OF_A or lower(behind) == "-":
            behind += 1
        unit = unit_of(lower(behind))
        return Fraction(0.5, behind + 1, unit) if unit is not None else None

    def _number_and_half(self, at: int, number: Number) -> Fraction | None:
        """ "One and a half years"."""
        lower = self._tokens.lower
        after = number.end + 2
        if lower(number.end) not in AND or lower(number.end + 1) not in A:
            return None
        unit = unit_of(lower(after + 1)) if lower(after) in HALF_A else None
        return Fraction(number.value + 0.5, after + 2, unit) if unit else None

    def _ratio(self, at: int, number: Number) -> Fraction | None:
        """ "Nine in ten", "3 out of 4"."""
        if number.article and self._tokens.lower(at) != "one":
            return None
        if self._tokens.lower(number.end) not in OUT_OF:
            return None
        of = self._numbers.read(number.end + 1 + (self._tokens.lower(number.end + 1) == "of"))
        if of is None or of.article or not number.value < of.value <= MAX_WHOLE:
            return None
        counts = number.value != int(number.value) or unit_of(self._tokens.lower(of.end))
        if counts or is_year_value(of.value):
            return None
        percent = 100 * number.value / of.value
        return Fraction(percent, of.end, UNITS["percent"], rounded=True)

    def _parts(self, at: int, number: Number) -> Fraction | None:
        """ "A third", "two thirds", "three quarters of a year"."""
        lower = self._tokens.lower
        place = number.end + (lower(number.end) == "-")
        part = FRACTIONS.get(lower(place), 0.0)
        if not 0 < number.value * part < 1 or (number.article and not self._is_part(place)):
            return None
        behind = place + 1
        of_one = lower(behind) in OF_ONE and lower(behind + 1) in self._numbers.articles
        if of_one and (unit := unit_of(lower(behind + 2))):
            return Fraction(number.value * part, behind + 3, unit)
        soft = number.article and part == FRACTIONS["half"]
        percent = 100 * number.value * part
        return Fraction(percent, behind, UNITS["percent"], soft=soft, rounded=True)

    def _half(self, at: int) -> Fraction | None:
        ordinary = self._tokens.lower(at - 1) not in {"first", "second", "last", "other"}
        is_half = self._tokens.lower(at) in HALVES
        if not is_half or not ordinary or self._tokens.lower(at + 1) in {"year", "-"}:
            return None
        return Fraction(50.0, at + 1, UNITS["percent"], soft=True, rounded=True)

    def _is_part(self, at: int) -> bool:
        """Whether "a third" is a fraction: a noun follows the ordinal."""
        return (
            self._tokens.lower(at + 1) in BEHIND_FRACTIONS
            or self._language in FRACTIONS_ARE_NOT_ORDINALS
        )
