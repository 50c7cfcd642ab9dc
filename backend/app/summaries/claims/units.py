"""Units of measurement and of frequencies, by their symbols and the words for them."""

from __future__ import annotations

from dataclasses import dataclass

from app.text import language_words

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86400.0
WEEK, YEAR = 7 * DAY, 365.2425 * DAY
MONTH = YEAR / 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A dimension, and the factor to its base unit."""

    dimension: str
    factor: float


# name: (dimension, factor, symbols)
_UNITS = {
    "nanosecond": ("time", 1e-9, "ns"),
    "microsecond": ("time", 1e-6, "µs us"),
    "millisecond": ("time", 1e-3, "ms msec"),
    "second": ("time", SECOND, "s"),
    "minute": ("time", MINUTE, "min"),
    "hour": ("time", HOUR, "h"),
    "day": ("time", DAY, ""),
    "week": ("time", WEEK, ""),
    "fortnight": ("time", 2 * WEEK, ""),
    "month": ("time", MONTH, ""),
    "quarter": ("time", YEAR / 4, ""),
    "year": ("time", YEAR, ""),
    "decade": ("time", 10 * YEAR, ""),
    "century": ("time", 100 * YEAR, ""),
    "byte": ("bytes", 1.0, ""),
    "kilobyte": ("bytes", 1e3, "kb"),
    "megabyte": ("bytes", 1e6, "mb"),
    "gigabyte": ("bytes", 1e9, "gb"),
    "terabyte": ("bytes", 1e12, "tb"),
    "petabyte": ("bytes", 1e15, "pb"),
    "kibibyte": ("bytes", 1024.0, "kib"),
    "mebibyte": ("bytes", 1024.0**2, "mib"),
    "gibibyte": ("bytes", 1024.0**3, "gib"),
    "tebibyte": ("bytes", 1024.0**4, "tib"),
    "bit": ("bits", 1.0, ""),
    "kilobit": ("bits", 1e3, "kbit kbits kbps"),
    "megabit": ("bits", 1e6, "mbit mbits mbps"),
    "gigabit": ("bits", 1e9, "gbit gbits gbps"),
    "terabit": ("bits", 1e12, "tbit tbits tbps"),
    "nanometre": ("length", 1e-9, "nm"),
    "micrometre": ("length", 1e-6, "µm um"),
    "millimetre": ("length", 1e-3, "mm"),
    "centimetre": ("length", 1e-2, "cm"),
    "metre": ("length", 1.0, "m"),
    "kilometre": ("length", 1e3, "km kmh kph"),
    "inch": ("length", 0.0254, ""),
    "foot": ("length", 0.3048, "ft"),
    "yard": ("length", 0.9144, ""),
    "mile": ("length", 1609.344, "mph"),
    "hectare": ("area", 1e4, ""),
    "acre": ("area", 4046.86, ""),
    "square_kilometre": ("area", 1e6, "km²"),
    "square_metre": ("area", 1.0, "m²"),
    "milligram": ("mass", 1e-3, "mg"),
    "gram": ("mass", 1.0, ""),
    "kilogram": ("mass", 1e3, "kg"),
    "tonne": ("mass", 1e6, ""),
    "pound_of_mass": ("mass", 453.6, "lb lbs"),
    "ounce": ("mass", 28.35, "oz"),
    "millilitre": ("volume", 1e-3, "ml"),
    "litre": ("volume", 1.0, ""),
    "gallon": ("volume", 3.785, ""),
    "barrel": ("volume", 159.0, ""),
    "watt": ("power", 1.0, "w"),
    "kilowatt": ("power", 1e3, "kw"),
    "megawatt": ("power", 1e6, "mw"),
    "gigawatt": ("power", 1e9, "gw"),
    "watt_hour": ("energy", 1.0, "wh"),
    "kilowatt_hour": ("energy", 1e3, "kwh"),
    "megawatt_hour": ("energy", 1e6, "mwh"),
    "gigawatt_hour": ("energy", 1e9, "gwh"),
    "terawatt_hour": ("energy", 1e12, "twh"),
    "hertz": ("frequency", 1.0, "hz"),
    "kilohertz": ("frequency", 1e3, "khz"),
    "megahertz": ("frequency", 1e6, "mhz"),
    "gigahertz": ("frequency", 1e9, "ghz"),
    "degree": ("temperature", 1.0, "°c °f"),
    "percent": ("percent", 1.0, "%"),
    "permille": ("permille", 1.0, "‰"),
    # "Parts per million"; the reader of units joins the words.
    "ppm": ("parts", 1.0, "ppm"),
    "ppb": ("parts", 1e-3, "ppb"),
    "ppt": ("parts", 1e-6, "ppt"),
    "dollar": ("usd", 1.0, "$ us$ usd"),
    "cent": ("usd", 0.01, ""),
    "euro": ("eur", 1.0, "€ eur"),
    "pound": ("gbp", 1.0, "£ gbp"),
    "penny": ("gbp", 0.01, ""),
    "yen": ("jpy", 1.0, "¥ jpy"),
    "rupee": ("inr", 1.0, "₹ inr"),
    "crown": ("crown", 1.0, "dkk sek nok krone kroner kronor kronen krona"),
    "swiss_franc": ("chf", 1.0, "chf"),
}
_SYMBOLS = {word: name for name, (_, _, words) in _UNITS.items() for word in words.split()}
_NAMES = language_words.meanings("units") | _SYMBOLS
UNITS = {word: Unit(*_UNITS[name][:2]) for word, name in _NAMES.items()}
MONEY = frozenset(("usd", "eur", "gbp", "jpy", "inr", "crown", "chf"))
# Units that are other words too, which are meant more often.
AMBIGUOUS = language_words.words("claims.ambiguous_units")
PARTS = language_words.table("claims.parts_per")
# How often something is: "a month", "monthly", "per month".
PERIODS = language_words.meanings("periods")
# Short forms, after "/" or "per" alone.
_SHORT_PERIODS = {
    "µs": "microsecond",
    "μs": "microsecond",
    "ms": "millisecond",
    "msec": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
}
SHORT_PERIODS = _SHORT_PERIODS | language_words.meanings("short_periods")
# Units and nouns that contain their period: "100 Mbps", "30,000 qps", "70 mph".
_RATED = {
    "second": "bps kbps mbps gbps tbps qps rps tps fps iops",
    "minute": "rpm bpm",
    "hour": "mph kph kmh",
}
RATED = {word: period for period, words in _RATED.items() for word in words.split()}
# The periods that convert to each other.
LENGTHS = {
    "microsecond": 1e-6,
    "millisecond": 1e-3,
    "second": SECOND,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
    "month": MONTH,
    "quarter": YEAR / 4,
    "year": YEAR,
}
# These are frequencies by themselves; the others only after "per", "a" or "each".
RATES = language_words.words("claims.rates")
_RATE_ENDINGS = ("", *language_words.words("claims.rate_endings"))


def unit_of(word: str) -> Unit | None:
    """The unit that a word after a number means, or None."""
    return UNITS.get(word.lower())


def rate_of(word: str) -> str | None:
    """The period of "monthly" and similar words, also inflected ("monatlichen")."""
    word = word.lower()
    for ending in _RATE_ENDINGS:
        stem = word.removesuffix(ending)
        if stem in RATES:
            return PERIODS[stem]
    return None
