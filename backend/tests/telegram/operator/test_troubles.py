"""Which facts need a person, and from when on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.readers.store import ReaderCount
from app.telegram.operator.facts import Facts
from app.telegram.operator.store import Instance, Report
from app.telegram.operator.troubles import troubles
from app.telegram.receive.inbox import InboxDepth
from app.telegram.send.outbox import OutboxDepth

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def instance(**changes: Any) -> Instance:
    state: dict[str, Any] = {"hackernews_at": NOW.isoformat(), "disk": [50e9, 100e9]}
    state |= changes.pop("state", {})
    well = Instance("one", "abc", NOW - DAY, NOW, True, NOW - SECOND, state)
    return replace(well, **changes)


def facts(**changes: Any) -> Facts:
    well = Facts(
        now=NOW,
        instances=[instance()],
        inbox=InboxDepth(0, 0, 0.0),
        outbox=OutboxDepth(0, 0, 0, 0.0),
        readers=ReaderCount(100, 0, 0, 0, 0, NOW - 30 * DAY),
        reports={"backup": Report(NOW - 9 * HOUR, {}), "drill": Report(NOW - 2 * DAY, {})},
    )
    return replace(well, **changes)


def found(*, production: bool = True, **changes: Any) -> dict[str, int]:
    """What is wrong: key → degree."""
    every = troubles(facts(**changes), "en", production=production)
    return {trouble.key: trouble.degree for trouble in every}


def of_instance(**changes: Any) -> dict[str, int]:
    return found(instances=[instance(**changes)])


def reports(**of_kinds: Report) -> dict[str, int]:
    return found(reports=facts().reports | of_kinds)


def test_nothing_is_wrong_when_all_is_well() -> None:
    assert found() == {}


def test_floods_and_large_queues() -> None:
    assert found(inbox=InboxDepth(9_999, 0, 0.0), queue_bytes=499_999_999) == {}
    assert found(inbox=InboxDepth(60_000, 0, 0.0)) == {"flood": 2}
    assert found(queue_bytes=1_100_000_000) == {"queue_bytes": 2}


def test_queues() -> None:
    assert found(inbox=InboxDepth(9, 3, 299)) == {"parked": 3}
    assert found(inbox=InboxDepth(9, 0, 300)) == {"inbox": 1}
    assert found(outbox=OutboxDepth(9, 0, 0, 899)) == {}
    assert found(outbox=OutboxDepth(9, 0, 0, 900)) == {"outbox": 1}
    assert found(outbox=OutboxDepth(9, 0, 0, 7 * 3600)) == {"outbox": 3}


def test_polls_that_are_answered_at_once_with_nothing_new() -> None:
    assert of_instance(state={"idle_polls": 29}) == {}
    assert of_instance(state={"idle_polls": 30}) == of_instance(state={"idle_polls": 9000})
    assert of_instance(state={"idle_polls": 30}) == {"polls": 1}


@pytest.mark.parametrize("seconds, degree", [(179, None), (180, 1), (3600, 2), (30_000, 3)])
def test_a_poller_without_answers(seconds: int, degree: int | None) -> None:
    silent = of_instance(polled_at=NOW - seconds * SECOND, state={"poll_failure": "no_answer"})
    assert silent.get("silence") == degree


def test_a_poller_that_has_only_just_started_is_given_time() -> None:
    assert of_instance(polled_at=None, started_at=NOW - 170 * SECOND) == {}
    assert of_instance(polled_at=None, started_at=NOW - 190 * SECOND) == {"silence": 1}


def test_a_revoked_token_is_said_as_such() -> None:
    revoked = of_instance(polled_at=NOW - 9 * HOUR, state={"poll_failure": "token"})
    assert revoked == {"token": 1}


def test_another_poller() -> None:
    assert of_instance(state={"conflict_ago": 119.0}) == {"conflict": 1}
    assert of_instance(state={"conflict_ago": 121.0}) == {}


def test_there_is_no_leader() -> None:
    assert of_instance(leads=False) == {"no_leader": 1}
    gone = instance(seen_at=NOW - HOUR)
    assert found(instances=[instance(id="two", leads=False), gone]) == {"no_leader": 1}
    assert found(instances=[instance(id="two", leads=False), instance()]) == {}


def test_a_task_that_keeps_failing() -> None:
    assert of_instance(state={"failing": {"collect": 4}}) == {}
    assert of_instance(state={"failing": {"collect": 5, "read": 6}}) == {
        "task:collect": 1,
        "task:read": 1,
    }


def test_a_process_that_is_started_again_and_again() -> None:
    started = [
        instance(id=str(n), started_at=NOW - n * 10 * timedelta(minutes=1)) for n in range(6)
    ]
    assert found(instances=started) == {"starts": 1}
    assert found(instances=started[2:]) == {}


def test_hacker_news_is_away_for_hours() -> None:
    def away(hours: float) -> dict[str, int]:
        return of_instance(state={"hackernews_at": (NOW - hours * HOUR).isoformat()})

    assert away(1.9) == {}
    assert away(2) == {"hackernews": 1}
    assert away(13) == {"hackernews": 2}
    assert of_instance(state={"hackernews_at": None}) == {}


def test_contact_with_hacker_news_by_one_process_counts_for_all() -> None:
    deaf = instance(id="two", leads=False, state={"hackernews_at": (NOW - DAY).isoformat()})
    assert found(instances=[instance(), deaf]) == {}


@pytest.mark.parametrize("free, degree", [(10.1, None), (9.9, 1), (4.9, 2), (1.9, 3), (0, 3)])
def test_a_disk_that_fills_up(free: float, degree: int | None) -> None:
    assert of_instance(state={"disk": [free * 1e9, 100e9]}).get("disk") == degree


def test_many_lost_readers_are_reported() -> None:
    def lost(lost: int, active: int) -> dict[str, int]:
        return found(readers=ReaderCount(active, 0, 0, 0, lost, NOW - 30 * DAY))

    assert lost(9, 3) == {}
    assert lost(10, 3) == {"readers": 1}
    assert lost(20, 3) == {"readers": 2}
    assert lost(49, 1000) == {}
    assert lost(60, 1000) == {"readers": 1}


def test_backups_and_drills() -> None:
    assert reports(backup=Report(NOW - 29 * HOUR, {})) == {}
    assert reports(backup=Report(NOW - 31 * HOUR, {})) == {"backup_old": 1}
    assert reports(backup=Report(NOW - 8 * DAY, {})) == {"backup_old": 3}
    assert reports(drill=Report(NOW - 9 * DAY, {})) == {"drill_old": 1}
    failed = Report(NOW - HOUR, {"error": "no space"})
    assert reports(backup_failure=failed) == {"backup_failed": 1}
    assert reports(drill_failure=failed) == {"drill_failed": 1}
    since_gone_well = Report(NOW - DAY, {"error": "no space"})
    assert reports(backup_failure=since_gone_well) == {}


def test_a_host_without_any_backup_is_told_of_and_a_developers_machine_is_not() -> None:
    assert found(reports={}) == {"backup_old": 3, "drill_old": 2}
    assert found(reports={}, production=False) == {}
    nobody = ReaderCount(0, 0, 0, 0, 0, None)
    assert found(reports={}, readers=nobody) == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_trouble_has_its_texts(language: str) -> None:
    bad = facts(
        instances=[
            instance(
                id=str(n),
                started_at=NOW,
                polled_at=NOW - 9 * HOUR,
                state={
                    "conflict_ago": 1.0,
                    "sending_outage": 4,
                    "failing": {"<collect>": 7},
                    "hackernews_at": (NOW - DAY).isoformat(),
                    "disk": [1, 100],
                },
            )
            for n in range(5)
        ],
        inbox=InboxDepth(9, 3, 1e6),
        outbox=OutboxDepth(9, 3, 2, 1e6),
        readers=ReaderCount(1, 0, 0, 0, 90, NOW - 30 * DAY),
        reports={
            "backup_failure": Report(NOW, {"error": "a < b"}),
            "drill_failure": Report(NOW, {}),
        },
    )
    every = {one.key: one.html for one in troubles(bad, language, production=True)}
    assert len(every) == 17
    assert "a &lt; b" in every["backup_failed"]
    assert "&lt;collect&gt;" in every["task:<collect>"]
