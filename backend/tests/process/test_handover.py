"""One container replaces another while a standby answers, polls and sends in between."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.health import unhealthy_reason
from simulators.control import TelegramControl, wait_until
from simulators.processes import BACKEND, App, Process


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    return tmp_path / "old"


@pytest.fixture
def standby_file(tmp_path: Path) -> Path:
    return tmp_path / "standby"


@pytest.fixture
def old(app: App, old_file: Path) -> Process:
    process = app.start(HEALTH_FILE=str(old_file))
    leads(old_file)
    return process


@pytest.fixture
def standby(app: App, old: Process, standby_file: Path) -> Process:
    process = app.start("--standby", HEALTH_FILE=str(standby_file))
    wait_until(lambda: unhealthy_reason(standby_file) is None or None, "standby")
    assert "another instance polls" in asked_by_the_play(standby_file)
    return process


def test_a_broadcast_reaches_every_reader_once(
    app: App,
    telegram: TelegramControl,
    old: Process,
    standby: Process,
    standby_file: Path,
    tmp_path: Path,
) -> None:
    new_file = tmp_path / "new"
    telegram.say(1, "/help")
    old.send_signal(signal.SIGUSR1)
    telegram.say(1, "/help")
    leads(standby_file)
    stop(old)

    new = app.start(HEALTH_FILE=str(new_file))
    wait_until(lambda: unhealthy_reason(new_file) is None or None, "new instance")
    telegram.say(1, "/help")
    stop(standby)
    telegram.say(1, "/help")
    leads(new_file)

    telegram.wait_for_messages(1, 4)
    stop(new)
    assert len(telegram.messages(1)) == 4
    assert "Another program polls" not in app.log


def test_a_leader_that_stepped_aside_leads_again_if_the_standby_ends(
    telegram: TelegramControl, old: Process, old_file: Path, standby: Process, standby_file: Path
) -> None:
    old.send_signal(signal.SIGUSR1)
    leads(standby_file)
    wait_until(lambda: stands_by(old_file) or None, "the old one to stand by")

    standby.kill()
    leads(old_file)
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)


def test_a_leader_without_a_standby_continues(
    app: App, telegram: TelegramControl, old: Process, old_file: Path
) -> None:
    old.send_signal(signal.SIGUSR1)
    wait_until(lambda: "Another instance may lead" in app.log or None, "stepping aside")
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    leads(old_file)


def test_a_leader_that_ends_is_replaced_at_once(
    telegram: TelegramControl, old: Process, standby: Process, standby_file: Path
) -> None:
    stop(old)
    leads(standby_file)
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)


def leads(file: Path) -> None:
    wait_until(lambda: unhealthy_reason(file, leading=True) is None or None, "leader")


def stands_by(file: Path) -> bool:
    return "another instance polls" in (unhealthy_reason(file, leading=True) or "")


def stop(process: Process) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0


def asked_by_the_play(file: Path) -> str:
    """What `app.health --leading` has to object to."""
    command = [sys.executable, "-m", "app.health", "--leading"]
    environment = {"HEALTH_FILE": str(file)}
    done = subprocess.run(
        command, cwd=BACKEND, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    return done.stdout
