"""The larger places of the world and their time zones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

# GeoNames' larger places; see scripts/make_cities.py.
_CITIES = Path(__file__).with_name("cities.tsv")

# Zone, qualifiers and names.
Line = tuple[str, str, str]


@cache
def lines() -> tuple[Line, ...]:
    """Zone, qualifiers and names of each line, read at the first use."""
    return tuple(
        (zone, qualifiers, names)
        for line in _CITIES.read_text("utf-8").splitlines()
        if not line.startswith("#")
        for zone, qualifiers, names in (line.split("\t"),)
    )


def zone_of_country(code: str) -> str | None:
    """The zone of the capital of the country with this code in small letters."""
    # The country's own line has no other qualifier.
    zones = (zone for zone, qualifiers, _ in lines() if qualifiers == f"|{code}|")
    return next(zones, None)
