"""Numbers in digits and words, in English, German, Spanish and French."""

from __future__ import annotations

import re
from functools import cache

_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
    "quince dieciséis diecisiete dieciocho diecinueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
    "quinze seize dix-sept dix-huit dix-neuf",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
}
# Words for one are also articles.
ARTICLES = {
    "en": frozenset(("one", "a", "an")),
    "de": frozenset(("ein", "eine", "einen", "einem", "einer", "eines", "je")),
    "es": frozenset(("un", "una", "uno")),
    "fr": frozenset(("un", "une")),
}
_SCALES = {
    "en": {
        "hundred": 1e2,
        "hundreds": 1e2,
        "thousand": 1e3,
        "k": 1e3,
        "million": 1e6,
        "billion": 1e9,
        "bn": 1e9,
        "trillion": 1e12,
        "dozen": 12,
        "lakh": 1e5,
        "crore": 1e7,
    },
    "de": {
        "hundert": 1e2,
        "tausend": 1e3,
        "tsd": 1e3,
        "million": 1e6,
        "millionen": 1e6,
        "mio": 1e6,
        "milliarde": 1e9,
        "milliarden": 1e9,
        "mrd": 1e9,
        "billion": 1e12,
        "billionen": 1e12,
        "dutzend": 12,
    },
    "es": {
        "cien": 1e2,
        "ciento": 1e2,
        "cientos": 1e2,
        "mil": 1e3,
        "millón": 1e6,
        "millones": 1e6,
        "millardo": 1e9,
        "billón": 1e12,
        "billones": 1e12,
        "docena": 12,
    },
    "fr": {
        "cent": 1e2,
        "cents": 1e2,
        "mille": 1e3,
        "million": 1e6,
        "millions": 1e6,
        "milliard": 1e9,
        "milliards": 1e9,
        "douzaine": 12,
    },
}
LANGUAGES = tuple(_ONES)
_GROUPED = {
    "en": re.compile(r"\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?"),
    "other": re.compile(r"\d{1,3}(?:[.'’\u00a0\u202f ]\d{3})+(?:,\d+)?"),
}


def of_digits(digits: str, language: str) -> float:
    """The value of "1,200.5" or "1.200,5", in the notation of the language."""
    english = language == "en"
    if _GROUPED["en" if english else "other"].fullmatch(digits):
        point = "." if english else ","
        digits = "".join(
            "." if one == point else one for one in digits if one.isdigit() or one == point
        )
    whole, _, part = re.sub(r"[,'’\u00a0\u202f ]", ".", digits).partition(".")
    return float(f"{whole}.{part.replace('.', '') or 0}")


# At the end of a longer word, as in "veintitrés".
_STRESSED = {"dos": "dós", "tres": "trés", "seis": "séis"}


@cache
def words(language: str) -> dict[str, float]:
    """The words for numbers up to 99 (900 if they are one word), except those for one."""
    if language not in _ONES:
        return {}
    found: dict[str, float] = {w: float(n) for n, w in enumerate(_ONES[language].split())}
    ones = _ONES[language].split()
    for place, ten in enumerate(_TENS[language].split()):
        tens = 10.0 * (place + 2)
        found[ten] = tens
        for one in range(1, 10):
            match language:
                case "en":
                    found[f"{ten}-{ones[one]}"] = tens + one
                case "de":
                    found[f"{'ein' if one == 1 else ones[one]}und{ten}"] = tens + one
                case "es":
                    found[f"{ten} y {ones[one]}"] = tens + one
                    found[f"veinti{_STRESSED.get(ones[one], ones[one])}"] = 20.0 + one
                case _:
                    found[f"{ten}-{ones[one]}"] = tens + one
    return {word: value for word, value in found.items() if word not in ARTICLES[language]}


def scale(word: str, language: str) -> float | None:
    """The multiplier of a word such as "million"."""
    return _SCALES.get(language, {}).get(word.lower().rstrip("."))
