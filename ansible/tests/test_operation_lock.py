from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules import run_module

ALICE = {"who": "alice@laptop", "process": 100, "what": "update.yml"}
BOB = {"who": "bob@desk", "process": 200, "what": "site.yml"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def lock(path: Path, operator: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return run_module(
        "roles/lock/library/operation_lock.py", path=str(path), **operator, **arguments
    )


def test_a_free_lock_is_taken_and_names_its_holder(path: Path) -> None:
    said = lock(path, ALICE, living=[100])
    assert said["holder"]["who"] == "alice@laptop"
    assert json.loads(path.read_text()) == said["holder"]
    assert said["changed"] is False


def test_the_refusal_names_the_holder_the_time_and_a_remedy(path: Path) -> None:
    since = lock(path, ALICE, living=[100])["holder"]["since"]
    said = lock(path, BOB, living=[200])
    assert said["failed"] is True
    for word in ("alice@laptop", "update.yml", since, "rm"):
        assert word in said["msg"]


def test_the_same_operator_in_another_terminal_is_refused_too(path: Path) -> None:
    lock(path, ALICE, living=[100])
    assert lock(path, ALICE | {"process": 101}, living=[100, 101])["failed"] is True


def test_a_lock_whose_run_was_killed_is_taken_over_at_once_by_its_operator(path: Path) -> None:
    lock(path, ALICE, living=[100])
    said = lock(path, ALICE | {"process": 101}, living=[101])
    assert said["taken_from"]["process"] == 100
    assert said["holder"]["process"] == 101


def test_an_expired_lock_is_taken_over_by_anybody(path: Path) -> None:
    lock(path, ALICE, living=[100], expires_after=0)
    assert lock(path, BOB, living=[200])["taken_from"]["who"] == "alice@laptop"


def test_a_run_that_takes_its_own_lock_again_renews_it(path: Path) -> None:
    first = lock(path, ALICE, living=[100], expires_after=1)["holder"]
    second = lock(path, ALICE, living=[100], expires_after=60)["holder"]
    assert second["since"] == first["since"]
    assert second["expires"] > first["expires"]


def test_only_the_holder_can_release_the_lock(path: Path) -> None:
    lock(path, ALICE, living=[100])
    assert lock(path, BOB, state="absent")["holder"]["who"] == "alice@laptop"
    assert lock(path, ALICE, state="absent")["holder"] == {}
    assert lock(path, BOB, living=[200])["holder"]["who"] == "bob@desk"


def test_check_mode_reports_but_takes_nothing(path: Path) -> None:
    assert lock(path, ALICE, check=True)["holder"] == {}
    assert not path.exists()
    lock(path, BOB, living=[200])
    assert lock(path, ALICE, check=True, living=[100])["failed"] is True


@pytest.mark.parametrize(
    "content",
    ["garbage", "{", "[]", "7", '{"who": 5}', "\0\0", '{"who":"a","process":1,"what":"","since":"",'
     '"expires":"soon"}', '{"who":"a","process":1,"what":"","since":"","expires":"2026-11-29"}'],
)  # fmt: skip
def test_a_damaged_lock_counts_as_free_with_a_warning(path: Path, content: str) -> None:
    path.write_text(content)
    said = lock(path, ALICE, living=[100])
    assert said["holder"]["who"] == "alice@laptop"
    assert any("is damaged" in str(warning) for warning in said["warnings"])
    assert json.loads(path.read_text()) == said["holder"]


def test_remains_of_an_older_record_are_ignored(path: Path) -> None:
    holder = lock(path, ALICE, living=[100])["holder"]
    path.write_text(json.dumps(holder) + '2026-11-29"}')
    assert lock(path, BOB, living=[200])["failed"] is True
    path.write_text('{}"older": 5}')
    assert lock(path, BOB, living=[200])["holder"]["who"] == "bob@desk"


@pytest.fixture
def task_at_work(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """What a task that became root looks like from outside."""
    sudo = tmp_path / "sudo"
    sudo.symlink_to(sys.executable)
    wait = ["-c", "import sys; print(flush=True); sys.stdin.read()", "echo BECOME-SUCCESS-x"]
    with subprocess.Popen([sudo, *wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_an_expired_lock_is_held_while_a_task_is_at_work_here(
    path: Path, task_at_work: subprocess.Popen[bytes]
) -> None:
    lock(path, ALICE, living=[100], expires_after=0)
    assert lock(path, BOB, living=[200])["failed"] is True
    task_at_work.communicate(b"")
    assert lock(path, BOB, living=[200])["taken_from"]["who"] == "alice@laptop"


def test_tasks_of_a_dead_run_are_waited_for(
    path: Path, task_at_work: subprocess.Popen[bytes]
) -> None:
    lock(path, ALICE, living=[100])
    said = lock(path, ALICE | {"process": 101}, living=[101], wait=0)
    assert said["holder"]["process"] == 101
    assert str(task_at_work.pid) in str(said["warnings"])
