"""Resolves a typed place to a time zone, which the person then confirms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher, get_close_matches
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from app.readers.cities import Line, lines, zone_of_country
from app.readers.place_names import (
    ABBREVIATIONS,
    COUNTRIES,
    COUNTRIES_OF_PROVINCES,
    PART_HOURS,
    PARTICLES,
    PROVINCES,
    SHORTENED,
    STATES,
    WORDS_AFTER_ZONES,
    WORDS_BEFORE_ZONES,
)
from app.text.phrases import fold
from app.wording import FALLBACK, LANGUAGES
from app.wording.locales import countries, country_name
from app.wording.typed_words import without_talk

MAX_LENGTH = 80
# A state and a country may follow a place; each costs a search.
MAX_QUALIFIERS = 3
# "cet" is shown in capitals, longer names as names.
MAX_ABBREVIATION = 4
# How alike a misspelled name must be, from 0 to 1.
ALIKE = 0.8
# Shorter words resemble too many names: "no", "okay" and "done" are not misspelled cities.
MIN_MISSPELLED = 5

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")
_AROUND = " !?…✓"
_IN_BRACKETS = re.compile(r" ?\(([^()]*)\)")
_MINUS = str.maketrans("−–", "--")


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A time zone, and the name of the place that it was found by; empty if the zone itself or an
    offset was typed.
    """

    zone: str
    name: str = ""


def zone_for(place: str, now: datetime | None = None) -> str | None:
    """The zone of a city, a country, an offset from UTC, or a zone's own name; None if unknown."""
    found = place_for(place, now=now)
    return found.zone if found else None


def place_for(
    typed: str, language: str = FALLBACK, now: datetime | None = None
) -> NamedZone | None:
    """The place that is meant, with its zone; None if unknown.

    For an offset, it is a zone whose clocks show that offset at `now`. `Portland` is the largest
    place of that name, `Portland, Maine` another one, with or without the comma. For an unknown
    small place the qualifier after it is used; if that is unknown too, the largest place of the
    name. A misspelled name is resolved to the most similar one. `language` is that of the name.
    What people say around a name, as in "I live in Berlin", is ignored.
    """
    typed = " ".join(typed[:MAX_LENGTH].split()).strip(_AROUND)
    named = _IN_BRACKETS.sub(r", \1", without_talk(typed, "courtesy", "place"))
    if named != typed and not _exact(typed, language):
        return _place(named, language, now) or _place(typed, language, now)
    return _place(typed, language, now)


def _place(typed: str, language: str, now: datetime | None) -> NamedZone | None:
    if offset := _OFFSET.fullmatch(typed.translate(_MINUS)):
        sign, hours, minutes = offset.groups()
        zone = _zone_of_offset(sign, hours, minutes, now or datetime.now(UTC))
        return NamedZone(zone) if zone else None
    if named := _zones().get(typed.casefold().replace(" ", "_")):
        return NamedZone(named)
    first, *behind = typed.split(",")
    if not fold(first):
        return None
    if qualifiers := [known for one in behind if (known := _qualifier(one))][:MAX_QUALIFIERS]:
        return _qualified(first, qualifiers, language) or _alone(first, language)
    return _exact(first, language) or _without_comma(first, language) or _alone(first, language)


def _qualified(typed: str, qualifiers: Sequence[str], language: str) -> NamedZone | None:
    """A place with qualifiers that say where it is."""
    wanted = fold(typed)
    meant = _spelled_right(wanted) or ""
    for name, rest in (
        (wanted, qualifiers),
        (f"{wanted} {qualifiers[0]}", [""]),
        (meant, qualifiers),
    ):
        for qualifier in rest:
            if name and (line := _line_of_city(name, qualifier)):
                shown = typed if name != meant or name == wanted else _corrected(typed, meant)
                return _named(line, shown, language)
    for qualifier in qualifiers:
        if zone := _zone_of_state(wanted, qualifier):
            return NamedZone(zone, f"{_titled(typed)}, {_region_name(qualifier, language)}")
    for qualifier in qualifiers:
        if zone := _zone_of_region(qualifier):
            return NamedZone(zone, _region_name(qualifier, language))
    return None


def _exact(typed: str, language: str) -> NamedZone | None:
    """The exact match of a name: an abbreviation, a country, a city."""
    wanted = fold(typed)
    if zone := _abbreviations().get(wanted) or _abbreviations().get(_without_time(wanted)):
        return NamedZone(zone, _titled(typed) if len(typed) > MAX_ABBREVIATION else typed.upper())
    if (code := _countries().get(wanted)) and (zone := zone_of_country(code)):
        return NamedZone(zone, country_name(code.upper(), language) or _titled(typed))
    line = _line_of_city(wanted, "")
    return _named(line, typed, language) if line else None


def _without_comma(typed: str, language: str) -> NamedZone | None:
    """`Berlin Germany`, `Austin TX`: a place whose last words are a qualifier."""
    words = typed.split()
    for split in range(len(words) - 1, max(0, len(words) - 1 - MAX_QUALIFIERS), -1):
        city, qualifier = " ".join(words[:split]), _qualifier(" ".join(words[split:]))
        if line := _line_of_city(fold(city), qualifier):
            return _named(line, city, language)
    return None


def _alone(typed: str, language: str) -> NamedZone | None:
    """A city without its qualifiers, a zone's place, or the most similar name."""
    wanted = fold(typed)
    if found := _exact(typed, language):
        return found
    if zone := _zones_by_city().get(wanted):
        return NamedZone(zone, _titled(typed))
    meant = _spelled_right(wanted)
    line = _line_of_city(meant, "") if meant else None
    return _named(line, _corrected(typed, meant), language) if line and meant else None


def _corrected(typed: str, meant: str) -> str:
    """The proper name of a folded one if a zone has it, otherwise what was typed."""
    zone = _zones_by_city().get(meant)
    return _city_of(zone) if zone else typed


def _named(line: Line, typed: str, language: str) -> NamedZone:
    """A city with its region, because others may have the same name."""
    zone, qualifiers, _ = line
    country, *others = qualifiers.strip("|").split("|")
    if fold(typed) in others:  # Singapore
        return NamedZone(zone, _titled(typed))
    state = next((one for one in others if one in STATES), "") if country == "us" else ""
    where = STATES[state] if state else country_name(country.upper(), language)
    if state and typed.casefold().endswith(STATES[state].casefold()):  # Washington D.C.
        where = ""
    return NamedZone(zone, f"{_titled(typed)}, {where}" if where else _titled(typed))


def _qualifier(typed: str) -> str:
    """The qualifier of a place in the form of the lines: a country's code, or folded."""
    folded = fold(typed)
    return _countries().get(folded, folded)


def _region_name(qualifier: str, language: str) -> str:
    """The name of a state, a country or a province, in a language if it has one there."""
    if state := STATES.get(qualifier):
        return state
    country = country_name(qualifier.upper(), language)
    return country or _titled(PROVINCES.get(qualifier, qualifier))


def _titled(name: str) -> str:
    """A name with capitals; unchanged if it was typed with capitals."""
    if not name.islower():
        return name.strip()
    if name.isalpha() and not set(name) & set("aeiouy"):  # cdmx
        return name.upper()
    first, *others = name.split()
    return " ".join([first.title(), *(one if one in PARTICLES else one.title() for one in others)])


def _without_time(folded: str) -> str:
    """`eastern` of "eastern time", "hora del este"."""
    for word in WORDS_AFTER_ZONES:
        folded = folded.removesuffix(f" {word}")
    for word in WORDS_BEFORE_ZONES:
        folded = folded.removeprefix(word)
    return folded


def zone_name(zone: str) -> str:
    """The zone's name for readers: `UTC+7` rather than POSIX's `Etc/GMT-7`."""
    if fixed := _FIXED.fullmatch(zone):
        # POSIX's sign is inverted.
        return f"UTC{'-' if fixed.group(1) == '+' else '+'}{fixed.group(2)}"
    return zone.replace("_", " ")


def _zone_of_offset(sign: str, hours: str, minutes: str | None, now: datetime) -> str | None:
    if minutes and minutes != "00":
        zone = PART_HOURS.get(f"{sign}{int(hours)}:{minutes}")
        shown = now.astimezone(ZoneInfo(zone)).strftime("%z") if zone else None
        return zone if shown == f"{sign}{int(hours):02}{minutes}" else None
    if int(hours) == 0:
        return "UTC"
    name = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
    return name if name in available_timezones() else None


def _line_of_city(wanted: str, qualifier: str) -> Line | None:
    """The line of the largest city of a name, among those with the `qualifier`."""
    for name in _written_out(wanted):
        for line in lines():
            if f"|{name}|" in line[2] and (not qualifier or f"|{qualifier}|" in line[1]):
                return line
    return None


def _written_out(wanted: str) -> list[str]:
    """A folded name, and what it may be short for: `saint gallen` and `sankt gallen` of
    "st gallen".
    """
    first, _, rest = wanted.partition(" ")
    whole = [f"{name} {rest}" for name, short in SHORTENED.items() if rest and short == first]
    return [wanted, *whole]


def _zone_of_state(wanted: str, country: str) -> str | None:
    for zone, qualifiers, _ in lines():
        if f"|{wanted}|" in qualifiers and f"|{country}|" in qualifiers:
            return zone
    named = country in COUNTRIES_OF_PROVINCES and wanted in PROVINCES.values()
    return _abbreviations()[wanted] if named else None


def _zone_of_region(name: str) -> str | None:
    """The zone of the largest place in a country or state, or of a province."""
    for zone, qualifiers, _ in lines():
        if f"|{name}|" in qualifiers:
            return zone
    return _abbreviations().get(PROVINCES.get(name, name))


# Called with each qualifier and without any.
@lru_cache(maxsize=1)
def _spelled_right(wanted: str) -> str | None:
    """The place name most similar to `wanted`; None if none is similar enough."""
    if len(wanted) < MIN_MISSPELLED:
        return None
    # The first letter is usually right, which avoids a comparison with every place.
    start, letters = f"|{wanted[0]}", len(wanted)
    names = {
        name
        for _, _, of_zone in lines()
        if start in of_zone
        for name in of_zone.split("|")
        if name.startswith(wanted[0]) and abs(len(name) - letters) <= 2
    }
    close = get_close_matches(wanted, sorted(names), n=5, cutoff=ALIKE)
    # Of equally similar names, the first is usually the common spelling.
    return min(
        close, key=lambda name: (-SequenceMatcher(None, name, wanted).ratio(), name), default=None
    )


@cache
def _zones() -> dict[str, str]:
    """Zones by their own lower-case names, without old ones such as `Japan`."""
    return {name.casefold(): name for name in available_timezones() if "/" in name}


@cache
def _abbreviations() -> dict[str, str]:
    return {fold(name): zone for name, zone in ABBREVIATIONS.items()}


@cache
def _countries() -> dict[str, str]:
    """The codes of countries in small letters by their names in the interface's languages."""
    known = {
        fold(name): code.lower()
        for language in LANGUAGES
        for code, name in countries(language).items()
    }
    return known | {fold(name): code for name, code in COUNTRIES.items()}


@cache
def _zones_by_city() -> dict[str, str]:
    """Zones by the place in their name: Reykjavik, Lord Howe."""
    return {
        fold(_city_of(name)): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith("Etc/")
    }


def _city_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
