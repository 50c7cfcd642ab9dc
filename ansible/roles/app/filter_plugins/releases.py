"""Filters over the record of releases, a list of events in the order they happened.

Every event is a mapping with `event` (started, live, failed or rolled-back), `commit`, `ref`, `at`
and more for people to read. The last event of a commit says what became of it.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

# What a commit may last have been for a rollback to choose it.
GOOD = "live"
# A run that was cut short left its wish behind; the next one goes on with it.
WANTED = {"started", "live"}


def current_release(events: list[Event]) -> Event:
    """What the host is meant to run; empty before the first release."""
    return next((event for event in reversed(events) if event["event"] in WANTED), {})


def live_release(events: list[Event]) -> Event:
    """What last served well; empty before the first release."""
    return next((event for event in reversed(events) if event["event"] == GOOD), {})


def good_releases(events: list[Event]) -> list[Event]:
    """Releases that served and were not found bad afterwards, newest first, a commit once."""
    last_event = {event["commit"]: event for event in events}
    return [event for event in reversed(last_event.values()) if event["event"] == GOOD]


def rollback_target(events: list[Event], named: str = "") -> Event:
    """The release to go back to: the named one, or the last good one that is not current.

    `named` is the beginning of a commit, or the ref it was released as. Empty when there is none.
    """
    current = current_release(events).get("commit")
    if named:
        every = reversed({event["commit"]: event for event in events}.values())
        candidates = [e for e in every if e["commit"].startswith(named) or e["ref"] == named]
    else:
        candidates = good_releases(events)
    return next((event for event in candidates if event["commit"] != current), {})


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "current_release": current_release,
            "live_release": live_release,
            "good_releases": good_releases,
            "rollback_target": rollback_target,
        }
