"""The whole app as a process of its own, against the simulated outside world as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.outside.control import Control, TelegramControl

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "42:token-of-the-test"


@contextmanager
def service(*arguments: str) -> Iterator[str]:
    """A simulated service; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rehearsal.outside", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["address"])
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with service("telegram", "--token", TOKEN) as address:
        yield TelegramControl(address)


@pytest.fixture
def hackernews() -> Iterator[Control]:
    with service("hackernews") as address:
        yield Control(address)


class App:
    """Starts and ends `python -m app.main`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.main"],
                cwd=ROOT / "backend",
                env={**self._environment, **environment},
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run until it ends by itself."""
        return subprocess.run(
            [sys.executable, "-m", "app.main"],
            cwd=ROOT / "backend",
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def end(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
def app(
    database_url: str, telegram: TelegramControl, hackernews: Control, tmp_path: Path
) -> Iterator[App]:
    environment = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.address,
        "HN_API_URL": f"{hackernews.address}/v0",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path / "data"),
        "HEALTH_FILE": str(tmp_path / "health.json"),
        "FETCH_PRIVATE_HOSTS": hackernews.address.removeprefix("http://"),
        "LOG_LEVEL": "INFO",
        "ENVIRONMENT": "test",
    }
    app = App(environment, tmp_path / "log")
    yield app
    app.end()
