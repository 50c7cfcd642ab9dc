"""One digest for every chosen date, despite clock changes and outages."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.readers.schedule import Schedule, Slot, local_day

EVERY_DAY = tuple(range(1, 8))
# Spring first in the north, autumn first in the south, half an hour on Lord Howe, none in Kolkata.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
)
TIMES = (time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(8), time(23, 59))


def at(*parts: int, zone: str = "UTC") -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type]


def walk(plan: Schedule, start: datetime, end: datetime) -> list[Slot]:
    """The slots that a reader lives through when each digest is made three minutes late."""
    slots: list[Slot] = []
    slot = plan.next_slot(start)
    while slot and slot.at < end:
        made_at = slot.at + timedelta(minutes=3)
        day = plan.slot_of_digest(made_at).day
        slots.append(Slot(day, slot.at))
        slot = plan.next_slot(made_at, after_day=day)
    return slots


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("digest_time", TIMES)
def test_a_year_has_one_digest_a_date(zone: str, digest_time: time) -> None:
    plan = Schedule(zone, digest_time, EVERY_DAY)
    slots = walk(plan, at(2026, 1, 1, zone=zone), at(2027, 1, 1, zone=zone))
    days = [slot.day for slot in slots]
    assert days[0] in (date(2026, 1, 1), date(2026, 1, 2))
    assert days[-1] == date(2026, 12, 31)
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert all(local_day(zone, slot.at) == slot.day for slot in slots)


@pytest.mark.parametrize("zone", ZONES)
def test_digests_come_at_the_chosen_local_time(zone: str) -> None:
    slots = walk(Schedule(zone, time(8), EVERY_DAY), at(2026, 1, 1), at(2027, 1, 1))
    assert {slot.at.astimezone(ZoneInfo(zone)).time() for slot in slots} == {time(8)}


def test_a_skipped_local_time_means_an_hour_later() -> None:
    slot = Schedule("Europe/Berlin", time(2, 30), EVERY_DAY).next_slot(at(2026, 3, 28, 12))
    assert slot == Slot(date(2026, 3, 29), at(2026, 3, 29, 3, 30, zone="Europe/Berlin"))


def test_a_repeated_local_time_means_its_first_occurrence() -> None:
    plan = Schedule("Europe/Berlin", time(2, 30), EVERY_DAY)
    slot = plan.next_slot(at(2026, 10, 24, 12))
    assert slot == Slot(date(2026, 10, 25), at(2026, 10, 25, 0, 30))
    assert plan.next_slot(slot.at) == Slot(date(2026, 10, 26), at(2026, 10, 26, 1, 30))


@pytest.mark.parametrize("zone", ZONES)
def test_a_weekly_digest_comes_once_a_week_all_year(zone: str) -> None:
    slots = walk(Schedule(zone, time(2, 30), (7,)), at(2026, 1, 1), at(2027, 1, 1))
    assert {slot.day.isoweekday() for slot in slots} == {7}
    gaps = {later.day - earlier.day for earlier, later in itertools.pairwise(slots)}
    assert gaps == {timedelta(days=7)}
    assert len(slots) == 52


def test_only_chosen_weekdays_count() -> None:
    plan = Schedule("UTC", time(8), (2, 5))
    tuesday = plan.next_slot(at(2026, 11, 23, 9))
    assert tuesday == Slot(date(2026, 11, 24), at(2026, 11, 24, 8))
    assert plan.next_slot(at(2026, 11, 24, 8)) == Slot(date(2026, 11, 27), at(2026, 11, 27, 8))


def test_no_weekday_means_no_digest() -> None:
    plan = Schedule("UTC", time(8), ())
    assert plan.next_slot(at(2026, 11, 23)) is None
    assert plan.slot_of_digest(at(2026, 11, 23, 9)).day == date(2026, 11, 23)


def test_a_digest_made_after_midnight_is_for_the_day_before() -> None:
    plan = Schedule("Europe/Berlin", time(23, 59), EVERY_DAY)
    made_at = at(2026, 11, 24, 0, 20, zone="Europe/Berlin")
    assert plan.slot_of_digest(made_at).day == date(2026, 11, 23)
    following = plan.next_slot(made_at, after_day=date(2026, 11, 23))
    assert following and following.day == date(2026, 11, 24)


def test_an_outage_delays_a_digest_and_duplicates_none() -> None:
    plan = Schedule("UTC", time(8), EVERY_DAY)
    back_at_night = at(2026, 11, 25, 3)
    assert plan.slot_of_digest(back_at_night).day == date(2026, 11, 25)
    following = plan.next_slot(back_at_night, after_day=date(2026, 11, 25))
    assert following and following.at == at(2026, 11, 26, 8)
    back_at_noon = at(2026, 11, 25, 12)
    assert plan.slot_of_digest(back_at_noon).day == date(2026, 11, 25)


def test_changing_the_time_makes_no_second_digest_of_a_day() -> None:
    plan = Schedule("UTC", time(20), EVERY_DAY)
    slot = plan.next_slot(at(2026, 11, 23, 9), after_day=date(2026, 11, 23))
    assert slot == Slot(date(2026, 11, 24), at(2026, 11, 24, 20))


def test_a_removed_zone_counts_as_utc() -> None:
    slot = Schedule("Mars/Olympus_Mons", time(8), EVERY_DAY).next_slot(at(2026, 11, 23))
    assert slot and slot.at == datetime(2026, 11, 23, 8, tzinfo=UTC)
