"""Parses dates."""

from __future__ import annotations

from app.summaries.claims import numerals
from app.summaries.claims.figure_tokens import Token, Tokens, is_year
from app.summaries.claims.figure_words import (
    BEFORE_MONTHS,
    DAY_TO_MONTH,
    DOUBTFUL_MONTHS,
    MONTH_TO_YEAR,
    MONTHS,
)
from app.summaries.claims.figures import Date
from app.summaries.claims.units import AMBIGUOUS, unit_of


class DateReader:
    """Parses the dates among tokens."""

    def __init__(self, tokens: Tokens, language: str) -> None:
        self._tokens = tokens
        self._language = language

    def read(self, at: int) -> tuple[Date, int] | None:
        """The date at a position, and its end."""
        token = self._tokens[at]
        if token.kind == "iso":
            year, month, day = map(int, token.text.split("-"))
            return Date(day, month, year), at + 1
        if token.kind == "number" and (day := _day(token)):
            after = at + 1
            while self._tokens.lower(after) in DAY_TO_MONTH:
                after += 1
            if month := self._month(after, beside=True):
                year, end = self._year(after + 1)
                return Date(day, month, year), end
        if token.kind == "word" and (month := self._month(at)):
            day = self._day_behind(at + 1)
            year, end = self._year(at + 2 if day else at + 1)
            return Date(day, month, year), end
        if token.kind == "number" and is_year(token) and self._is_alone(at):
            return Date(0, 0, int(token.text)), at + 1
        return None

    def _day_behind(self, at: int) -> int:
        """The day in "March 11", but not in "in March 11 people"."""
        if self._tokens.kind(at) != "number" or unit_of(self._tokens.lower(at + 1)):
            return 0
        return _day(self._tokens[at])

    def _month(self, at: int, *, beside: bool = False) -> int:
        if self._tokens.kind(at) != "word":
            return 0
        token = self._tokens[at]
        month = MONTHS.get(token.lower, 0)
        if not month or beside:
            return month
        if not token.text[0].isupper() and self._language == "en":
            return 0
        if token.lower in DOUBTFUL_MONTHS:
            numbered = self._tokens.kind(at + 1) == "number"
            return month if numbered or self._tokens.lower(at - 1) in BEFORE_MONTHS else 0
        return month

    def _year(self, at: int) -> tuple[int, int]:
        after = at
        while self._tokens.lower(after) in MONTH_TO_YEAR and after < at + 2:
            after += 1
        if self._tokens.kind(after) == "number" and is_year(self._tokens[after]):
            return int(self._tokens[after].text), after + 1
        return 0, at

    def _is_alone(self, at: int) -> bool:
        """Whether a number that may be a year counts nothing."""
        before, after = self._tokens.lower(at - 1), self._tokens.lower(at + 1)
        counted = unit_of(after) or numerals.scale(after, self._language)
        money = before in {"$", "€", "£", "us$", "fewer"}
        return not money and (not counted or after in AMBIGUOUS)


def _day(token: Token) -> int:
    return int(token.text) if token.text.isdigit() and 1 <= int(token.text) <= 31 else 0
