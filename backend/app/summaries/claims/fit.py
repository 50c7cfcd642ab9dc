"""How well a model's sentence matches each place of its source.

A word that occurs in a single place of the source indicates that place; a word that occurs
everywhere or in the title indicates nothing. What counts is the amount of specific content that the
claim shares with one place, not its share of the claim: a true sentence in other words still shares
a few specific words with its place, an invented one only the general subject.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

from app.summaries.claims import derived, matching, names
from app.summaries.claims.evidence import Sentence, Source
from app.summaries.claims.figures import Date, Quantity
from app.summaries.claims.statement import Statement
from app.summaries.claims.terms import Term

WORTH_OF_A_FIGURE, WORTH_OF_A_NAME = 1.2, 0.9
WORTH_ELSEWHERE = 0.7
# The weight of what a neighbouring sentence contains.
WORTH_BESIDE = 0.7
WORTH_IN_THE_TITLE = 0.5
# A shorter source counts as having this many places.
MIN_PLACES = 15
MAX_EVIDENCE, MIN_GAIN = 3, 0.25


class Fit:
    """A claim, with the sentences of the `pool` that may support it."""

    def __init__(self, claim: Statement, pool: Sequence[Sentence], source: Source) -> None:
        self.claim = claim
        self.pool = pool
        self.source = source
        self._dates = [date for one in source.sentences for date in one.figures.dates]
        likes = [source.likeness(term) for term in claim.terms]
        self.grid = [_row(like, pool) for like in likes]
        self.weights = [
            claim.worth(term) * self._rarity(like, term)
            for term, like in zip(claim.terms, likes, strict=True)
        ]
        self.named = [[has_name(one, name) for one in pool] for name in claim.names]
        self.name_weights = [WORTH_OF_A_NAME * self._rarity_of_name(one) for one in claim.names]

    def _rarity(self, like: dict[str, float], term: Term) -> float:
        """The rarity of a term, from 0 to 1: higher if fewer places of the source contain it."""
        times = sum(_row(like, self.source.sentences))
        titled = term.stem in self.source.titled_stems
        return self._rare(times) * (WORTH_IN_THE_TITLE if titled else 1.0)

    def _rarity_of_name(self, name: str) -> float:
        return self._rare(sum(has_name(one, name) for one in self.source.sentences))

    def _rare(self, times: float) -> float:
        if not times:
            return 1.0
        places = max(MIN_PLACES, len(self.source.sentences) + 1)
        return max(0.0, math.log(places / (times + 0.5)) / math.log(places))

    @cached_property
    def figured(self) -> list[list[bool]]:
        """For each quantity and then each date of the claim, the sentences that contain it."""
        quantities = [
            [matching.contains_quantity(one, each) for each in self.pool]
            for one in self.claim.quantities
        ]
        dates = [[self.dated(one, each) for each in self.pool] for one in self.claim.figures.dates]
        return quantities + dates

    def dated(self, date: Date, sentence: Sentence) -> bool:
        """Whether a sentence contains a date."""
        if matching.contains_date(date, [sentence], self._dates):
            return True
        year_alone = date.year and not date.month
        numbers = sentence.figures.quantities
        return bool(year_alone) and any(q.value == date.year and not q.unit for q in numbers)

    def beside(self, place: int) -> list[int]:
        """The neighbouring places in the same part."""
        part = self.pool[place].part
        around = (place - 1, place + 1)
        return [n for n in around if 0 <= n < len(self.pool) and self.pool[n].part == part]

    def held(self, place: int, weigh: Weigh | None = None) -> float:
        """How much of the claim a place contains, including its neighbours."""
        beside = self.beside(place)
        return sum(
            weight * max(row[place], *(WORTH_BESIDE * row[n] for n in beside), 0.0)
            for weight, row in self._weighed(weigh)
        )

    def _weighed(self, weigh: Weigh | None) -> list[tuple[float, Sequence[float]]]:
        rows: list[tuple[float, Sequence[float]]] = []
        starts = [one.start for one in self.claim.terms]
        rows += zip(self.weights, self.grid, strict=True)
        starts += [one.start for one in self.claim.quantities]
        starts += [self.claim.place_of_date(one) for one in self.claim.figures.dates]
        rows += [(WORTH_OF_A_FIGURE, row) for row in self.figured]
        starts += [self.claim.place_of(one) for one in self.claim.names]
        rows += zip(self.name_weights, self.named, strict=True)
        if weigh is None:
            return rows
        return [
            (weight * weigh(start), row) for (weight, row), start in zip(rows, starts, strict=True)
        ]

    @cached_property
    def best(self) -> float:
        """The most of the claim that one place contains, with figures from other places."""
        return max(
            (self.held(n) + WORTH_ELSEWHERE * self._elsewhere(n) for n in range(len(self.pool))),
            default=0.0,
        )

    @cached_property
    def said(self) -> float:
        """How much the claim says, wherever that is from."""
        words = sum(map(self.claim.worth, self.claim.terms))
        figures = WORTH_OF_A_FIGURE * len(self.figured)
        return words + figures + WORTH_OF_A_NAME * len(self.claim.names)

    @cached_property
    def covered(self) -> float:
        """The share of the claim's words and names that one sentence contains."""
        rows = [
            (self.claim.worth(one), row)
            for one, row in zip(self.claim.terms, self.grid, strict=True)
        ]
        rows += [(WORTH_OF_A_NAME, [float(one) for one in row]) for row in self.named]
        whole = sum(worth for worth, _ in rows)
        found = (sum(worth * row[n] for worth, row in rows) for n in range(len(self.pool)))
        return max(found, default=0.0) / whole if whole else 0.0

    def _elsewhere(self, place: int) -> int:
        """The number of the claim's figures that the source contains or implies, but not at the
        place.
        """
        around = (place, *self.beside(place))
        numbers = zip(
            [*self.claim.quantities, *self.claim.figures.dates], self.figured, strict=True
        )
        return sum(
            any(row)
            or (isinstance(one, Quantity) and derived.is_derivable(one, self.near, self.claim.text))
            for one, row in numbers
            if not any(row[n] for n in around)
        )

    @cached_property
    def evidence(self) -> list[int]:
        """The places of the few sentences that together contain most of the claim."""
        chosen: list[int] = []
        last = 0.0
        rows = self._weighed(None)
        for _ in range(min(MAX_EVIDENCE, len(self.pool))):
            worths = [
                sum(weight * max(row[k] for k in (*chosen, n)) for weight, row in rows)
                for n in range(len(self.pool))
            ]
            place = max(range(len(self.pool)), key=lambda n: (round(worths[n], 6), -n))
            if worths[place] <= last + MIN_GAIN:
                break
            chosen.append(place)
            last = worths[place]
        return chosen

    @cached_property
    def near(self) -> list[Sentence]:
        """The evidence and the neighbouring sentences."""
        places = {n for one in self.evidence for n in (one, *self.beside(one))}
        return [self.pool[n] for n in sorted(places)]

    def gap(self, linked: Sequence[bool], start: int, end: int, *, fades: bool = True) -> float:
        """How much more of the claim another place contains than any of the `linked` ones.

        The text from `start` to `end` is ignored; with `fades`, words count more the closer they
        are to it.
        """

        def weigh(place: int) -> float:
            if start <= place < end:
                return 0.0
            return self.claim.closeness(place, start) if fades else 1.0

        held = [self.held(n, weigh) for n in range(len(self.pool))]
        there = max((have for have, one in zip(held, linked, strict=True) if one), default=0.0)
        return max(held, default=0.0) - there


# Returns the weight of the claim's part at a place, from 0 to 1.
Weigh = Callable[[int], float]


def has_name(sentence: Sentence, name: str) -> bool:
    """Whether a sentence contains a name, or is by a person with that name."""
    return any(names.are_alike(name, one) for one in sentence.names | sentence.voices)


def _row(like: dict[str, float], pool: Sequence[Sentence]) -> list[float]:
    """The presence of a term in each sentence."""
    return [max((like.get(t.stem, 0.0) for t in one.terms), default=0.0) for one in pool]
