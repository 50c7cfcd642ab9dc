from __future__ import annotations

from typing import Any

from releases import (
    damaged_lines,
    is_cut,
    is_unrecorded,
    live_release,
    open_rollback,
    outcomes,
    release_of_settings,
    releases,
    rollback,
    schema_steps,
    served_releases,
    wanted_release,
)


def record(*events: str) -> list[dict[str, Any]]:
    """Events written as "commit:event", "commit:event:schema" or "commit>target:rolling-back"."""
    fields = [(*event.split(":"), "s1")[:3] for event in events]
    return [
        {
            "commit": commit.split(">")[0],
            "to": commit.partition(">")[2],
            "event": event,
            "schema": schema,
            "ref": f"ref-of-{commit}",
            "env_hash": "h",
        }
        for commit, event, schema in fields
    ]


def way(events: list[dict[str, Any]], running: str, named: str = "", cut_since: str = "") -> str:
    """The commits of a rollback as "left>target", with "+" if it completes an interrupted one."""
    plan = rollback(events, running, named, cut_since)
    return f"{plan['left']}>{plan['target'].get('commit', '')}{'+' if plan['resumed'] else ''}"


def test_before_the_first_release_there_is_nothing() -> None:
    assert wanted_release([]) == live_release([]) == is_cut([]) == open_rollback([]) == {}
    assert way([], "") == ">"


def test_an_interrupted_release_is_resumed() -> None:
    events = record("a:started", "a:live", "b:started")
    assert wanted_release(events)["commit"] == is_cut(events)["commit"] == "b"
    assert live_release(events)["commit"] == "a"


def test_a_failed_release_is_neither_wanted_nor_a_rollback_target() -> None:
    events = record("a:live", "b:live", "c:started", "c:failed")
    assert wanted_release(events)["commit"] == "b"
    assert way(events, "b") == "b>a"


def test_a_rollback_never_chooses_a_rolled_back_release() -> None:
    events = record("a:live", "b:live", "b>a:rolling-back", "a:live", "b:rolled-back")
    assert live_release(events)["commit"] == "a"
    assert way(events, "a") == "a>"


def test_a_second_rollback_goes_further_back() -> None:
    events = record(
        "a:live", "b:live", "c:live", "c>b:rolling-back", "b:started", "b:live", "c:rolled-back"
    )
    assert way(events, "b") == "b>a"


def test_a_rollback_starts_from_the_running_release() -> None:
    # An update to c was cut off after its swap.
    assert way(record("a:live", "b:live", "c:started"), "c") == "c>b"
    # It serves, and was found to.
    assert way(record("a:live", "b:live", "c:started", "c:live"), "c") == "c>b"
    # Before its swap: what runs is what one wants back.
    assert way(record("a:live", "b:live", "c:started"), "b") == "c>b"
    # The dead-man timer has brought b back.
    assert way(record("a:live", "b:live", "c:started", "c:failed"), "b") == "b>a"
    # Somebody started by hand what no record knows.
    assert way(record("a:live", "b:live"), "x") == "x>b"
    # Nothing runs at all.
    assert way(record("a:live", "b:live"), "") == "b>a"


def test_an_interrupted_rollback_is_finished_from_any_point() -> None:
    begun = record("a:live", "b:live", "b>a:rolling-back")
    assert way(begun, "b") == "b>a+"
    started = [*begun, *record("a:started")]
    assert way(started, "b") == way(started, "a") == way(started, "") == "b>a+"
    live = [*started, *record("a:live")]
    assert way(live, "a") == "b>a+"
    ended = [*live, *record("b:rolled-back")]
    assert open_rollback(ended) == {}
    assert way(ended, "a") == "a>"


def test_an_interrupted_rollback_is_not_finished_after_another_release() -> None:
    begun = record("a:live", "b:live", "c:live", "c>b:rolling-back", "b:started")
    assert way([*begun, *record("b:failed")], "c") == "c>a"
    assert way([*begun, *record("b:abandoned")], "c") == "c>b"
    assert open_rollback([*begun, *record("d:started", "d:live")]) == {}
    assert way(begun, "c", "a") == "c>a"
    assert way(begun, "c", "b") == "c>b+"


def test_a_rollback_that_was_interrupted_after_its_last_record_goes_no_further() -> None:
    events = record("a:live", "b:live", "c:live", "c>b:rolling-back", "b:live", "c:rolled-back")
    for number, event in enumerate(events):
        event["at"] = f"2026-11-30T20:00:0{number}Z"
    assert way(events, "b", cut_since="2026-11-30T20:00:03+00:00") == "c>b+"
    # That run was another one, which ended before it had recorded anything.
    assert way(events, "b", cut_since="2026-11-30T20:00:06+00:00") == "b>a"
    assert way(events, "b") == "b>a"


def test_abandoning_a_release_restores_its_former_outcome() -> None:
    events = record("a:live", "b:live", "a:started", "a:abandoned")
    assert [one["commit"] for one in outcomes(events)] == ["b", "a"]
    assert wanted_release(events)["commit"] == live_release(events)["commit"] == "b"
    assert is_cut(events) == {}


def test_starting_a_rollback_changes_no_outcome() -> None:
    events = record("a:live", "b:live", "b>a:rolling-back")
    assert live_release(events)["commit"] == wanted_release(events)["commit"] == "b"


def test_a_running_release_without_a_live_event_is_unrecorded() -> None:
    running = {"commit": "b", "env_hash": "h"}
    assert is_unrecorded(record("a:live", "b:started"), running)
    assert not is_unrecorded(record("a:live", "b:started", "b:live"), running)
    assert not is_unrecorded(record("a:live", "b:started"), {"commit": "a", "env_hash": "h"})
    # Other settings of the same commit were on their way, and had not arrived.
    assert not is_unrecorded(record("b:live", "b:started"), {"commit": "b", "env_hash": "old"})
    assert not is_unrecorded(record("a:live"), {})


def test_lines_that_are_no_events_are_left_out_and_counted() -> None:
    good = '{"event": "live", "commit": "a", "ref": null}'
    lines = [
        "good commit 'a'", "current commit 'b'", good, "", "\0\0\0", '{"event": "li', "[1]", "7",
        '{"event": "live"}', '{"event": "live", "commit": 5}', '{"event": "live", "commit": ""}',
    ]  # fmt: skip
    (event,) = releases(lines)
    assert (event["commit"], event["ref"], event["why"], event["at"]) == ("a", "", "", "")
    assert damaged_lines(lines) == 7


def test_settings_name_their_release() -> None:
    lines = ["good commit a", "good env_hash h", "current commit b", '{"good": "x y"}']
    assert release_of_settings(lines, "good") == {"commit": "a", "env_hash": "h"}
    assert release_of_settings(lines, "current") == {}


def test_a_named_release_is_found_even_if_it_was_rolled_back() -> None:
    events = record("a1:live", "b2:live", "b2:rolled-back", "a1:live")
    assert way(events, "a1", "b2") == way(events, "a1", "ref-of-b2") == "a1>b2"
    assert way(events, "a1", "c3") == "a1>"


def test_a_failed_release_that_then_succeeds_is_good_again() -> None:
    events = record("a:live", "b:failed", "b:live")
    assert live_release(events)["commit"] == "b"


def test_images_of_served_releases_are_kept_newest_first() -> None:
    events = record("a:live", "b:failed", "c:live", "d:live", "d:rolled-back", "c:live")
    assert served_releases(events, 2) == ["c", "d"]
    assert served_releases(events, "3") == ["c", "d", "a"]


def test_changes_of_the_schema_are_counted() -> None:
    events = record("a:live:s1", "b:live:s2", "c:live:s2", "d:live:s3")
    target = {event["commit"]: event for event in events}
    assert [schema_steps(events, target[commit]) for commit in "cba"] == [1, 1, 2]


def test_a_restored_release_keeps_its_own_schema() -> None:
    events = record("a:live:s1", "b:live:s2", "b:rolled-back:s2", "a:live:s2", "c:live:s3")
    assert schema_steps(events[:4], events[3]) == 1
    assert schema_steps(events, events[0]) == 2
    assert schema_steps(events, events[1]) == 1


def test_a_failed_release_may_have_changed_the_schema() -> None:
    events = record("a:live:s1", "b:started:", "b:failed:s2")
    assert schema_steps(events, events[0]) == 1
