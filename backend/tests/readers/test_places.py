"""People name places in various ways and get an existing time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.readers.client_zone import guess_zone
from app.readers.places import place_for, zone_for, zone_name


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("  berlin  ", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("Munich", "Europe/Berlin"),
        ("koln", "Europe/Berlin"),
        ("Cologne", "Europe/Berlin"),
        ("Tübingen", "Europe/Berlin"),
        ("San Francisco", "America/Los_Angeles"),
        ("san francisco, ca", "America/Los_Angeles"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Saint Petersburg", "Europe/Moscow"),
        ("Москва", "Europe/Moscow"),
        ("東京", "Asia/Tokyo"),
        ("Hồ Chí Minh", "Asia/Ho_Chi_Minh"),
        ("Mailand", "Europe/Rome"),
        ("Portland", "America/Los_Angeles"),
        ("Portland, Maine", "America/New_York"),
        ("London, Ontario", "America/Toronto"),
        ("Victoria, BC", "America/Vancouver"),
        ("Queensland, Australia", "Australia/Brisbane"),
        ("California, USA", "America/Los_Angeles"),
        ("Perth, Scotland", "Europe/London"),
        ("Paris, TX, USA", "America/Chicago"),
        ("Naples, FL", "America/New_York"),
        ("Groton, CT", "America/New_York"),
        ("Cambridge, New Zealand", "Pacific/Auckland"),
        ("Wien, Österreich", "Europe/Vienna"),
        ("Munich, Bavaria", "Europe/Berlin"),
        ("San Fransisco, USA", "America/Los_Angeles"),
        ("Birmingham", "Europe/London"),
        ("Birmingham, Alabama, USA", "America/Chicago"),
        ("Valencia, Spain", "Europe/Madrid"),
        ("Washington, D.C.", "America/New_York"),
        ("Reykjavik", "Atlantic/Reykjavik"),
        ("Lord Howe", "Australia/Lord_Howe"),
        ("Germany", "Europe/Berlin"),
        ("deutschland", "Europe/Berlin"),
        ("Japan", "Asia/Tokyo"),
        ("NYC", "America/New_York"),
        ("CET", "Europe/Berlin"),
        ("PST", "America/Los_Angeles"),
        ("Europe/Zurich", "Europe/Zurich"),
        ("europe/zurich", "Europe/Zurich"),
        ("america/new york", "America/New_York"),
        ("Berln", "Europe/Berlin"),
        ("Amsterdamm", "Europe/Amsterdam"),
        ("San Fransisco", "America/Los_Angeles"),
        ("LA", "America/Los_Angeles"),
        ("España", "Europe/Madrid"),
        ("Kenia", "Africa/Nairobi"),
        ("Belgien", "Europe/Brussels"),
        ("Großbritannien", "Europe/London"),
    ],
)
def test_places(typed: str, zone: str) -> None:
    assert zone_for(typed) == zone


@pytest.mark.parametrize(
    ("language", "typed", "name"),
    [
        ("es", "Cd. de México", "Cd. de México, México"),
        ("es", "cd de mexico", "Cd de Mexico, México"),
        ("es", "cdmx", "CDMX, México"),
        ("es", "Cd Juárez", "Cd Juárez, México"),
        ("es", "bs as", "Bs As"),
        ("en", "Ft Worth", "Ft Worth, Texas"),
        ("en", "nyc", "NYC"),
        ("en", "Washington DC", "Washington DC"),
        ("en", "washington d.c.", "Washington D.C."),
        ("en", "newcastle upon tyne", "Newcastle upon Tyne, United Kingdom"),
        ("en", "berln", "Berlin, Germany"),
        ("en", "dallaz", "Dallaz, Texas"),
        ("de", "St. Gallen", "St. Gallen, Schweiz"),
        ("de", "frankfurt am main", "Frankfurt am Main, Deutschland"),
        ("de", "Frankfurt a. M.", "Frankfurt a. M., Deutschland"),
        ("de", "Bayern", "Bayern"),
        ("de", "Bozen", "Bozen"),
    ],
)
def test_a_place_is_named_properly_or_as_it_was_typed(language: str, typed: str, name: str) -> None:
    found = place_for(typed, language)
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("UTC", 0),
        ("gmt", 0),
        ("UTC+0", 0),
        ("+7", 7),
        ("UTC+7", 7),
        ("GMT -5", -5),
        ("utc−3", -3),
        ("UTC+05:30", 5.5),
        ("+0545", 5.75),
        ("UTC+14", 14),
        ("-12", -12),
    ],
)
def test_offsets(typed: str, hours: float) -> None:
    zone = zone_for(typed)
    assert zone is not None
    offset = datetime(2026, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("typed", "in_january", "in_july"),
    [
        ("UTC-9:30", "Pacific/Marquesas", "Pacific/Marquesas"),
        ("UTC-3:30", "America/St_Johns", None),
        ("UTC-2:30", None, "America/St_Johns"),
        ("UTC+10:30", None, "Australia/Lord_Howe"),
        ("UTC+12:45", None, "Pacific/Chatham"),
        ("UTC+13:45", "Pacific/Chatham", None),
    ],
)
def test_an_offset_is_never_an_hour_off(
    typed: str, in_january: str | None, in_july: str | None
) -> None:
    assert zone_for(typed, datetime(2026, 1, 15, tzinfo=UTC)) == in_january
    assert zone_for(typed, datetime(2026, 7, 15, tzinfo=UTC)) == in_july


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        ",",
        "!!!",
        "\0",
        "Qwertzuiop",
        "UTC+15",
        "-13",
        "+5:17",
        "../../etc/passwd",
        "x" * 10_000,
        "no",
        "nein",
        "okay",
        "done",
    ],
)
def test_invalid_places(typed: str) -> None:
    assert zone_for(typed) is None


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("de", "Europe/Berlin"),
        ("de-AT", "Europe/Vienna"),
        ("pt-br", "America/Sao_Paulo"),
        ("pt-PT", "Europe/Lisbon"),
        ("en-GB", "Europe/London"),
        ("en-US", "America/New_York"),
        ("zh-hans", "Asia/Shanghai"),
        ("ja", "Asia/Tokyo"),
        ("en", "UTC"),
        ("tlh", "UTC"),
        ("", "UTC"),
        (None, "UTC"),
    ],
)
def test_a_guess_from_the_language(code: str | None, zone: str) -> None:
    assert guess_zone(code) == zone


def test_zones_are_shown_with_the_usual_sign() -> None:
    assert zone_name("Etc/GMT-7") == "UTC+7"
    assert zone_name("Etc/GMT+3") == "UTC-3"
    assert zone_name("America/New_York") == "America/New York"
    assert zone_for(zone_name("America/New_York")) == "America/New_York"


def test_long_text_after_a_place_is_ignored() -> None:
    assert zone_for("Portland, q1, q2, Maine") == "America/New_York"
    assert zone_for("Portland, q1, q2, q3, Maine") == "America/Los_Angeles"
