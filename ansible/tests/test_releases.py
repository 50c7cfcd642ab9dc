from __future__ import annotations

from typing import Any

from releases import live_release, rollback_target, schema_steps, served_releases, wanted_release


def record(*events: str) -> list[dict[str, Any]]:
    """Events written as "commit:event" or "commit:event:schema"."""
    fields = [(*event.split(":"), "s1")[:3] for event in events]
    return [
        {"commit": commit, "event": event, "schema": schema, "ref": f"ref-of-{commit}"}
        for commit, event, schema in fields
    ]


def test_before_the_first_release_there_is_nothing() -> None:
    assert wanted_release([]) == live_release([]) == rollback_target([]) == {}


def test_a_run_cut_short_is_gone_on_with() -> None:
    events = record("a:started", "a:live", "b:started")
    assert wanted_release(events)["commit"] == "b"
    assert live_release(events)["commit"] == "a"


def test_a_failed_release_is_neither_wanted_nor_a_way_back() -> None:
    events = record("a:live", "b:live", "c:started", "c:failed")
    assert wanted_release(events)["commit"] == "b"
    assert rollback_target(events)["commit"] == "a"


def test_a_rollback_never_chooses_a_release_that_was_left() -> None:
    events = record("a:live", "b:live", "b:rolled-back", "a:live")
    assert live_release(events)["commit"] == "a"
    assert rollback_target(events) == {}


def test_a_second_rollback_goes_further_back() -> None:
    events = record("a:live", "b:live", "c:live", "b:started", "b:live", "c:rolled-back")
    assert rollback_target(events)["commit"] == "a"


def test_a_named_release_is_found_by_commit_or_ref_even_if_it_was_left() -> None:
    events = record("a1:live", "b2:live", "b2:rolled-back", "a1:live")
    assert rollback_target(events, "b2")["commit"] == "b2"
    assert rollback_target(events, "ref-of-b2")["commit"] == "b2"
    assert rollback_target(events, "c3") == {}


def test_a_failed_release_that_then_succeeds_is_good_again() -> None:
    events = record("a:live", "b:failed", "b:live")
    assert live_release(events)["commit"] == "b"


def test_images_of_what_served_are_kept_newest_first() -> None:
    events = record("a:live", "b:failed", "c:live", "d:live", "d:rolled-back", "c:live")
    assert served_releases(events, 2) == ["c", "d"]
    assert served_releases(events, "3") == ["c", "d", "a"]


def test_changes_of_the_schema_are_counted() -> None:
    events = record("a:live:s1", "b:live:s2", "c:live:s2", "d:live:s3")
    target = {event["commit"]: event for event in events}
    assert [schema_steps(events, target[commit]) for commit in "cba"] == [1, 1, 2]


def test_a_release_that_was_returned_to_keeps_the_schema_it_was_made_for() -> None:
    events = record("a:live:s1", "b:live:s2", "b:rolled-back:s2", "a:live:s2", "c:live:s3")
    assert schema_steps(events[:4], events[3]) == 1
    assert schema_steps(events, events[0]) == 2
    assert schema_steps(events, events[1]) == 1


def test_a_failed_release_may_have_changed_the_schema() -> None:
    events = record("a:live:s1", "b:started:", "b:failed:s2")
    assert schema_steps(events, events[0]) == 1
