"""The app keeps running when /tmp is full or read-only."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.control import TelegramControl, wait_until
from simulators.processes import App, python

READER = 1001
FULL = "mount -t tmpfs -o size=4k tmpfs /tmp && (yes > /tmp/full 2>/dev/null; true)"
READ_ONLY = "mount -t tmpfs -o ro tmpfs /tmp"


def within(mount: str) -> list[str]:
    """A command with a /tmp of its own."""
    return ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder outside of /tmp."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.parametrize("mount", [FULL, READ_ONLY], ids=["full", "read-only"])
def test_the_app_keeps_running(
    app: App, telegram: TelegramControl, memory: Path, mount: str, tmp_path: Path
) -> None:
    command = within(mount)
    tried = subprocess.run(
        [*command, sys.executable, "-c", ""], check=False, capture_output=True, text=True
    )
    if tried.returncode != 0:
        pytest.skip(f"no Python with a /tmp of its own: {tried.stderr.strip()}")
    health_file = "/tmp/hnpal-health-of-the-test.json"
    places = {"DATA_DIR": str(memory), "HEALTH_FILE": health_file, "TMPDIR": "/tmp"}
    process = app.start(within=command, **places)
    telegram.say(READER, "/start")
    try:
        telegram.wait_for_messages(READER, 1, 90)
    except AssertionError:
        raise AssertionError(app.log) from None

    def healthy() -> bool | None:
        with python("-m", "app.health", environment=places) as checking:
            return True if checking.wait(30) == 0 else None

    wait_until(healthy, "healthy app", every=0.5)
    telegram.say(READER, "/export_my_data")
    sent = telegram.wait_for_messages(READER, 2, 90)
    assert process.poll() is None, app.log
    assert sent[-1].get("document") or sent[-1].get("text"), os.fspath(tmp_path)
