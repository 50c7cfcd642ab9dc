"""Filters for the record of releases, a list of events in order of time.

Every event is a mapping with `event`, `commit`, `ref`, `at` and further fields for people. The last
event of a commit is its state:

started      a run has begun to release it; as the last event: that run was interrupted
live         it was healthy
failed       it did not become healthy, or the run failed before that
abandoned    a run ended before it tried the release: as if it had never started
rolled-back  it was healthy, but was rolled back

`rolling-back` is not a state: a run has begun to go back from this commit `to` another.
"""

from __future__ import annotations

import json
from typing import Any

Event = dict[str, Any]
Release = dict[str, str]

INTENTION = "rolling-back"
TEXTS = ("at", "event", "commit", "ref", "env_hash", "by", "schema", "why", "to")
NEEDED = ("event", "commit")
# The first of three words of a line about the host, which comes with the record.
NOTES = ("good", "current", "images", "upkeep")


def releases(lines: list[str]) -> list[Event]:
    """The events in a file's lines; other lines are skipped."""
    return [event for event in map(_event, lines) if event]


def damaged_lines(lines: list[str]) -> int:
    """The number of lines that are not events."""
    return sum(1 for line in lines if line.strip() and not _is_setting(line) and not _event(line))


def _event(line: str) -> Event:
    """The event in a line, with all text fields set; empty if it is not an event."""
    try:
        content = json.loads(line)
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    texts = {name: content.get(name) or "" for name in TEXTS}
    if not all(isinstance(text, str) for text in texts.values()):
        return {}
    return texts if all(texts[name] for name in NEEDED) else {}


def release_of_settings(lines: list[str], kind: str) -> Release:
    """The release of the settings of a kind on the host, from lines "kind name value"."""
    values = dict(line.split()[1:3] for line in lines if _is_setting(line, kind))
    return values if values.keys() == {"commit", "env_hash"} else {}


def _is_setting(line: str, *kinds: str) -> bool:
    words = line.split()
    return len(words) == 3 and words[0] in (kinds or NOTES)


def outcomes(events: list[Event]) -> list[Event]:
    """The last event of every commit, newest first."""
    last: dict[str, Event] = {}
    for event in _settled(events):
        last.pop(event["commit"], None)
        last[event["commit"]] = event
    return list(reversed(last.values()))


def _settled(events: list[Event]) -> list[Event]:
    """The events without intentions and without abandoned starts."""
    left: list[Event] = []
    for event in events:
        if event["event"] == "abandoned":
            started = ("started", event["commit"])
            starts = [
                number for number, one in enumerate(left)
                if (one["event"], one["commit"]) == started
            ]  # fmt: skip
            for number in starts[-1:]:
                del left[number]
        elif event["event"] != INTENTION:
            left.append(event)
    return left


def wanted_release(events: list[Event]) -> Event:
    """The release that the host should run, including an interrupted one; empty if there is
    none.
    """
    return next((one for one in outcomes(events) if one["event"] in {"started", "live"}), {})


def good_releases(events: list[Event]) -> list[Event]:
    """Releases that were healthy and did not fail afterwards, newest first."""
    return [one for one in outcomes(events) if one["event"] == "live"]


def served_releases(events: list[Event], count: int | str) -> list[str]:
    """The newest commits that were ever healthy: candidates for a rollback."""
    healthy = {one["commit"] for one in events if one["event"] == "live"}
    return [one["commit"] for one in outcomes(events) if one["commit"] in healthy][: int(count)]


def superfluous_tags(tags: list[str], running: str, commits: list[str]) -> list[str]:
    """The tags of images, newest first, that are neither running nor the newest of a kept commit.

    A tag is a commit, and after a dash the mark of the base that its image was built on.
    """
    newest = {tag.partition("-")[0]: tag for tag in reversed(tags)}
    kept = {running, *(newest[commit] for commit in commits if commit in newest)}
    return [tag for tag in tags if tag not in kept]


def live_release(events: list[Event]) -> Event:
    """The last healthy release; empty before the first one."""
    return next(iter(good_releases(events)), {})


def last_event(events: list[Event], commit: str, field: str = "event") -> str:
    """The state of a commit, or another field of that event; empty if it was never released."""
    found = (one for one in outcomes(events) if one["commit"] == commit)
    return str(next(found, {}).get(field, ""))


def was_live(events: list[Event], commit: str) -> bool:
    """Whether a commit has ever been healthy here."""
    return any((one["event"], one["commit"]) == ("live", commit) for one in events)


def is_unrecorded(events: list[Event], running: Release) -> bool:
    """Whether the running release was started by a run that was interrupted before recording it."""
    found = [one for one in outcomes(events) if one["commit"] == running.get("commit")]
    return bool(found) and (found[0]["event"], found[0]["env_hash"]) == (
        "started",
        running.get("env_hash"),
    )


def is_cut(events: list[Event]) -> Event:
    """The release that the last run began and did not finish; empty if it did."""
    newest = next(iter(outcomes(events)), {})
    return newest if newest and newest["event"] == "started" else {}


def cut_off(events: list[Event]) -> Event:
    """The last release or rollback that was not finished; empty if there is none."""
    return open_rollback(events) or is_cut(events)


def open_rollback(events: list[Event], cut_since: str = "") -> Event:
    """The intention of an interrupted rollback; empty if there is none.

    It ends with the rollback, with a failure of its target, or when another release goes live. If
    a run of rollback.yml that began at `cut_since` was interrupted, what it recorded as rolled back
    counts as not finished: its operator was not told that it was.
    """
    intention: Event = {}
    for event in events:
        if event["event"] == INTENTION:
            intention = event
        elif intention and _closes(event, intention):
            was_cut = event["event"] == "rolled-back" and cut_since and event["at"] >= cut_since
            intention = intention if was_cut else {}
    return intention


def _closes(event: Event, intention: Event) -> bool:
    kind, commit = str(event["event"]), event["commit"]
    if commit == intention["to"]:
        return kind in {"failed", "abandoned"}
    return kind == "live" or (kind == "rolled-back" and commit == intention["commit"])


def rollback(
    events: list[Event], running: str, named: str = "", cut_since: str = ""
) -> dict[str, Any]:
    """The release to leave and the one to go back to, for the running commit.

    An interrupted rollback is continued, also one that began at `cut_since`. After an update that
    was interrupted before its swap, the target is the running release. Otherwise it is the newest
    good release other than the running one, or the named one: by the beginning of a commit, or by
    the ref it was released as. `target` is empty if there is none.
    """
    running = running or live_release(events).get("commit", "")
    intention, cut = open_rollback(events, cut_since), is_cut(events)
    known = {one["commit"]: one for one in outcomes(events)}
    if intention and _is_named(known.get(intention["to"], {}), named):
        left, target = intention["commit"], known[intention["to"]]
    elif cut and cut["commit"] != running and not named and _is_good(known.get(running, {})):
        intention, left, target = {}, cut["commit"], known[running]
    else:
        candidates = outcomes(events) if named else good_releases(events)
        others = [one for one in candidates if one["commit"] != running and _is_named(one, named)]
        intention, left, target = {}, running, next(iter(others), {})
    return {"left": left, "target": target, "resumed": bool(intention)}


def _is_good(event: Event) -> bool:
    return bool(event) and event["event"] == "live"


def _is_named(event: Event, named: str) -> bool:
    return bool(event) and (event["commit"].startswith(named) or event["ref"] == named)


def schema_steps(events: list[Event], target: Event) -> int:
    """The number of schema changes since the target was healthy for the first time.

    A release's own schema is the one with which it first served: after a rollback it serves with a
    newer one, and a failed release may have migrated nevertheless.
    """
    known = [one for one in events if one.get("schema")]
    served = [one["commit"] if one["event"] == "live" else "" for one in known]
    if target["commit"] not in served:
        return 0
    return len({one["schema"] for one in known[served.index(target["commit"]) :]}) - 1


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "releases": releases,
            "damaged_lines": damaged_lines,
            "release_of_settings": release_of_settings,
            "wanted_release": wanted_release,
            "good_releases": good_releases,
            "served_releases": served_releases,
            "superfluous_tags": superfluous_tags,
            "live_release": live_release,
            "last_event": last_event,
            "was_live": was_live,
            "is_unrecorded": is_unrecorded,
            "cut_off": cut_off,
            "rollback": rollback,
            "schema_steps": schema_steps,
        }
