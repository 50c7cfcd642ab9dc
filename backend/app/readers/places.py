"""From what a person types about a place to a time zone, for the person to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from app.readers.phrases import fold

# GeoNames' larger places; see scripts/make_cities.py.
_CITIES = Path(__file__).with_name("cities.tsv")
MOST_LENGTH = 80
# How alike a misspelled name must be, from 0 to 1.
ALIKE = 0.8
# Shorter words are like too many names: "no", "okay" and "done" are no misspelled cities.
SHORTEST_MISSPELLED = 5

# What people call their time; summer time is the zone's own business.
_ABBREVIATIONS = {
    "utc": "UTC",
    "gmt": "UTC",
    "z": "UTC",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "eet": "Europe/Athens",
    "eest": "Europe/Athens",
    "wet": "Europe/Lisbon",
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
    "nzst": "Pacific/Auckland",
    "nzdt": "Pacific/Auckland",
    # Names that GeoNames does not have, or gives to another place first.
    "nyc": "America/New_York",
    "california": "America/Los_Angeles",
    "texas": "America/Chicago",
    "florida": "America/New_York",
    "usa": "America/New_York",
    "uk": "Europe/London",
    "england": "Europe/London",
    "scotland": "Europe/London",
    "wales": "Europe/London",
    "northern ireland": "Europe/London",
    "ontario": "America/Toronto",
    "quebec": "America/Toronto",
    "british columbia": "America/Vancouver",
    "alberta": "America/Edmonton",
    "manitoba": "America/Winnipeg",
    "saskatchewan": "America/Regina",
    "nova scotia": "America/Halifax",
    "new brunswick": "America/Moncton",
    "newfoundland": "America/St_Johns",
    "new south wales": "Australia/Sydney",
    "victoria": "Australia/Melbourne",
    "queensland": "Australia/Brisbane",
    "south australia": "Australia/Adelaide",
    "western australia": "Australia/Perth",
    "tasmania": "Australia/Hobart",
    "deutschland": "Europe/Berlin",
    "osterreich": "Europe/Vienna",
    "schweiz": "Europe/Zurich",
    "frankfurt": "Europe/Berlin",
    "la": "America/Los_Angeles",
    "sf": "America/Los_Angeles",
    "kl": "Asia/Kuala_Lumpur",
    # Countries in German and in their own words, which are like names of cities elsewhere.
    "agypten": "Africa/Cairo",
    "belgie": "Europe/Brussels",
    "belgien": "Europe/Brussels",
    "espana": "Europe/Madrid",
    "frankreich": "Europe/Paris",
    "griechenland": "Europe/Athens",
    "grossbritannien": "Europe/London",
    "indien": "Asia/Kolkata",
    "italia": "Europe/Rome",
    "italien": "Europe/Rome",
    "kanada": "America/Toronto",
    "kenia": "Africa/Nairobi",
    "marokko": "Africa/Casablanca",
    "nederland": "Europe/Amsterdam",
    "neuseeland": "Pacific/Auckland",
    "norge": "Europe/Oslo",
    "norwegen": "Europe/Oslo",
    "polska": "Europe/Warsaw",
    "sudafrika": "Africa/Johannesburg",
    "sudkorea": "Asia/Seoul",
    "suisse": "Europe/Zurich",
    "suomi": "Europe/Helsinki",
    "sverige": "Europe/Stockholm",
    "tschechien": "Europe/Prague",
    "turkiye": "Europe/Istanbul",
    "ungarn": "Europe/Budapest",
}
# What stands behind a comma for provinces; GeoNames' lines know the states of the USA.
_PROVINCES = {
    "on": "ontario",
    "qc": "quebec",
    "bc": "british columbia",
    "ab": "alberta",
    "mb": "manitoba",
    "ns": "nova scotia",
    "nb": "new brunswick",
    "nsw": "new south wales",
    "vic": "victoria",
    "qld": "queensland",
    "tas": "tasmania",
}
_COUNTRIES_OF_PROVINCES = ("canada", "australia")
# Places for the offsets that are not whole hours. The few with summer time are found by what their
# clocks show when somebody asks.
_PART_HOURS = {
    "-9:30": "Pacific/Marquesas",
    "-2:30": "America/St_Johns",
    "-3:30": "America/St_Johns",
    "+3:30": "Asia/Tehran",
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+8:45": "Australia/Eucla",
    "+9:30": "Australia/Darwin",
    "+10:30": "Australia/Lord_Howe",
    "+12:45": "Pacific/Chatham",
    "+13:45": "Pacific/Chatham",
}
# A first guess from the language of somebody's client where it names no country.
_COUNTRIES_OF_LANGUAGES = {
    "cs": "CZ",
    "da": "DK",
    "el": "GR",
    "fa": "IR",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ko": "KR",
    "sv": "SE",
    "uk": "UA",
    "vi": "VN",
    "zh": "CN",
    "pt": "BR",
    "de": "DE",
    "es": "ES",
    "fi": "FI",
    "fr": "FR",
    "hu": "HU",
    "id": "ID",
    "it": "IT",
    "nl": "NL",
    "pl": "PL",
    "ro": "RO",
    "ru": "RU",
    "th": "TH",
    "tr": "TR",
}
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")
_MINUS = str.maketrans("−–", "--")


def zone_for(place: str, now: datetime | None = None) -> str | None:
    """The zone of a city, a country, an offset from UTC, or a zone's own name; None if unknown.

    Its clocks show the offset that was typed, at least `now`.

    `Portland` is the largest place of that name, `Portland, Maine` another one. Of a small place
    what stands behind it is enough; where nobody knows that either, the largest place is meant. A
    misspelled name is taken for the one most like it.
    """
    place = place[:MOST_LENGTH].strip()
    if offset := _OFFSET.fullmatch(place.translate(_MINUS)):
        sign, hours, minutes = offset.groups()
        return _zone_of_offset(sign, hours, minutes, now or datetime.now(UTC))
    if named := _zones().get(place.casefold().replace(" ", "_")):
        return named
    wanted, *behind = map(fold, place.split(","))
    if not wanted:
        return None
    qualifiers = [qualifier for qualifier in behind if qualifier]
    for zones in (
        (_zone_of_city(wanted, qualifier) for qualifier in qualifiers),
        (_zone_of_city(fold(place), "") for _ in qualifiers),
        (_zone_of_misspelled(wanted, qualifier) for qualifier in qualifiers),
        (_zone_of_state(wanted, qualifier) for qualifier in qualifiers),
        (_zone_of_region(qualifier) for qualifier in qualifiers),
    ):
        if zone := next(filter(None, zones), None):
            return zone
    return (
        _ABBREVIATIONS.get(wanted)
        or _zone_of_city(wanted, "")
        or _zones_by_city().get(wanted)
        or _zone_of_misspelled(wanted, "")
    )


@lru_cache(maxsize=200)
def guess_zone(language_code: str | None) -> str:
    """A zone to begin with for somebody whose client speaks this language, such as `pt-br`."""
    language, _, region = (language_code or "").partition("-")
    # Four letters are a script, as in zh-hant.
    region = region if len(region) == 2 else _COUNTRIES_OF_LANGUAGES.get(language.lower(), "")
    if not region:
        return "UTC"
    # The line of the country itself, which names its capital's zone, has no other qualifier.
    zones = (zone for zone, qualifiers, _ in _lines() if qualifiers == f"|{region.lower()}|")
    return next(zones, "UTC")


def zone_name(zone: str) -> str:
    """A zone as a reader should see it: `UTC+7` rather than POSIX's `Etc/GMT-7`."""
    if fixed := _FIXED.fullmatch(zone):
        # POSIX counts westwards.
        return f"UTC{'-' if fixed.group(1) == '+' else '+'}{fixed.group(2)}"
    return zone.replace("_", " ")


def _zone_of_offset(sign: str, hours: str, minutes: str | None, now: datetime) -> str | None:
    if minutes and minutes != "00":
        zone = _PART_HOURS.get(f"{sign}{int(hours)}:{minutes}")
        shown = now.astimezone(ZoneInfo(zone)).strftime("%z") if zone else None
        return zone if shown == f"{sign}{int(hours):02}{minutes}" else None
    if int(hours) == 0:
        return "UTC"
    name = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
    return name if name in available_timezones() else None


def _zone_of_city(wanted: str, qualifier: str) -> str | None:
    for zone, qualifiers, names in _lines():
        if f"|{wanted}|" in names and (not qualifier or f"|{qualifier}|" in qualifiers):
            return zone
    return None


def _zone_of_state(wanted: str, country: str) -> str | None:
    for zone, qualifiers, _ in _lines():
        if f"|{wanted}|" in qualifiers and f"|{country}|" in qualifiers:
            return zone
    named = country in _COUNTRIES_OF_PROVINCES and wanted in _PROVINCES.values()
    return _ABBREVIATIONS[wanted] if named else None


def _zone_of_region(name: str) -> str | None:
    """The zone of the largest place in a country or state, or of a province."""
    for zone, qualifiers, _ in _lines():
        if f"|{name}|" in qualifiers:
            return zone
    return _ABBREVIATIONS.get(_PROVINCES.get(name, name))


def _zone_of_misspelled(wanted: str, qualifier: str) -> str | None:
    if len(wanted) < SHORTEST_MISSPELLED:
        return None
    # People get the first letter right, which spares comparing with every place on earth.
    start, letters = f"|{wanted[0]}", len(wanted)
    names = {
        name
        for _, _, of_zone in _lines()
        if start in of_zone
        for name in of_zone.split("|")
        if name.startswith(wanted[0]) and abs(len(name) - letters) <= 2
    }
    close = get_close_matches(wanted, sorted(names), n=1, cutoff=ALIKE)
    return _zone_of_city(close[0], qualifier) if close else None


def _lines() -> Iterator[tuple[str, str, str]]:
    """Zone, qualifiers and names of each line; read again each time, as it is seldom needed."""
    for line in _CITIES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            zone, qualifiers, names = line.split("\t")
            yield zone, qualifiers, names


@cache
def _zones() -> dict[str, str]:
    """The zones by their own names in small letters, without old ones such as `Japan`."""
    return {name.casefold(): name for name in available_timezones() if "/" in name}


@cache
def _zones_by_city() -> dict[str, str]:
    """The zones by the place that each is named after: Reykjavik, Lord Howe."""
    return {
        fold(name.rpartition("/")[2].replace("_", " ")): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith("Etc/")
    }
