"""A figure of a claim is its source's, however it is written; a changed one never is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.summaries.claims.check import Checker
from app.summaries.claims.evidence import Source, SourcePart

settings.register_profile("claims", deadline=None, max_examples=60)
settings.load_profile("claims")

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
}


def holds(source: str, claim: str, language: str = "en", own: str | None = None) -> bool:
    """Whether a claim's figures are the source's."""
    checker = Checker(Source([SourcePart(source)], language), own or language)
    return checker.verdict(claim).reason not in {"number", "date"}


@pytest.mark.parametrize(
    ("source", "claim", "language"),
    [
        ("1,200,000 lines", "1.2 million lines", "en"),
        ("48 hours", "two days", "en"),
        ("three in four trees", "75% of the trees", "en"),
        ("7 out of 10 trees", "70 percent of the trees", "en"),
        ("33 percent of the trees", "a third of the trees", "en"),
        ("90 minutes", "an hour and a half", "en"),
        ("1.5 GB", "1,500 MB", "en"),
        ("1,150 dollars", "$1,150", "en"),
        ("£38", "38 pounds", "en"),
        ("seventy-five metres", "75 m", "en"),
        ("14 days", "two weeks", "en"),
        ("18 months", "a year and a half", "en"),
        ("half a metre", "50 cm", "en"),
        ("1,247 lines", "about 1,200 lines", "en"),
        ("198 lines", "nearly 200 lines", "en"),
        ("212 lines", "more than 200 lines", "en"),
        ("45,900 lines", "roughly 46,000 lines", "en"),
        ("30 to 45 percent", "30-45%", "en"),
        ("a quarter of an hour", "15 minutes", "en"),
        ("3.400 Zeilen", "rund 3400 Zeilen", "de"),
        ("6,2 Millionen Zeilen", "6.200.000 Zeilen", "de"),
        ("zweihundertdreißig Zeilen", "230 Zeilen", "de"),
        ("einundzwanzig Tage", "drei Wochen", "de"),
        ("190.000 líneas", "ciento noventa mil líneas", "es"),
        ("dos horas", "120 minutos", "es"),
        ("4,5 millones de líneas", "4.500.000 líneas", "es"),
    ],
)
def test_equal_quantities_in_another_form_match(source: str, claim: str, language: str) -> None:
    frame = {
        "en": "The new engine needed {} in the trial.",
        "de": "Der neue Motor brauchte {} in der Probe.",
        "es": "El nuevo motor necesitó {} en la prueba.",
    }[language]
    assert holds(frame.format(source), frame.format(claim), language)


UNITS = {"MB": "GB", "seconds": "minutes", "kilometres": "metres", "dollars": "euros",
         "percent": "metres", "hours": "days", "watts": "kilowatts"}  # fmt: skip
FRAME = "The new engine needed {} in the trial."


@given(st.integers(2, 10**6), st.sampled_from(sorted(UNITS)))
def test_a_number_passes_with_its_unit_alone(number: int, unit: str) -> None:
    source = FRAME.format(f"{number:,} {unit}")
    assert holds(source, FRAME.format(f"{number} {unit}"))
    assert holds(source, FRAME.format(f"exactly {number:,} {unit}"))
    assert not holds(source, FRAME.format(f"{number} {UNITS[unit]}"))


@given(st.integers(10, 10**6), st.integers(2, 99), st.sampled_from(sorted(UNITS)))
def test_a_changed_number_is_rejected(number: int, change: int, unit: str) -> None:
    source = FRAME.format(f"{number:,} {unit}")
    for wrong in (number + max(1, number * change // 100), number * 10, int(str(number)[::-1])):
        if abs(wrong - number) > 0.005 * number:
            assert not holds(source, FRAME.format(f"{wrong:,} {unit}"))


@given(st.dates(date(1900, 1, 1), date(2099, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_a_date_passes_in_any_form(day: date, language: str) -> None:
    source, written = _dates(day, language)
    for one in written:
        assert holds(source, one, language), one


@given(
    st.dates(date(1900, 1, 1), date(2099, 1, 1)),
    st.sampled_from(sorted(MONTHS)),
    st.sampled_from([1, 3, 31, 365, 3653]),
)
def test_a_changed_date_is_rejected(day: date, language: str, days: int) -> None:
    source, _ = _dates(day, language)
    _, wrong = _dates(day + timedelta(days=days), language)
    assert not holds(source, wrong[0], language), wrong[0]


def _dates(day: date, language: str) -> tuple[str, list[str]]:
    month = MONTHS[language].split()[day.month - 1]
    match language:
        case "de":
            frame = "Die neue Brücke wurde am {} eröffnet."
            forms = [f"{day.day}. {month} {day.year}", f"{day.day}. {month}"]
        case "es":
            frame = "El nuevo puente se abrió el {}."
            forms = [f"{day.day} de {month} de {day.year}", f"{day.day} de {month}"]
        case _:
            frame = "The new bridge was opened on {}."
            forms = [
                f"{day.day} {month} {day.year}",
                f"{month} {day.day}, {day.year}",
                f"{day:%Y-%m-%d}",
                f"the {day.day}th of {month}",
            ]
    return frame.format(forms[0]), [frame.format(one) for one in forms]


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("It handles 41,000 requests a month.", "It handles 41,000 requests a day."),
        ("It costs 36 dollars a year.", "It costs 36 dollars a month."),
        (
            "Late fees brought in 18,000 crowns a year.",
            "Late fees brought in 18,000 crowns monthly.",
        ),
        ("The margin fell from 9.0 to 8.4 percent.", "The margin fell by 8.4 percent."),
        ("Mortality was 21 per 1,000 people.", "Mortality was 21 percent of the people."),
        (
            "The shop is credited with one month of fees.",
            "The shop is credited with a year of fees.",
        ),
        ("The meeting begins at 14:20.", "The meeting begins at 15:20."),
    ],
)
def test_the_unit_of_a_number_is_checked(source: str, claim: str) -> None:
    assert holds(source, source)
    assert not holds(source, claim)


PERIODS = ("second", "minute", "hour", "day", "week", "month", "year")
RATES = {
    "en": ("a second", "per second", "each second", "every second", "/s", "/sec", "/second"),
    "de": ("pro Sekunde", "je Sekunde", "in der Sekunde", "jede Sekunde", "/s"),
    "es": ("por segundo", "cada segundo", "al segundo", "/s"),
}
OTHER_RATES = {
    "en": ("a minute", "per minute", "each minute", "every minute", "/min", "/ms", "/h", "hourly",
           "a day", "per millisecond", "weekly", "a month", "per annum"),
    "de": ("pro Minute", "je Stunde", "in der Minute", "am Tag", "/min", "/ms", "täglich",
           "monatlich", "im Jahr"),
    "es": ("por minuto", "cada hora", "al día", "a la semana", "/h", "mensualmente", "al año"),
}  # fmt: skip
COUNTS = {
    "en": "The maintainers measured 30,000 {}transactions{} on a laptop.",
    "de": "Die Entwickler maßen 30.000 {}Transaktionen{} auf einem Laptop.",
    "es": "Los autores midieron 30.000 {}transacciones{} en un portátil.",
}


@pytest.mark.parametrize("language", sorted(RATES))
def test_a_rate_belongs_to_its_figure(language: str) -> None:
    def counted(rate: str, between: str = "") -> str:
        return COUNTS[language].format(between, rate if rate[0] == "/" else f" {rate}")

    between = {"en": "small write ", "de": "kleine ", "es": "pequeñas "}[language]
    for rate in RATES[language]:
        source = counted(rate)
        for same in RATES[language]:
            assert holds(source, counted(same), language), (rate, same)
            assert holds(source, counted(same, between), language), (rate, same)
        for other in OTHER_RATES[language]:
            assert not holds(source, counted(other), language), (rate, other)
            assert not holds(source, counted(other, between), language), (rate, other)
            assert not holds(counted(other), source, language), (other, rate)


# From 3, since a second is also the ordinal of 2.
@given(st.integers(3, 10**6), st.sampled_from(PERIODS), st.sampled_from(PERIODS))
def test_a_figure_passes_with_its_period_alone(number: int, period: str, other: str) -> None:
    for frame in (
        "The new engine made {:,} turns a {} in the trial.",
        "The new engine made {:,} turns a {} on a laptop before and after the trial.",
        "The new engine made {:,} very small turns per {} in the trial, and 1 stop a year.",
        "The new engine sent {:,} MB per {} in the trial.",
        "Its users pay {:,} dollars a {} after the trial.",
    ):
        assert holds(frame.format(number, period), frame.format(number, other)) == (
            period == other
        ), frame


@pytest.mark.parametrize(
    ("source", "claim", "kept"),
    [
        ("It does 1 request a second.", "It does 60 requests a minute.", True),
        ("It does 60 requests a minute.", "It does 60 requests an hour.", False),
        ("It does 24 requests a day.", "It does 1 request an hour.", True),
        ("It costs 120 dollars a year.", "It costs 10 dollars a month.", True),
        ("It costs 120 dollars a year.", "It costs 12 dollars a month.", False),
        ("It sends 100 Mbit/s.", "It sends 100 Mbps.", True),
        ("It sends 100 Mbps.", "It sends 100 megabits per second.", True),
        ("It sends 100 Mbit/s.", "It sends 100 Mbit/min.", False),
        ("It sends 100 kbit/s.", "It sends 100 MB/s.", False),
        ("It sends 100 kB/s.", "It sends 100 kB/ms.", False),
        ("It answers 30,000 qps.", "It answers 30,000 queries per second.", True),
        ("It answers 30,000 qps.", "It answers 30,000 queries per minute.", False),
        ("It runs at 120 km/h.", "It runs at 120 kilometres an hour.", True),
        ("It runs at 120 km/h.", "It runs at 120 kilometres a minute.", False),
        ("It does 30,000 requests-per-second.", "It does 30,000 requests a second.", True),
        ("It does 30,000 requests-per-second.", "It does 30,000 requests a day.", False),
        ("It does 900 reads a second and 40 writes a minute.", "It does 900 reads a second.", True),
        (
            "It does 900 reads a second and 40 writes a minute.",
            "It does 900 reads a minute.",
            False,
        ),
        ("It did 900 reads in one second.", "It did 900 reads a second.", True),
        ("It did 900 reads a second.", "It did 900 reads in a minute.", False),
        ("It did 900 reads a second time.", "It did 900 reads a second time.", True),
        ("It had 900 readers a year later.", "It had 900 readers a year later.", True),
        ("It did 900 reads a second.", "It did 900 reads.", True),
    ],
)
def test_a_rate_in_other_units(source: str, claim: str, kept: bool) -> None:
    assert holds(source, claim) == kept


def test_a_figure_from_another_part_is_rejected() -> None:
    source = (
        "The old harbour had 61 streets. Some time later, in another part of the country, the"
        " people built a railway. The new suburb had no piped water until 1903. Long before that,"
        " an engineer had drawn a map. The museum opened in 1911."
    )
    assert holds(source, "The new suburb had no piped water until 1903.")
    assert not holds(source, "The new suburb had no piped water until 1911.")
    assert not holds(source, "The old harbour had 1903 streets.")
