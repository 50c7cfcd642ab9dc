"""Parses the figures of a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

from app.summaries.claims import numerals
from app.summaries.claims.date_reader import DateReader
from app.summaries.claims.figure_tokens import Tokens, is_year
from app.summaries.claims.figure_words import (
    ALWAYS_PER,
    AND,
    AT_LEAST,
    BY,
    CHANGING,
    DURATION_PREPOSITIONS,
    EACH,
    FRACTIONS,
    FROM,
    HALF_A,
    HEDGES,
    LESS,
    MULTIPLES,
    OF,
    ONE,
    ORDINALS,
    THAN,
    TO,
    TO_AFTER_A_NUMBER,
    TO_AFTER_FROM,
    UNSURE_ARTICLES,
)
from app.summaries.claims.figures import EXACT, OVER, UNDER, Figures, Quantity
from app.summaries.claims.fraction_reader import FractionReader
from app.summaries.claims.number_reader import NumberReader
from app.summaries.claims.unit_reader import UnitReader
from app.summaries.claims.units import PERIODS, Unit, rate_of, unit_of

SMALL_COUNTS = (2.0, 3.0)


def figures(sentence: str, language: str) -> Figures:
    """The figures of one sentence."""
    return _Parser(sentence, language).parse()


class _Parser:
    def __init__(self, sentence: str, language: str) -> None:
        language = language if language in numerals.LANGUAGES else "en"
        self._language = language
        self._tokens = Tokens(sentence, language)
        self._dates = DateReader(self._tokens, language)
        self._numbers = NumberReader(self._tokens, language)
        self._units = UnitReader(self._tokens, language)
        self._fractions = FractionReader(self._tokens, language, self._numbers)
        self._found = Figures()

    def parse(self) -> Figures:
        at = 0
        while at < len(self._tokens):
            end = self._plain(at) or self._date(at) or self._fraction(at) or self._quantity(at)
            if end:
                tokens = self._tokens
                self._found.spans.append((tokens[at].start, tokens[end - 1].end))
            else:
                self._period(at)
            at = end or at + 1
        self._finish()
        return self._found

    def _plain(self, at: int) -> int:
        """Parse times of day, versions and designations."""
        token = self._tokens[at]
        if token.kind == "clock":
            self._found.clocks.append(_minutes(token.lower))
        elif token.kind in {"name", "version"}:
            self._found.designations.append(token.lower)
        elif token.kind == "number" and is_year(token) and token.suffix.lower() == "s":
            self._found.designations.append(f"{token.text}s")
        else:
            return 0
        return at + 1

    def _date(self, at: int) -> int:
        found = self._dates.read(at)
        if found is None:
            return 0
        self._found.dates.append(found[0])
        return found[1]

    def _fraction(self, at: int) -> int:
        found = self._fractions.read(at)
        if found is None:
            return 0
        start, end = self._tokens[at].start, self._tokens[found.end - 1].end
        self._found.quantities.append(
            Quantity(
                found.value,
                start,
                end,
                found.unit,
                hedge=self._hedge(at),
                soft=found.soft,
                rounded=found.rounded,
            )
        )
        return found.end

    def _period(self, at: int) -> None:
        token = self._tokens[at]
        if token.kind == "word" and (period := rate_of(token.text)):
            self._found.periods.add(period)
        elif (rate := self._units.rate(at)) and rate.sure:
            before = self._tokens.lower(at - 1)
            if rate.period == "second" and token.lower not in ALWAYS_PER | EACH:
                return
            if token.lower not in UNSURE_ARTICLES or (before not in DURATION_PREPOSITIONS and at):
                self._found.periods.add(rate.period)

    def _quantity(self, at: int) -> int:
        start = at
        sign = self._tokens.lower(at)
        money = unit_of(sign) if sign in {"$", "us$", "€", "£", "¥", "₹"} else None
        if money:
            at += 1
        number = self._numbers.read(at)
        if number is None:
            return self._ordinal(at)
        value, end, soft, rounded = number.value, number.end, number.article, number.rounded
        unit, noun, end_of_unit = self._units.read(at, end)
        if unit is None and money:
            unit, end_of_unit, noun = money, end, ""
        more, end_of_more = self._and_a_half(value, end_of_unit, unit)
        if soft and value == 1 and more == value and not self._means_one(at, unit):
            return 0
        if soft and unit is not None:
            soft = False
        if number.rounded and unit is None and not money and value in SMALL_COUNTS:
            soft = noun not in MULTIPLES
        value, end_of_unit = more, end_of_more
        rate = self._units.per(end_of_unit)
        if rate and rate.sure:
            self._found.periods.add(rate.period)
        self._found.quantities.append(
            Quantity(
                value,
                self._tokens[start].start,
                self._tokens[end_of_unit - 1].end,
                unit,
                noun,
                per=rate.period if rate else None,
                hedge=self._hedge(start),
                soft=soft,
                rounded=rounded,
                article=number.article,
                change=self._change(start, end_of_unit),
            )
        )
        return end_of_unit

    def _change(self, at: int, end: int) -> str:
        """Whether it is a difference, the old or the new value: "by 8 percent", "from 9 to 8"."""
        if not any(token.lower.startswith(CHANGING) for token in self._tokens):
            return ""
        for place in (at - 1, at - 2, at - 3):
            word = self._tokens.lower(place)
            if word in BY:
                return "by"
            if word in TO or (
                word in TO_AFTER_A_NUMBER.get(self._language, ())
                and self._tokens.kind(place - 1) in {"number", "word"}
            ):
                return "to"
            if word == "from" or (word in FROM and self._tokens.lower(end) in TO_AFTER_FROM):
                return "from"
            if word not in HEDGES and word != "some":
                return ""
        return ""

    def _ordinal(self, at: int) -> int:
        """An ordinal implies a number: the third outage makes three."""
        value = ORDINALS.get(self._tokens.lower(at))
        if value is None or self._tokens.lower(at + 1) in PERIODS:
            return 0
        noun = self._tokens.lower(at + 1)
        self._found.quantities.append(
            Quantity(value, self._tokens[at].start, self._tokens[at].end, noun=noun, soft=True)
        )
        return at + 1

    def _means_one(self, at: int, unit: Unit | None) -> bool:
        """Whether an article before a unit means one: "within a week", but not "8 a week"."""
        if unit is None or unit.dimension != "time":
            return False
        word = self._tokens.lower(at)
        if word in ONE:
            return True
        return at > 0 and self._tokens.lower(at - 1) in DURATION_PREPOSITIONS

    def _and_a_half(self, value: float, end: int, unit: Unit | None) -> tuple[float, int]:
        """ "A year and a half", "an hour and a quarter"."""
        if self._tokens.lower(end) in AND and unit is not None:
            after = end + 1
            if self._tokens.lower(after) in self._numbers.articles:
                after += 1
            part = FRACTIONS.get(self._tokens.lower(after)) or (
                0.5 if self._tokens.lower(after) in HALF_A else 0
            )
            if part and self._tokens.lower(after + 1) not in OF:
                return value + part, after + 1
        return value, end

    def _hedge(self, at: int) -> str:
        for place in (at - 1, at - 2):
            word = self._tokens.lower(place)
            if word in HEDGES:
                return _hedge_kind(word, self._tokens.lower(place - 1))
        return EXACT

    def _finish(self) -> None:
        """Pair ranges, and give numbers without a unit those of neighbouring numbers."""
        quantities = self._found.quantities
        units = frozenset(one.unit for one in quantities if one.unit is not None)
        for place, one in enumerate(quantities):
            if one.unit is None and not one.noun:
                quantities[place] = replace(one, others=units)


def _hedge_kind(word: str, before: str) -> str:
    if word in THAN or word == "least":
        return UNDER if before in LESS else OVER
    return OVER if (before, word) in AT_LEAST else HEDGES[word]


def _minutes(clock: str) -> int:
    digits = [int(one) for one in re.findall(r"\d+", clock)]
    hour, minute = digits[0], digits[1] if len(digits) > 1 else 0
    if "p" in clock and hour < 12:
        hour += 12
    elif "a" in clock and hour == 12:
        hour = 0
    return 60 * hour + minute
