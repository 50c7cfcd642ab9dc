"""Parses the unit of a number, or the noun that it counts, and its frequency."""

from __future__ import annotations

from typing import NamedTuple

from app.summaries.claims import numerals
from app.summaries.claims.figure_tokens import Tokens
from app.summaries.claims.figure_words import (
    ALWAYS_PER,
    CENT_OF_PERCENT,
    DURATION_PREPOSITIONS,
    EACH,
    LATER,
    NO_NOUNS,
    ORDINALS,
    PARTS_OF,
    PER,
    PER_AND_ARTICLE,
    PER_OF_PARTS,
    PER_OF_PERCENT,
    PER_OR_DATE,
    UNSURE_PER,
)
from app.summaries.claims.units import (
    AMBIGUOUS,
    MONEY,
    PARTS,
    PERIODS,
    RATED,
    SHORT_PERIODS,
    UNITS,
    Unit,
    rate_of,
    unit_of,
)

# How many words after a quantity its period may be.
MAX_WORDS_BEFORE_A_PERIOD = 8
_INNER_SIGNS = frozenset("/-'’\"“”‘*_")


class RatePeriod(NamedTuple):
    """The period of a frequency; unless `sure`, it may also be a duration."""

    period: str
    sure: bool


class UnitReader:
    """Parses the units among tokens."""

    def __init__(self, tokens: Tokens, language: str) -> None:
        self._tokens = tokens
        self._language = language

    def read(self, at: int, end: int) -> tuple[Unit | None, str, int]:
        """The unit after a number, or the noun that it counts, and the end of that."""
        token = self._tokens[at]
        suffix = token.suffix if token.kind == "number" and end == at + 1 else ""
        if token.kind == "word" and self._tokens.lower(end) in {"'", "’"}:
            return None, "", end
        if suffix and not numerals.scale(suffix, self._language):
            if suffix in {"m", "M"}:
                return None, "", end
            if (unit := unit_of(suffix)) is not None:
                return unit, "", end
            return None, suffix.lower(), end
        behind = end + (self._tokens.lower(end) in {"-", "–"})
        word = self._tokens.lower(behind)
        if word in PER_OF_PERCENT and self._tokens.lower(behind + 1) in CENT_OF_PERCENT:
            return UNITS["percent"], "", behind + 2
        if word == "per" and self._tokens.kind(behind + 1) == "number":
            of = numerals.parse_digits(self._tokens[behind + 1].text, self._language)
            return Unit(f"per{of:g}", 1.0), "", behind + 2
        if several := self._watt_hours(behind) or self._parts(behind):
            return several
        unit = (
            unit_of(word)
            if self._tokens.kind(behind) in {"word", "sign"} and word not in {"/"}
            else None
        )
        if word in AMBIGUOUS or (unit and self._is_joined(behind)):
            unit = None
        elif (
            unit is None
            and self._tokens.kind(behind + 1) == "word"
            and self._tokens[behind + 1].lower.endswith("s")
        ):
            # "Six working days".
            later = unit_of(self._tokens.lower(behind + 1))
            if later and later.dimension in {"time", "length"} and word not in NO_NOUNS:
                return later, "", behind + 2
        if unit is not None:
            return unit, "", behind + 1
        # "kroner" after "Danish", "dollars" after "US".
        money = unit_of(self._tokens.lower(behind + 1))
        capital = self._tokens.kind(behind) == "word" and self._tokens[behind].text[0].isupper()
        if money is not None and money.dimension in MONEY and capital:
            return money, "", behind + 2
        noun = word if self._tokens.kind(behind) == "word" and word not in NO_NOUNS else ""
        return None, noun, end

    def _watt_hours(self, at: int) -> tuple[Unit | None, str, int] | None:
        """ "410 watt-hours"."""
        after = at + 1 + (self._tokens.lower(at + 1) == "-")
        energy = unit_of(f"{self._tokens.lower(at).removesuffix('s')}-hours")
        if energy is None or self._tokens.lower(after) not in {"hour", "hours"}:
            return None
        return energy, "", after + 1

    def _parts(self, at: int) -> tuple[Unit | None, str, int] | None:
        """ "48 parts per million"."""
        whole = PARTS.get(self._tokens.lower(at + 2))
        between = self._tokens.lower(at + 1) in PER_OF_PARTS
        if self._tokens.lower(at) not in PARTS_OF or not between or not whole:
            return None
        return UNITS[whole], "", at + 3

    def _is_joined(self, at: int) -> bool:
        """Whether a word is part of a longer one: "second-hand", but not "60-day-old"."""
        after = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        token = self._tokens[at]
        return token.lower == "second" and (after is not None and after.lower in {"-", "hand"})

    def per(self, at: int) -> RatePeriod | None:
        """The period after a quantity, also a few words later: "8 times a day"."""
        last = self._tokens[at - 1]
        if period := RATED.get(last.suffix.lower() or last.lower):
            return RatePeriod(period, sure=True)
        for place in range(at, at + MAX_WORDS_BEFORE_A_PERIOD):
            kind, word = self._tokens.kind(place), self._tokens.lower(place)
            if kind == "sign" and word not in _INNER_SIGNS:
                return None
            if place == at and word in RATED:
                return RatePeriod(RATED[word], sure=True)
            if kind == "word" and (period := rate_of(word)):
                return RatePeriod(period, sure=True)
            if rate := self.rate(place):
                within = place > at and self._tokens.lower(place - 1) in DURATION_PREPOSITIONS
                return None if within and word not in ALWAYS_PER else rate
            if kind == "number" or (word in PER and self._is_later(place + 2)):
                return None
        return None

    def rate(self, at: int) -> RatePeriod | None:
        """The frequency that begins at a position: "per day", "/s", "a week", "a la semana"."""
        word, behind = self._tokens.lower(at), at + 1
        sure = word not in UNSURE_PER
        if (word, self._tokens.lower(behind)) in PER_AND_ARTICLE:
            behind += 1
        elif word not in PER and word not in PER_OR_DATE:
            return None
        behind += self._tokens.lower(behind) == "-"
        name = self._tokens.lower(behind)
        period = self.period_word(behind)
        if word in ALWAYS_PER:
            period = period or SHORT_PERIODS.get(name)
            return RatePeriod(period, sure=True) if period else None
        if period is None or (name in ORDINALS and self._counts(behind)):
            return None
        if self._is_later(behind + 1) and word not in EACH:
            # "30 a day before that" may be a rate or a time.
            unclear = self._tokens.lower(behind + 1) in {"before", "after"}
            return RatePeriod(period, sure=False) if unclear else None
        if word in PER_OR_DATE and self._tokens.kind(behind + 1) == "number":
            return None
        return RatePeriod(period, sure)

    def _counts(self, at: int) -> bool:
        """Whether "second" counts a thing: "a second time"."""
        after = self._tokens.lower(at + 1)
        return self._tokens.kind(at + 1) == "word" and after not in NO_NOUNS

    def _is_later(self, at: int) -> bool:
        """Whether the word after a period makes it a duration: "a year later", "a year on"."""
        word = self._tokens.lower(at)
        return word in LATER and (word != "on" or self._tokens.kind(at + 1) in {"", "sign"})

    def period_word(self, at: int) -> str | None:
        """The period that the word at a position means."""
        word = self._tokens.lower(at)
        return PERIODS.get(word) or (PERIODS.get(word.removesuffix("s")) if word else None)
