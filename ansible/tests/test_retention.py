from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hnpal_backup.dumps import TIME_FORMAT, Manifest
from hnpal_backup.retention import Retention, superfluous

KEEP = Retention(daily=7, weekly=4, monthly=6, on_demand=2)
TODAY = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)


def dump(days_ago: float, reason: str = "nightly") -> Manifest:
    at = (TODAY - timedelta(days=days_ago)).strftime(TIME_FORMAT)
    return Manifest(f"{at}-{reason}.dump", at, reason, 0, "", "", {})


def kept(manifests: list[Manifest]) -> list[Manifest]:
    gone = superfluous(manifests, KEEP)
    return [one for one in manifests if one not in gone]


def days_ago(manifests: list[Manifest]) -> list[int]:
    return [(TODAY - one.time).days for one in manifests]


def test_a_year_of_nightly_dumps_leaves_days_weeks_and_months() -> None:
    assert days_ago(kept([dump(days) for days in range(365)])) == [
        *range(7),  # the last seven days
        8, 15,  # the Sundays of the two earlier weeks of four (1 is among the days)
        23, 54, 84, 115, 146,  # the last days of October, September, August, July, June
    ]  # fmt: skip


def test_nightly_pruning_keeps_the_same_dumps_as_one_pruning() -> None:
    held: list[Manifest] = []
    for days in range(364, -1, -1):
        held = kept([dump(days), *held])
    assert held == kept([dump(days) for days in range(365)])


def test_after_a_pause_the_last_dumps_before_it_stay() -> None:
    assert days_ago(kept([dump(days) for days in range(100, 110)]))[:7] == [*range(100, 107)]


def test_manual_dumps_are_counted_separately() -> None:
    nightly = [dump(days) for days in range(3)]
    on_demand = [dump(days + 0.5, "manual") for days in range(4)]
    manifests = sorted([*nightly, *on_demand], key=lambda one: one.at, reverse=True)
    assert [one for one in kept(manifests) if one.reason == "manual"] == on_demand[:2]
    assert [one for one in kept(manifests) if one.reason == "nightly"] == nightly


def test_an_empty_list_needs_no_pruning() -> None:
    assert superfluous([], KEEP) == []
