"""Every run of a play is on the host's record: who, when, what, and how it ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit import audit_report
from modules import run_module
from test_hosts import ANSIBLE, PLAYBOOKS

SECRET = "s3cret-of-the-operator"
ME = {"by": "ada@laptop"}
READ_ONLY = {"status.yml", "audit.yml"}
PLAY = f"""
- name: A play of the operator
  hosts: localhost
  gather_facts: false
  vars_files: [{ANSIBLE}/vars/audit.yml]
  tasks:
    - name: Record the beginning
      ansible.builtin.import_tasks: {ANSIBLE}/tasks/audit_begin.yml
      tags: always

    - name: Work
      block:
        - name: Do what is asked
          ansible.builtin.command: "{{{{ work }}}}"
          changed_when: false

        - name: Note the success
          ansible.builtin.import_tasks: {ANSIBLE}/tasks/audit_ok.yml
          tags: always
      always:
        - name: Record the end
          ansible.builtin.import_tasks: {ANSIBLE}/tasks/audit_end.yml
          tags: always
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """A docker that says what the file `commit` beside it says."""
    (folder := tmp_path / "bin").mkdir()
    (folder / "docker").write_text(f"#!/bin/sh\ncat {tmp_path}/commit\n")
    (folder / "docker").chmod(0o755)
    (tmp_path / "commit").write_text("before\n")
    return tmp_path / "commit"


def start(tmp_path: Path, record: Path, *options: str) -> subprocess.Popen[str]:
    (playbook := tmp_path / "play.yml").write_text(PLAY)
    command: list[str | Path] = [
        *(Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local"),
        *(playbook, "-e", f"audit_file={record}"),
        *("-e", f"ansible_python_interpreter={sys.executable}", *options),
    ]
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg"), "PATH": path}
    return subprocess.Popen(
        command, cwd=ANSIBLE, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def play(tmp_path: Path, record: Path, *options: str) -> tuple[int, str]:
    with start(tmp_path, record, *options) as running:
        said, _ = running.communicate(timeout=120)
        return running.returncode, said


def events(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


# --- Real runs


def test_a_run_is_recorded_with_its_options_and_without_secrets(
    tmp_path: Path, record: Path, docker: Path
) -> None:
    swap = f"sh -c 'echo after > {docker}'"
    code, said = play(
        tmp_path, record,
        "-e", f'work="{swap}"', "-e", "app_ref=v1.4.0",
        "-e", f"app_telegram_bot_token={SECRET} app_database_url=postgresql://a:{SECRET}@b/c",
        "-e", json.dumps({"app_environment": {"LOG_LEVEL": SECRET}, "of_mine": SECRET}),
    )  # fmt: skip
    assert code == 0, said
    begun, ended = events(record)
    assert SECRET not in record.read_text()
    assert begun["play"] == "play.yml" and re.fullmatch(r"\S+@\S+", begun["by"])
    assert begun["options"]["app_ref"] == '"v1.4.0"'
    for hidden in "app_telegram_bot_token", "app_environment", "app_database_url", "of_mine":
        assert begun["options"][hidden] == "(not shown)"
    assert (begun["commit"], ended["commit"]) == ("before", "after")
    assert (ended["id"], ended["result"]) == (begun["id"], "ok")
    assert record.stat().st_mode & 0o777 == 0o600


def test_a_run_that_fails_is_recorded_as_such(tmp_path: Path, record: Path, docker: Path) -> None:
    assert play(tmp_path, record, "-e", "work=false", "--tags", "all")[0] != 0
    assert [one.get("result") for one in events(record)] == [None, "failed"]


def test_a_run_in_check_mode_is_not_recorded(tmp_path: Path, record: Path, docker: Path) -> None:
    assert play(tmp_path, record, "-e", "work=true", "--check")[0] == 0
    assert not record.exists()


def test_a_run_that_was_killed_is_unfinished(tmp_path: Path, record: Path, docker: Path) -> None:
    os.mkfifo(reached := tmp_path / "reached")
    with start(tmp_path, record, "-e", f"work=\"sh -c 'echo > {reached}; sleep 600'\"") as running:
        reached.read_text()  # until the task is at work
        [begun] = events(record)
        me = {"by": begun["by"]}
        alive = audit_report(record.read_text().splitlines(), me, [begun["process"]], "")
        os.killpg(running.pid, signal.SIGKILL)
    assert begun["process"] == running.pid
    assert "at work" in alive
    report = audit_report(record.read_text().splitlines(), me, [], "")
    assert "UNFINISHED" in report and "before" in report


def test_a_record_that_cannot_be_written_stops_no_play(tmp_path: Path, docker: Path) -> None:
    code, said = play(tmp_path, tmp_path / "nowhere" / "audit", "-e", "work=true")
    assert code == 0
    assert "This run is not recorded" in re.sub(r"\s+", " ", said)


@pytest.mark.parametrize("name", sorted(set(PLAYBOOKS) - READ_ONLY))
def test_each_play_that_changes_a_host_records_its_beginning_success_and_end(name: str) -> None:
    *_, content = yaml.safe_load((ANSIBLE / name).read_text())
    assert "vars/audit.yml" in content["vars_files"]
    tasks = [task.get("ansible.builtin.import_tasks") for task in content["tasks"]]
    begin, block = tasks.index("tasks/audit_begin.yml"), content["tasks"][-1]
    assert begin == len(tasks) - 2
    assert block["block"][-1]["ansible.builtin.import_tasks"] == "tasks/audit_ok.yml"
    [end] = [
        task
        for task in block["always"]
        if task.get("ansible.builtin.import_tasks") == "tasks/audit_end.yml"
    ]
    # With --tags all three are run, or none.
    audits = [content["tasks"][begin], block["block"][-1], end]
    assert len({str(task.get("tags")) for task in audits}) == 1


# --- The file


def append(record: Path, event: str, **more: Any) -> dict[str, Any]:
    run = more.pop("run", {"id": "1", "by": "ada@laptop", "process": 5, "play": "site.yml"})
    return run_module(
        "plugins/modules/audit_record.py",
        path=str(record), event=event, run=run, container="none-such", **more,
    )  # fmt: skip


def test_the_record_is_bounded_and_keeps_the_newest(record: Path) -> None:
    for number in range(30):
        append(record, "begun", run={"id": str(number)}, max_bytes=1000)
    assert record.stat().st_size <= 1000
    older = record.with_name("audit.jsonl.1")
    assert older.stat().st_size <= 1000
    kept = [one["id"] for one in events(older) + events(record)]
    assert kept == [str(number) for number in range(30 - len(kept), 30)]
    assert len(kept) > 10


def test_a_line_that_a_power_cut_has_torn_damages_no_other(record: Path) -> None:
    append(record, "begun")
    with record.open("a") as file:
        file.write('{"id": "2", "eve')
    append(record, "ended", run={"id": "1", "result": "ok"})
    report = audit_report(record.read_text().splitlines(), ME, [], "")
    assert " ok " in report and "1 LINES OF THE RECORD ARE DAMAGED" in report


def test_two_runs_at_once_lose_no_line(record: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append(record, "begun", run={"id": str(n)}), range(24)))
    assert sorted(int(one["id"]) for one in events(record)) == list(range(24))


# --- The report


def event(kind: str, run: str = "1", at: str = "2026-10-30T12:00:00+00:00", **more: Any) -> str:
    return json.dumps({"event": kind, "id": run, "at": at, **more})


BEGUN: dict[str, Any] = {"by": "ada@laptop", "process": 5, "play": "update.yml", "commit": "a" * 40}


def test_times_are_in_the_operators_zone_and_the_newest_run_is_first() -> None:
    lines = [
        event("begun", **BEGUN, options={"app_ref": '"v2"'}),
        event("ended", at="2026-10-30T12:00:45+00:00", result="ok", commit="b" * 40),
        event("begun", "2", "2026-10-30T13:00:00+00:00", **BEGUN | {"play": "site.yml"}),
        event("ended", "2", "2026-10-30T13:10:00+00:00", result="failed", commit="a" * 40),
    ]
    call = f"audit_report({lines!r}, {ME!r}, [], '')"
    script = f"from audit import audit_report; print({call})"
    said = subprocess.check_output(
        [sys.executable, "-c", script], cwd=ANSIBLE / "plugins/filter", text=True,
        env=os.environ | {"TZ": "Asia/Kathmandu"},
    )  # fmt: skip
    _, second, first = [re.split(r"\s{2,}", line) for line in said.splitlines()]
    assert second == [
        "2026-10-30 18:45 +0545", "ada@laptop", "site.yml", "FAILED", "10 min", "a" * 10,
    ]  # fmt: skip
    assert first == [
        "2026-10-30 17:45 +0545", "ada@laptop", 'update.yml app_ref="v2"', "ok", "45 s",
        f"{'a' * 10} -> {'b' * 10}",
    ]  # fmt: skip


LOCK = {"who": "bob@desk", "process": 9, "expires": "2999-01-01T00:00:00+00:00"}
EXPIRED = LOCK | {"expires": "2026-10-30T12:30:00+00:00"}


@pytest.mark.parametrize(
    ("by", "process", "living", "lock", "said"),
    [
        ("ada@laptop", 5, ["5"], "", "at work"),
        ("ada@laptop", 5, [], json.dumps(LOCK), "UNFINISHED"),
        ("bob@desk", 9, [], json.dumps(LOCK), "at work"),
        ("bob@desk", 9, [], json.dumps(EXPIRED), "UNFINISHED"),
        ("bob@desk", 8, [], json.dumps(LOCK), "UNFINISHED"),
        ("bob@desk", 9, ["9"], "garbage", "UNFINISHED"),
    ],
)  # fmt: skip
def test_a_run_without_an_end_is_at_work_or_was_cut_off(
    by: str, process: int, living: list[str], lock: str, said: str
) -> None:
    begun = event("begun", **BEGUN | {"by": by, "process": process})
    assert said in audit_report([begun], ME, living, lock)


def test_an_empty_or_unreadable_record_is_told_as_such() -> None:
    assert "No run has been recorded" in audit_report([], ME, [], "")
    odd = [
        "[]",
        "{}",
        "null",
        event("begun", at="noon"),
        event("ended", "old", result="ok"),
        "\x00",
    ]
    assert "5 LINES OF THE RECORD ARE DAMAGED" in audit_report(odd, ME, [], "")


def test_the_play_prints_the_record(tmp_path: Path, record: Path) -> None:
    record.write_text(event("begun", **BEGUN) + "\n" + event("ended", result="ok") + "\n")
    (inventory := tmp_path / "hosts.yml").write_text(
        "hnpal:\n  hosts:\n    here:\n      ansible_connection: local\n"
        f"      ansible_become: false\n      ansible_python_interpreter: {sys.executable}\n"
    )
    lock = tmp_path / "lock"
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", inventory, "audit.yml",
         "-e", f"audit_file={record} lock_path={lock} ansible_become=false"],
        cwd=ANSIBLE, capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"ada@laptop +update\.yml +ok +0 s", done.stdout)
