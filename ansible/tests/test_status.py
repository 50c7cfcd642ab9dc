"""The status is shown for every output of the host, with warnings for what is wrong."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from releases import cut_off, live_release, releases, wanted_release
from status import status_report

NOW = datetime.now(timezone.utc)
COMMIT = "a" * 40


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat()


BACKUP = {"at": ago(hours=8.1), "name": "a.dump", "bucket": True}
IMAGE = {
    "service": "postgres",
    "version": "15.18",
    "made_at": ago(days=10).replace("+00:00", "") + "789Z",
    "tag": "postgres:15-alpine",
    "pinned": True,
    "is_newer": False,
}
UPKEEP = {
    "packages": {"pending": 3, "security": 1},
    "engine": {"version": "28.5.1", "pending": []},
    "held": [],
    "lists_at": ago(hours=5),
    "reboot": False,
    "lock_damage": "",
    "images": [IMAGE],
    "collations": [],
}


def upkeep(**changed: Any) -> str:
    """The output of `hnpal-host upkeep` for a host without pending work, changed as given."""
    return json.dumps(UPKEEP | changed)


WELL = {
    "system": "Debian GNU/Linux 13 (trixie), up 3 days",
    "memory": "600 957\n100 2047",
    "disk": "5.2G 7.6G 30%",
    "bucket": "/mnt/s3data s3fs fuse.s3fs",
    "containers": "hnpal-app 100MiB / 512MiB",
    "helpers": "",
    "reports": json.dumps({"backup": BACKUP, "drill": BACKUP}),
    "upkeep": upkeep(),
    "head": COMMIT,
    "upstream": COMMIT,
    "lock": "{}",
}
RUNNING = {"Status": "Up 3 days (healthy)", "State": "running"}
LIVE = {"event": "live", "commit": COMMIT, "ref": "main", "at": "2026-11-20T10:00:00Z", "by": "a@b"}


def status_of(host: dict[str, Any] | None = None, **answers: str) -> str:
    """The status of a host on which all is well, but for what is given."""
    given = host or {}
    events = releases([json.dumps(one) for one in given.pop("events", [LIVE])])
    known = {
        "name": "hnpal",
        "containers": {"app": RUNNING, "postgres": RUNNING},
        "docker": "",
        "releases": events,
        "damaged": 0,
        "cut": cut_off(events),
        "live": live_release(events),
        "running": {"commit": COMMIT, "env_hash": "h"},
        "wanted": wanted_release(events).get("commit", ""),
        "data_services": ["postgres"],
        "project": "hnpal",
        "ref": "main",
        "need_up": False,
    }
    return status_report(WELL | answers, known | given)


def test_a_host_on_which_all_is_well() -> None:
    said = status_of()
    for line in (
        "well      yes",
        "app       Up 3 days (healthy), memory 100MiB / 512MiB",
        "backup    8 h ago, in the bucket",
        "units     none failed",
        "drift     none",
    ):
        assert f"\n{line}\n" in said


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"bucket": "missing"}, "bucket    NOT MOUNTED"),
        (
            {"maintenance": "since 2026-11-30 12:00 UTC"},
            "readers   IN MAINTENANCE since 2026-11-30 12:00 UTC: make maintenance OFF=1",
        ),
        ({"reports": "{}"}, "backup    NONE YET"),
        ({"reports": ""}, "REPORTS DAMAGED: doctor.yml"),
        ({"reports": "[1]"}, "REPORTS DAMAGED: doctor.yml"),
        ({"failed_units": "ssh.service"}, "units     ssh.service FAILED"),
        ({"edited": " M backend/app/main.py"}, "edited: M backend/app/main.py"),
        ({"settings": "differ"}, "settings are not those"),
        ({"limits": "redis: memory is 2, not 1"}, "limits changed by hand: redis: memory is 2"),
        ({"git_locks": ".git/index.lock"}, "git left a lock in the clone"),
        ({"lock": "garbage"}, "THE LOCK IS DAMAGED"),
        ({"lock": '{"who": 5}'}, "THE LOCK IS DAMAGED"),
        (
            {"upkeep": upkeep(lists_at=ago(days=5))},
            "3 pending, 1 of them security; THE LISTS ARE OLD",
        ),
        ({"upkeep": upkeep(lists_at=None)}, "THE LISTS ARE OLD"),
        ({"half_installed": "docker-ce"}, "SOME ARE HALF INSTALLED: doctor.yml"),
        ({"upkeep": upkeep(lock_damage="it is empty")}, "THE LOCK IS DAMAGED: it is empty"),
        ({"upkeep": upkeep(collations=["hn_pal 2.36 2.41"])}, "CHANGED (hn_pal 2.36 2.41)"),
        ({"armed": "{}"}, "A RUN WAS CUT OFF; the app is brought back by itself"),
    ],
)
def test_problems_are_in_capitals(answers: dict[str, str], said: str) -> None:
    report = status_of(None, **answers)
    assert said in report
    assert "well      NO: " in report


def test_a_failure_since_the_last_success_is_shown() -> None:
    failure = {"at": ago(minutes=20), "error": "no space left\nand more"}
    said = status_of(reports=json.dumps({"backup_failure": failure}))
    assert "NONE YET; FAILED under an hour ago: no space left\n" in said
    before = {"at": ago(hours=9), "error": "no space left"}
    reports = {"backup": BACKUP, "drill": BACKUP, "backup_failure": before}
    assert "FAILED" not in status_of(reports=json.dumps(reports))


@pytest.mark.parametrize(
    ("container", "said"),
    [
        (None, "app       NOT THERE"),
        ({"State": "created", "Status": "Created"}, "app       NOT RUNNING: CREATED"),
        ({"State": "exited", "Status": "Exited (137) 2 hours ago"}, "NOT RUNNING: EXITED (137)"),
        ({"State": "running", "Status": "Up 3 hours (unhealthy)"}, "NOT HEALTHY: UP 3 HOURS"),
        ({"State": "running", "Status": "Up 1 second (health: starting)"}, "NOT HEALTHY: UP 1"),
        ({"State": "paused", "Status": "Up 3 hours (Paused)"}, "NOT RUNNING: UP 3 HOURS (PAUSED)"),
        ({}, "NOT RUNNING"),
    ],
)
def test_services_that_are_not_healthy_are_in_capitals(
    container: dict[str, str] | None, said: str
) -> None:
    containers = {"postgres": RUNNING} | ({} if container is None else {"app": container})
    report = status_of({"containers": containers})
    assert said in report
    assert "well      NO: app NOT" in report


def test_an_interrupted_run_is_shown_with_its_remedy() -> None:
    started = LIVE | {"event": "started", "commit": "b" * 40}
    said = status_of({"events": [LIVE, started]})
    assert "A RUN WAS CUT OFF (started of bbbbbbbbbb by a@b at 2026-11-20" in said
    assert "run update.yml again" in said
    rolling = LIVE | {"event": "rolling-back", "commit": "b" * 40, "to": COMMIT}
    assert "run rollback.yml again" in status_of({"events": [LIVE, rolling]})


def test_a_run_in_progress_is_not_reported_as_interrupted() -> None:
    holder = {"who": "a@b", "since": "10:00", "what": "Update", "process": 5}
    started = LIVE | {"event": "started", "commit": "b" * 40}
    at_work = json.dumps(holder | {"expires": ago(minutes=-30)})
    said = status_of({"events": [LIVE, started]}, lock=at_work)
    assert "a@b is at work since 10:00: Update" in said
    assert "CUT OFF" not in said
    expired = json.dumps(holder | {"expires": ago(minutes=1)})
    assert "CUT OFF" in status_of({"events": [LIVE, started]}, lock=expired)


def test_an_unreachable_host_is_shown() -> None:
    nothing = dict.fromkeys(WELL, "")
    bare = {"containers": {}, "docker": "Cannot connect", "running": {}, "events": []}
    said = status_of(bare, **nothing)
    assert "docker    DOES NOT ANSWER: Cannot connect" in said
    assert "app       UNKNOWN" in said
    for name in ("memory", "disk", "packages", "engine", "image"):
        assert f"\n{name.ljust(10)}NO ANSWER\n" in said
    assert "DAMAGED LINES in releases.jsonl (3)" in status_of({"damaged": 3})


def test_the_release_is_named_beside_its_commit() -> None:
    assert "version   1.2.3 aaaaaaaaaa" in status_of(version="1.2.3")


def test_new_commits_upstream_are_shown() -> None:
    assert "main is at bbbbbbbbbb: update.yml brings it" in status_of(upstream="b" * 40)


def test_ages_and_pending_fixes_are_shown() -> None:
    engine = {"version": "28.5.1", "pending": ["docker-ce 5:28.5.2"]}
    images = [IMAGE | {"is_newer": True}, IMAGE | {"service": "redis", "is_newer": None}]
    said = status_of(
        upkeep=upkeep(engine=engine, held=["containerd.io 2.1.0"], images=images, reboot=True)
    )
    assert "packages  3 pending, 1 of them security; a reboot is required\n" in said
    assert "28.5.1; PENDING: docker-ce 5:28.5.2: upgrade.yml brings it; held back" in said
    assert "by its major version: containerd.io 2.1.0" in said
    assert "postgres made 10 days ago, version 15.18 (postgres:15-alpine, pinned)" in said
    assert "A NEWER ONE IS THERE: upgrade.yml brings it" in said
    assert "redis made 10 days ago" in said and "nobody can tell" in said


@pytest.mark.parametrize("said", ["", "[]", "5", "{}", '{"images": 5}', upkeep(images=[{}])])
def test_unreadable_upkeep_is_ignored(said: str) -> None:
    assert "packages  NO ANSWER\n" in status_of(upkeep=said)
