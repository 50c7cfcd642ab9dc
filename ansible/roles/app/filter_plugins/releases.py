"""Filters over the record of releases, a list of events in the order they happened.

Every event is a mapping with `event`, `commit`, `ref`, `at` and more for people to read. The last
event of a commit says what became of it:

started      a run set out to release it; if this is the last word, that run was cut short
live         it was healthy
failed       it did not become healthy, or never got that far
rolled-back  it was healthy, but someone went back from it
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]


def outcomes(events: list[Event]) -> list[Event]:
    """The last event of every commit, newest first."""
    last: dict[str, Event] = {}
    for event in events:
        last.pop(event["commit"], None)
        last[event["commit"]] = event
    return list(reversed(last.values()))


def wanted_release(events: list[Event]) -> Event:
    """What the host is to run: a run cut short is gone on with. Empty before the first release."""
    return next((one for one in outcomes(events) if one["event"] in {"started", "live"}), {})


def good_releases(events: list[Event]) -> list[Event]:
    """Releases that were healthy and not found bad afterwards, newest first."""
    return [one for one in outcomes(events) if one["event"] == "live"]


def served_releases(events: list[Event], count: int | str) -> list[str]:
    """The newest commits that were healthy once: what someone may want to go back to."""
    healthy = {one["commit"] for one in events if one["event"] == "live"}
    return [one["commit"] for one in outcomes(events) if one["commit"] in healthy][: int(count)]


def live_release(events: list[Event]) -> Event:
    """What last was healthy; empty before the first release."""
    return next(iter(good_releases(events)), {})


def rollback_target(events: list[Event], named: str = "") -> Event:
    """The release to go back to: the newest good one but the live one, or the one named.

    `named` is the beginning of a commit, or the ref it was released as. Empty when there is none.
    """
    candidates = outcomes(events) if named else good_releases(events)
    live = live_release(events).get("commit")
    return next(
        (
            one
            for one in candidates
            if one["commit"] != live and (one["commit"].startswith(named) or one["ref"] == named)
        ),
        {},
    )


def schema_steps(events: list[Event], target: Event) -> int:
    """How many times the schema changed since the target was healthy for the first time.

    A release says which schema is its own when it first serves: after a rollback it serves on one
    that is newer, and a release that failed may have migrated all the same.
    """
    known = [one for one in events if one.get("schema")]
    served = [one["commit"] if one["event"] == "live" else "" for one in known]
    if target["commit"] not in served:
        return 0
    return len({one["schema"] for one in known[served.index(target["commit"]) :]}) - 1


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "wanted_release": wanted_release,
            "good_releases": good_releases,
            "served_releases": served_releases,
            "live_release": live_release,
            "rollback_target": rollback_target,
            "schema_steps": schema_steps,
        }
