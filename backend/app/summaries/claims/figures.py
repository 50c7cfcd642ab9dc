"""The figures of a sentence: quantities with units, dates, times of day, designations.

A quantity includes the context that changes its meaning: its precision, the other end of its range,
and its frequency.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.summaries.claims.units import Unit

ABOUT, OVER, UNDER, EXACT = "about", "over", "under", "exact"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it counts.

    Attributes:
        unit: None if it counts things, or if the unit is omitted.
        noun: the word after it, if it has no unit.
        others: units of neighbouring numbers, one of which may also be its own.
        per: the period of a frequency, such as "month", which is part of its unit.
        soft: mentioned in passing ("a", "one", "half"): it may support others, but needs none.
        rounded: expressed in words, which are less precise.
        article: expressed only by an article: "a year".
        change: "by", "from" or "to" for a change by, from or to this value.
    """

    value: float
    start: int
    end: int
    unit: Unit | None = None
    noun: str = ""
    others: frozenset[Unit] = frozenset()
    per: str | None = None
    hedge: str = EXACT
    soft: bool = False
    rounded: bool = False
    article: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class Date:
    """A day, a month, a year, or several of these; 0: not given."""

    day: int = 0
    month: int = 0
    year: int = 0


@dataclass(slots=True)
class Figures:
    """All figures of a sentence."""

    quantities: list[Quantity] = field(default_factory=list)
    dates: list[Date] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)  # minutes since midnight
    designations: list[str] = field(default_factory=list)  # versions, models, "x86-64"
    periods: set[str] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.quantities or self.dates or self.clocks or self.designations)
