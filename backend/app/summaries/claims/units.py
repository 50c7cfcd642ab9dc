"""Units of measurement, and the words for them in four languages."""

from __future__ import annotations

from dataclasses import dataclass

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86400.0
WEEK, YEAR = 7 * DAY, 365.2425 * DAY
MONTH = YEAR / 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A dimension, and the factor to its base unit."""

    dimension: str
    factor: float


# dimension: (factor, words)
_WORDS: dict[str, tuple[tuple[float, str], ...]] = {
    "time": (
        (1e-9, "ns nanosecond nanoseconds nanosekunde nanosekunden nanosegundos"),
        (1e-6, "µs us microsecond microseconds mikrosekunde mikrosekunden microsegundos"),
        (
            1e-3,
            "ms msec millisecond milliseconds millisekunde millisekunden milisegundo "
            "milisegundos milliseconde millisecondes",
        ),
        (SECOND, "s sec secs second seconds sekunde sekunden segundo segundos seconde secondes"),
        (MINUTE, "min mins minute minutes minuten minuto minutos"),
        (HOUR, "h hr hrs hour hours stunde stunden hora horas heure heures std"),
        (DAY, "day days tag tage tagen tages día días dia dias jour jours"),
        (WEEK, "week weeks woche wochen semana semanas semaine semaines"),
        (2 * WEEK, "fortnight fortnights"),
        (MONTH, "month months monat monate monaten monats mes meses mois"),
        (YEAR / 4, "quartal quartale quartalen trimestre trimestres"),
        (YEAR, "year years yr yrs jahr jahre jahren jahres año años an ans année années"),
        (10 * YEAR, "decade decades jahrzehnt jahrzehnte jahrzehnten década décadas décennie"),
        (100 * YEAR, "century centuries jahrhundert jahrhunderte siglo siglos siècle siècles"),
    ),
    "bytes": (
        (1.0, "byte bytes octet octets"),
        (1e3, "kb kilobyte kilobytes ko"),
        (1e6, "mb megabyte megabytes mo"),
        (1e9, "gb gigabyte gigabytes go"),
        (1e12, "tb terabyte terabytes to"),
        (1e15, "pb petabyte petabytes"),
        (1024.0, "kib kibibyte kibibytes"),
        (1024.0**2, "mib mebibyte mebibytes"),
        (1024.0**3, "gib gibibyte gibibytes"),
        (1024.0**4, "tib tebibyte tebibytes"),
    ),
    "bits": (
        (1.0, "bit bits"),
        (1e3, "kbit kbits kbps kilobits"),
        (1e6, "mbit mbits mbps megabit megabits"),
        (1e9, "gbit gbits gbps gigabit gigabits"),
        (1e12, "tbit tbits tbps terabit terabits"),
    ),
    "length": (
        (1e-9, "nm nanometre nanometres nanometer nanometers nanometern nanómetros"),
        (1e-6, "µm um micron microns micrometre micrometres micrometer micrometers mikrometer"),
        (1e-3, "mm millimetre millimetres millimeter millimeters millimetern milímetro milímetros"),
        (
            1e-2,
            "cm centimetre centimetres centimeter centimeters zentimeter zentimetern "
            "centímetro centímetros",
        ),
        (1.0, "m metre metres meter meters metern metro metros mètre mètres"),
        (
            1e3,
            "km kilometre kilometres kilometer kilometers kilometern kilómetro kilómetros "
            "kilomètre kilomètres kmh kph",
        ),
        (0.0254, "inch inches zoll pulgada pulgadas pouces"),
        (0.3048, "ft foot feet"),
        (0.9144, "yard yards"),
        (1609.344, "mile miles meile meilen milla millas mph"),
    ),
    "area": (
        (1e4, "hectare hectares hektar hectárea hectáreas"),
        (4046.86, "acre acres"),
        (1e6, "km² quadratkilometer"),
        (1.0, "m² quadratmeter"),
    ),
    "mass": (
        (1e-3, "mg milligram milligrams milligramm"),
        (1.0, "gram grams gramm gramo gramos gramme grammes"),
        (1e3, "kg kilo kilos kilogram kilograms kilogramm kilogramo kilogramos"),
        (1e6, "tonne tonnes ton tons tonnen tonelada toneladas"),
        (453.6, "lb lbs"),
        (28.35, "oz ounce ounces"),
    ),
    "volume": (
        (1e-3, "ml millilitre millilitres milliliter milliliters mililitros"),
        (1.0, "litre litres liter liters litro litros"),
        (3.785, "gallon gallons"),
        (159.0, "barrel barrels"),
    ),
    "power": (
        (1.0, "w watt watts vatios"),
        (1e3, "kw kilowatt kilowatts"),
        (1e6, "mw megawatt megawatts"),
        (1e9, "gw gigawatt gigawatts"),
    ),
    "energy": (
        (1.0, "wh watt-hours wattstunden wattstunde"),
        (1e3, "kwh kilowatt-hours kilowattstunde kilowattstunden"),
        (1e6, "mwh megawatt-hours megawattstunden"),
        (1e9, "gwh gigawatt-hours gigawattstunden"),
        (1e12, "twh"),
    ),
    "frequency": ((1.0, "hz hertz"), (1e3, "khz"), (1e6, "mhz"), (1e9, "ghz")),
    "temperature": ((1.0, "°c celsius °f fahrenheit degrees degree grad grados"),),
    "percent": ((1.0, "% percent percentage prozent prozentpunkte prozentpunkten porciento pct"),),
    "permille": ((1.0, "‰ promille"),),
    # "Parts per million"; the reader of units joins the words.
    "parts": ((1.0, "ppm"), (1e-3, "ppb"), (1e-6, "ppt")),
    "usd": ((1.0, "$ us$ usd dollar dollars dólar dólares"), (0.01, "cent cents centavos")),
    "eur": ((1.0, "€ eur euro euros"),),
    "gbp": ((1.0, "£ gbp pound pounds pfund libra libras quid"), (0.01, "pence penny")),
    "jpy": ((1.0, "¥ jpy yen"),),
    "inr": ((1.0, "₹ inr rupee rupees rupien"),),
    "crown": ((1.0, "krone kroner kronor kronen krona crown crowns coronas dkk sek nok"),),
    "chf": ((1.0, "chf franc francs franken"),),
}
UNITS = {
    word: Unit(dimension, factor)
    for dimension, entries in _WORDS.items()
    for factor, words in entries
    for word in words.split()
}
MONEY = frozenset(("usd", "eur", "gbp", "jpy", "inr", "crown", "chf"))
# Units that are other words too, which are meant more often.
AMBIGUOUS = frozenset(("to", "go", "mo", "ko", "an", "us", "in"))
PARTS = {
    "million": "ppm",
    "billion": "ppb",
    "milliard": "ppb",
    "milliarde": "ppb",
    "trillion": "ppt",
    "millón": "ppm",
}
# How often something is: "a month", "monthly", "per month".
_PERIODS = {
    "microsecond": "microsecond mikrosekunde microsegundo microseconde",
    "millisecond": "millisecond millisekunde milisegundo milliseconde",
    "second": "second sekunde sekunden sekündlich segundo seconde",
    "minute": "minute minuten minütlich minuto",
    "hour": "hour hours hourly stunde stunden stündlich stundenweise hora horas heure heures",
    "day": "day days daily tag tage täglich día días diario diaria diarios diarias diariamente "
    "jour jours quotidien night nightly nights nacht nächte noche noches nuit",
    "weekday": "weekday weekdays werktag werktage werktags laborable laborables",
    "week": "week weeks weekly woche wochen wöchentlich semana semanas semanal "
    "semanalmente semaine semaines",
    "month": "month months monthly monat monate monatlich mes meses mensual mensuales mensualmente "
    "mois mensuel",
    "quarter": "quarter quarters quarterly quartal quartale trimestre trimestral",
    "year": "year years yearly annual annually annum jahr jahre jährlich año años anual anuales "
    "anualmente an année annuel annuelle",
}
PERIODS = {word: period for period, words in _PERIODS.items() for word in words.split()}
# Short forms, after "/" or "per" alone.
_SHORT_PERIODS = {
    "microsecond": "µs μs us",
    "millisecond": "ms msec",
    "second": "s sec sek seg",
    "minute": "min",
    "hour": "h hr std",
    "day": "d",
    "week": "wk",
    "month": "mo",
    "year": "yr",
}
SHORT_PERIODS = {word: period for period, words in _SHORT_PERIODS.items() for word in words.split()}
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
_RATES = """
hourly daily nightly weekly monthly quarterly yearly annual annually sekündlich minütlich stündlich
täglich wöchentlich monatlich jährlich diario diaria diarios diarias diariamente semanal
semanalmente mensual mensuales mensualmente trimestral anual anuales anualmente
quotidien mensuel annuel annuelle
"""
RATES = frozenset(_RATES.split())


def unit_of(word: str) -> Unit | None:
    """The unit that a word after a number means, or None."""
    return UNITS.get(word.lower())


def rate_of(word: str) -> str | None:
    """The period of "monthly" and similar words, also inflected ("monatlichen")."""
    word = word.lower()
    for ending in ("", "e", "en", "er", "es", "em", "n"):
        stem = word.removesuffix(ending)
        if stem in RATES:
            return PERIODS[stem]
    return None
