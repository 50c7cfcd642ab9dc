"""Parses numbers in digits and words."""

from __future__ import annotations

from typing import NamedTuple

from app.summaries.claims import numerals
from app.summaries.claims.figure_tokens import Tokens
from app.summaries.claims.units import UNITS

HUNDRED = 100
_NO_SCALES = frozenset(("cent", "cents", "ciento", "cientos"))
_HUNDREDS = {
    "ciento": 100.0,
    "doscientos": 200.0,
    "doscientas": 200.0,
    "trescientos": 300.0,
    "trescientas": 300.0,
    "cuatrocientos": 400.0,
    "cuatrocientas": 400.0,
    "quinientos": 500.0,
    "quinientas": 500.0,
    "seiscientos": 600.0,
    "seiscientas": 600.0,
    "setecientos": 700.0,
    "setecientas": 700.0,
    "ochocientos": 800.0,
    "ochocientas": 800.0,
    "novecientos": 900.0,
    "novecientas": 900.0,
}


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
        self._words = numerals.words(language)
        self.articles = numerals.ARTICLES[language]

    def read(self, at: int) -> Number | None:
        token = self._tokens[at] if at < len(self._tokens) else None
        if token is None:
            return None
        if token.kind == "number":
            value, end = numerals.of_digits(token.text, self._language), at + 1
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
        if token.lower in _HUNDREDS:
            value, end = self._with_rest(_HUNDREDS[token.lower], at + 1)
            value, end = self._scaled(value, end)
            return Number(value, end, article=False, rounded=True)
        if scale and scale > 12 and token.lower not in {"cents", "cent", "k", "cientos"}:
            value, end = self._scaled(1.0, at)
            return Number(value, end, article=True, rounded=True)
        return None

    def _word_number(self, at: int) -> tuple[float, int] | None:
        lower = self._tokens.lower
        word = lower(at)
        if self._language == "de" and (value := _german(word, self._words)) is not None:
            return value, at + 1
        if self._language == "es" and lower(at + 1) == "y":
            joined = f"{word} y {lower(at + 2)}"
            if joined in self._words:
                return self._words[joined], at + 3
        if word not in self._words:
            return None
        value = self._words[word]
        if value >= 20 and value % 10 == 0 and self._language in {"en", "fr"}:
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
            if scale is None or self._tokens.lower(behind) in _NO_SCALES:
                return total, at
            total, at = total * scale, behind + 1
            if scale == HUNDRED:
                total, at = self._with_rest(total, at)

    def _with_rest(self, hundreds: float, at: int) -> tuple[float, int]:
        """ "Two hundred and thirty": the number after the hundreds."""
        rest = at + (self._tokens.lower(at) in {"and", "und"})
        small = self._word_number(rest) if self._tokens.kind(rest) == "word" else None
        if small is None or small[0] >= HUNDRED:
            return hundreds, at
        return hundreds + small[0], small[1]


def _german(word: str, words: dict[str, float]) -> float | None:
    """A German number in one word, such as "zweihundertdreißig"."""
    if word in words:
        return words[word]
    for part, factor in (("tausend", 1000.0), ("hundert", 100.0)):
        before, found, after = word.partition(part)
        if found and before:
            first = 1.0 if before == "ein" else _german(before, words)
            rest = _german(after, words) if after else 0.0
            if first is not None and rest is not None:
                return first * factor + rest
    return None
