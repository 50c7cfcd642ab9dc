"""Numbers in digits and words."""

from __future__ import annotations

import re
from functools import cache

from app.text import language_words

_ONES = {
    language: words.split() for language, words in language_words.by_language("claims.ones").items()
}
_TENS = {
    language: words.split() for language, words in language_words.by_language("claims.tens").items()
}
# How the numbers between are written: "{ten}-{one}".
_TENS_WITH_ONES = language_words.by_language("claims.tens_with_ones")
_ONE_BEFORE_TENS = language_words.by_language("claims.one_before_tens")
_TWENTIES = language_words.by_language("claims.twenties")
# Words for one are also articles.
ARTICLES = language_words.words_by_language("claims.articles")
_SCALES = language_words.by_language("claims.scales")
# Those inside a number in one word, the largest first.
_COMPOUND_SCALES = language_words.by_language("claims.compound_scales")
LANGUAGES = tuple(_ONES)
_GROUPED = {
    "en": re.compile(r"\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?"),
    "other": re.compile(r"\d{1,3}(?:[.'’\u00a0\u202f ]\d{3})+(?:,\d+)?"),
}


def parse_digits(digits: str, language: str) -> float:
    """The value of "1,200.5" or "1.200,5", in the notation of the language."""
    english = language == "en"
    if _GROUPED["en" if english else "other"].fullmatch(digits):
        point = "." if english else ","
        digits = "".join(
            "." if one == point else one for one in digits if one.isdigit() or one == point
        )
    whole, _, part = re.sub(r"[,'’\u00a0\u202f ]", ".", digits).partition(".")
    return float(f"{whole}.{part.replace('.', '') or 0}")


@cache
def number_words(language: str) -> dict[str, float]:
    """The words for numbers up to 99 (900 if they are one word), except those for one."""
    if language not in _ONES:
        return {}
    ones = _ONES[language]
    found: dict[str, float] = {word: float(n) for n, word in enumerate(ones)}
    for place, ten in enumerate(_TENS[language]):
        tens = 10.0 * (place + 2)
        found[ten] = tens
        for n, one in enumerate(ones[1:10], 1):
            first = _ONE_BEFORE_TENS.get(language, one) if n == 1 else one
            found[_TENS_WITH_ONES[language].format(ten=ten, one=first)] = tens + n
    twenties = _TWENTIES.get(language, "").split()
    found.update({word: 20.0 + n for n, word in enumerate(twenties, 1)})
    return {word: value for word, value in found.items() if word not in ARTICLES[language]}


def scale(word: str, language: str) -> float | None:
    """The multiplier of a word such as "million"."""
    value = _SCALES.get(language, {}).get(word.lower().rstrip("."))
    return None if value is None else float(value)


def are_hyphenated(language: str) -> bool:
    """Whether tens and ones are joined by a hyphen, as in "twenty-one"."""
    return _TENS_WITH_ONES.get(language) == "{ten}-{one}"


def compound(word: str, language: str) -> float | None:
    """The number that one word means, where words for numbers are compounds; else None."""
    scales = _COMPOUND_SCALES.get(language)
    if scales is None:
        return None
    known = number_words(language)
    if word in known:
        return known[word]
    for part, factor in scales.items():
        before, found, after = word.partition(part)
        if found and before:
            one = before == _ONE_BEFORE_TENS[language]
            first = 1.0 if one else compound(before, language)
            rest = compound(after, language) if after else 0.0
            if first is not None and rest is not None:
                return first * float(factor) + rest
    return None
