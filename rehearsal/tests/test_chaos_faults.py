"""The faults of the step `chaos`, and the states of a host that it does not count as repaired.

They need the packages with which hosts are made.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from rehearsal import cuts, fingerprint
from rehearsal.chaos_faults import (
    CODE,
    CONTAINERS,
    DISK_AND_MEMORY,
    ENGINE,
    FAULTS,
    HEALERS,
    OPERATOR,
    OUTSIDE,
    PLAYBOOKS,
    STATE,
    FaultTarget,
)
from rehearsal.lab.services import ExternalServices
from rehearsal.lab.workspace import CLONE
from rehearsal.operators import INTERRUPTIBLE, Play
from rehearsal.schedule import Round
from rehearsal.stage import ChaosOptions
from rehearsal.steps.chaos import KEPT_TABLES, TARGET_IS_KNOWN, Chaos, planned_rounds
from rehearsal.verdict import Outcome
from simulators.accounting import Account
from simulators.control import wait_until

MIN_FAULTS = 50
LIVE, BEFORE = "b" * 40, "a" * 40
SAID = f"Rolling back: {LIVE[:10]} -> {BEFORE[:10]}"


def test_no_two_faults_share_a_name() -> None:
    groups = (OPERATOR, ENGINE, CONTAINERS, OUTSIDE, DISK_AND_MEMORY, CODE, STATE)
    assert sum(map(len, groups)) == len(FAULTS) >= MIN_FAULTS


class Parser:
    """A host that parses shell commands instead of running them."""

    def __init__(self) -> None:
        self.parsed = 0

    def ssh(self, command: str, timeout: float = 60, text: str | None = None) -> str:
        subprocess.run(["sh", "-n", "-c", command], check=True)
        self.parsed += 1
        return "0"


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_begins_and_ends(name: str) -> None:
    with subprocess.Popen([*INTERRUPTIBLE, "sleep", "60"], start_new_session=True) as process:
        name_of_process = Path(f"/proc/{process.pid}/comm")
        wait_until(lambda: name_of_process.read_text() == "sleep\n" or None, "process")
        host, acts = Parser(), Mock()
        stage = Mock(host=host, operator=acts, telegram=acts, repository=acts)
        stage.reboot, stage.power_off = acts.reboot, acts.power_off
        stage.lab.remote = None
        stage.lab.for_host = ExternalServices(*["127.0.0.1:9"] * 5)
        play = Mock(process=process, kill=acts.kill)
        with FAULTS[name].begin(FaultTarget(stage, play, "update.yml")):
            pass
        if not host.parsed and not acts.method_calls and name != "the laptop sleeps":
            assert process.wait(10) < 0, "the play has met a signal"
        process.kill()


def test_every_fault_meets_some_playbook_and_has_a_repair() -> None:
    for fault in FAULTS.values():
        assert fault.playbooks and set(fault.playbooks) <= set(PLAYBOOKS)
        assert fault.healers and set(fault.healers) <= set(HEALERS)


@dataclass
class Host:
    """A host as it is when nothing has happened; a test changes some of it."""

    containers: str = cuts.CONTAINERS
    lock: str = ""
    git_lock: str = ""
    event: str = "live"
    health: str = "healthy"
    commit: str = LIVE
    mode: str = "600 root root"
    readers: int = 5
    said: str = SAID
    succeeds: bool = True
    lost: int = 0
    twice: int = 0

    def ssh(self, command: str, timeout: float = 60, text: str | None = None) -> str:
        if command == cuts.STATE:
            return (
                f"containers: {self.containers}\nlock: {self.lock}\nclone: {self.commit}\nedited:"
                f"\ngit locks: {self.git_lock}\nsettings:\ngood: {self.commit}\narmed:\ntimers:"
                "\ndrafts:\n"
            )
        if command == fingerprint.SCRIPT:
            return f"mode of /opt/hnpal/.env: {self.mode}\n"
        if "docker inspect" in command:
            state = {"Running": True, "Health": {"Status": self.health}, "StartedAt": "now"}
            labels = {"Labels": {"hnpal.commit": self.commit}}
            return json.dumps(
                [{"Name": "/hnpal-app", "State": state, "RestartCount": 0, "Config": labels}]
            )
        if "releases.jsonl" in command:
            return json.dumps({"event": self.event, "commit": self.commit})
        if "pg_tables" in command:
            return "\n".join(KEPT_TABLES)
        return "\n".join(f"{table}|{self.readers}" for table in KEPT_TABLES)


class Ended:
    """A play that has ended by itself."""

    def __init__(self, said: str) -> None:
        self.process = SimpleNamespace(poll=lambda: 0)
        self.limit = 0
        self.output = lambda: said
        self.kill = lambda: None


def judged(change: Callable[[Host], None]) -> list[str]:
    """What the step finds wrong with a host that was changed between two looks at it."""
    host = Host()
    stage = SimpleNamespace(
        host=host,
        must_play=lambda *_: None,
        operator=SimpleNamespace(start=lambda *_, **__: Ended(host.said)),
        repository=SimpleNamespace(head=lambda: LIVE),
        record=SimpleNamespace(patience=0.0),
    )
    chaos = Chaos(stage)
    change(host)
    outcome = Outcome(Round(1, "SIGKILL to dockerd", "update.yml", 0, 0, 0), healer="update.yml")
    account = Account(100, host.lost, host.twice, 0, 0, 0)
    healing = Play(0 if host.succeeds else 2, "its output", 0, 1)
    chaos.judge(outcome, healing, dict.fromkeys(KEPT_TABLES, 5), SimpleNamespace(account=account))
    return outcome.wrong


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (ChaosOptions(faults=3), [1, 2, 3]),
        (ChaosOptions(faults=200, minutes=4), [1, 2, 3]),
        (ChaosOptions(first=7, faults=2), [7, 8]),
    ],
)
def test_rounds_end_with_their_number_or_their_time(
    options: ChaosOptions, numbers: list[int]
) -> None:
    minutes = count(0, 60)
    assert [one.number for one in planned_rounds(options, lambda: next(minutes))] == numbers


def test_rollback_knows_its_target_after_the_last_refusal() -> None:
    tasks = (CLONE / "ansible/roles/app/tasks/rollback.yml").read_text()
    assert tasks.count(TARGET_IS_KNOWN) == 1
    assert "ansible.builtin.assert" not in tasks.split(TARGET_IS_KNOWN)[1]


def test_a_host_as_before_is_repaired() -> None:
    assert judged(lambda host: None) == []


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("succeeds", False, "update.yml failed: its output"),
        ("containers", f"{cuts.CONTAINERS} hnpal-standby", "no other container runs"),
        ("lock", '{"who": "me@here"}', "nobody holds the lock"),
        ("git_lock", "app/.git/index.lock", "git left no lock"),
        ("event", "started", "it is recorded as live"),
        ("health", "unhealthy", "the app is healthy"),
        ("commit", BEFORE, "runs, not the newest"),
        ("mode", "644 root root", "644 root root"),
        ("readers", 4, "readers has 4 rows, not 5"),
        ("said", f"Rolling back: {LIVE[:10]} -> cccccccccc", "would go to cccccccccc"),
        ("lost", 1, "1 messages lost"),
        ("twice", 1, "1 messages twice"),
    ],
)
def test_what_is_not_as_before_is_named(part: str, value: object, named: str) -> None:
    assert named in "; ".join(judged(lambda host: setattr(host, part, value)))
