"""From what a person calls a place to a time zone, with nothing but the zone database's own names."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from app.readers.phrases import fold

# Large places that no zone is named after.
_ALIASES = {
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "california": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "nyc": "America/New_York",
    "austin": "America/Chicago",
    "houston": "America/Chicago",
    "dallas": "America/Chicago",
    "montreal": "America/Toronto",
    "ottawa": "America/Toronto",
    "rio": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "munich": "Europe/Berlin",
    "munchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "koln": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "wien": "Europe/Vienna",
    "geneva": "Europe/Zurich",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
    "lyon": "Europe/Paris",
    "edinburgh": "Europe/London",
    "manchester": "Europe/London",
    "hanoi": "Asia/Ho_Chi_Minh",
    "saigon": "Asia/Ho_Chi_Minh",
    "danang": "Asia/Ho_Chi_Minh",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata",
    "chennai": "Asia/Kolkata",
    "hyderabad": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "guangzhou": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "kyoto": "Asia/Tokyo",
    "busan": "Asia/Seoul",
    "tel aviv": "Asia/Jerusalem",
    "abu dhabi": "Asia/Dubai",
    "cape town": "Africa/Johannesburg",
    "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
}
# A first guess from the language of somebody's client; it is always confirmed.
_BY_LANGUAGE = {
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
    "it": "Europe/Rome",
    "nl": "Europe/Amsterdam",
    "pl": "Europe/Warsaw",
    "pt": "America/Sao_Paulo",
    "ru": "Europe/Moscow",
    "uk": "Europe/Kyiv",
    "tr": "Europe/Istanbul",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "zh": "Asia/Shanghai",
    "vi": "Asia/Ho_Chi_Minh",
    "th": "Asia/Bangkok",
    "id": "Asia/Jakarta",
    "hi": "Asia/Kolkata",
}
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)


def zone_for(place: str) -> str | None:
    """The zone of a city, of a zone's own name or of an offset in whole hours; None when it is unknown."""
    if offset := _OFFSET.fullmatch(place.strip()):
        # POSIX counts westwards, so Etc/GMT-7 is what people call UTC+7.
        sign = "-" if offset.group(1) == "+" else "+"
        name = f"Etc/GMT{sign}{int(offset.group(2))}"
        return name if name in available_timezones() else None
    wanted = fold(place.partition(",")[0])
    return _zones().get(wanted) or _zones().get(fold(place))


def guess_zone(language_code: str | None) -> str:
    """A zone to begin with for somebody whose client speaks this language."""
    return _BY_LANGUAGE.get((language_code or "").partition("-")[0].lower(), "UTC")


@cache
def _zones() -> dict[str, str]:
    """Every name that a zone can be found by, folded."""
    found: dict[str, str] = {}
    # "Asia/Singapore" before the old link "Singapore".
    for name in sorted(available_timezones(), key=lambda name: ("/" not in name, name)):
        city = name.rpartition("/")[2].replace("_", " ")
        found.setdefault(fold(name), name)
        found.setdefault(fold(city), name)
    return found | {fold(alias): zone for alias, zone in _ALIASES.items()}
