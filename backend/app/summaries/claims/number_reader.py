"""Parses numbers in digits and words."""

from __future__ import annotations

from typing import NamedTuple

from app.summaries.claims import numerals
from app.summaries.claims.figure_tokens import Tokens
from app.summaries.claims.figure_words import (
    AND_AFTER_HUNDREDS,
    BETWEEN_TENS_AND_ONES,
    HUNDREDS,
    NO_MULTIPLIERS,
    NO_NUMBERS,
)
from app.summaries.claims.units import UNITS

HUNDRED = 100


class Number(NamedTuple):
    """A number: its end, whether it is only an article, and whether it is a round word."""

    value: float
    end: int
    article: bool
    rounded: bool


class NumberReader:
    """Parses the numbers among tokens."""

    def __init__(self, tokens: Tokens, language: str) -> None:
        self._tokens = tokens
        self._language = language
        self._words = numerals.number_words(language)
        self.articles = numerals.ARTICLES[language]

    def read(self, at: int) -> Number | None:
        token = self._tokens[at] if at < len(self._tokens) else None
        if token is None:
            return None
        if token.kind == "number":
            value, end = numerals.parse_digits(token.text, self._language), at + 1
            scale = numerals.scale(token.suffix, self._language) if token.suffix else None
            if token.suffix in {"m", "M"} and self._tokens.lower(at - 1) in UNITS:
                scale = 1e6
            if scale:
                value *= scale
            elif self._tokens.lower(end) in {"m", "bn"} and self._tokens.lower(at - 1) in UNITS:
                value, end = value * (1e6 if self._tokens.lower(end) == "m" else 1e9), end + 1
            value, end = self._scaled(value, end)
            return Number(value, end, article=False, rounded=False)
        if token.kind != "word":
            return None
        word = self._word_number(at)
        if word is not None:
            value, end = self._scaled(*word)
            # "Twenty" may stand for 21, but "nineteen" is as exact as 19.
            return Number(value, end, article=False, rounded=value < 10 or value % 10 == 0)
        scale = numerals.scale(token.lower, self._language)
        if token.lower in self.articles:
            scale = numerals.scale(self._tokens.lower(at + 1), self._language)
            if scale and scale >= 12:
                value, end = self._scaled(1.0, at + 1)
                return Number(value, end, article=False, rounded=True)
            return Number(1.0, at + 1, article=True, rounded=True)
        if token.lower in HUNDREDS:
            value, end = self._with_rest(HUNDREDS[token.lower], at + 1)
            value, end = self._scaled(value, end)
            return Number(value, end, article=False, rounded=True)
        if scale and scale > 12 and token.lower not in NO_NUMBERS:
            value, end = self._scaled(1.0, at)
            return Number(value, end, article=True, rounded=True)
        return None

    def _word_number(self, at: int) -> tuple[float, int] | None:
        lower = self._tokens.lower
        word = lower(at)
        if (value := numerals.compound(word, self._language)) is not None:
            return value, at + 1
        if lower(at + 1) in BETWEEN_TENS_AND_ONES.get(self._language, ()):
            joined = f"{word} {lower(at + 1)} {lower(at + 2)}"
            if joined in self._words:
                return self._words[joined], at + 3
        if word not in self._words:
            return None
        value = self._words[word]
        if value >= 20 and value % 10 == 0 and numerals.are_hyphenated(self._language):
            behind = at + 1 + (lower(at + 1) == "-")
            one = self._words.get(lower(behind), 1.0 if lower(behind) == "one" else 0)
            if 0 < one < 10 and (behind > at + 1 or self._language == "en"):
                return value + one, behind + 1
        return value, at + 1

    def _scaled(self, value: float, at: int) -> tuple[float, int]:
        total = value
        while True:
            behind = at + (self._tokens.lower(at) == "-")
            scale = numerals.scale(self._tokens.lower(behind), self._language)
            if scale is None or self._tokens.lower(behind) in NO_MULTIPLIERS:
                return total, at
            total, at = total * scale, behind + 1
            if scale == HUNDRED:
                total, at = self._with_rest(total, at)

    def _with_rest(self, hundreds: float, at: int) -> tuple[float, int]:
        """ "Two hundred and thirty": the number after the hundreds."""
        rest = at + (self._tokens.lower(at) in AND_AFTER_HUNDREDS)
        small = self._word_number(rest) if self._tokens.kind(rest) == "word" else None
        if small is None or small[0] >= HUNDRED:
            return hundreds, at
        return hundreds + small[0], small[1]
