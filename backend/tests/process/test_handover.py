"""One container takes another's place while a standby answers, polls and sends in between."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from rehearsal.outside.control import TelegramControl, wait_until
from rehearsal.processes import BACKEND, App, Process

from app.health import complaint


def test_nobody_is_left_out_and_nothing_is_said_twice(
    app: App, telegram: TelegramControl, tmp_path: Path
) -> None:
    old_file, standby_file, new_file = (tmp_path / name for name in ("old", "standby", "new"))
    old = app.start(HEALTH_FILE=str(old_file))
    leads(old_file)
    standby = app.start("--standby", HEALTH_FILE=str(standby_file))
    wait_until(lambda: complaint(standby_file) is None or None, "standby")
    assert "another instance polls" in asked_by_the_play(standby_file)

    telegram.say(1, "/help")
    stop(old)
    telegram.say(1, "/help")
    leads(standby_file)

    new = app.start(HEALTH_FILE=str(new_file))
    wait_until(lambda: complaint(new_file) is None or None, "new instance")
    telegram.say(1, "/help")
    stop(standby)
    telegram.say(1, "/help")
    leads(new_file)

    telegram.wait_for_messages(1, 4)
    stop(new)
    assert len(telegram.messages(1)) == 4
    assert "Another program polls" not in app.log


def leads(file: Path) -> None:
    wait_until(lambda: complaint(file, leading=True) is None or None, "leader")


def stop(process: Process) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0


def asked_by_the_play(file: Path) -> str:
    command = [sys.executable, "-m", "app.health", "--leading"]
    environment = {"HEALTH_FILE": str(file)}
    done = subprocess.run(
        command, cwd=BACKEND, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    return done.stdout
