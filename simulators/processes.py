"""Runs the simulated services and the app as separate processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from simulators.failure import ServerFailedError

ROOT = Path(__file__).resolve().parent.parent
BACKEND = ROOT / "backend"
STOP_SECONDS = 15
Process = subprocess.Popen[bytes]


@contextmanager
def service(name: str, *options: str, port: int = 0) -> Iterator[str]:
    """Run a simulated service (`python -m simulators`); yields its address."""
    command = ["-m", "simulators", "--port", str(port), name, *options]
    with python(*command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            hint = f"port {port} may be taken" if port else "see above"
            raise ServerFailedError(f"the simulated {name} did not start ({hint})")
        yield str(json.loads(line)["address"])


@contextmanager
def python(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Iterator[Process]:
    """Run Python with `arguments`; it is terminated at the end of the block."""
    process = start_python(*arguments, environment=environment, stdout=stdout, stderr=stderr)
    try:
        yield process
    finally:
        stop(process)


def start_python(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    within: Sequence[str] = (),
) -> Process:
    """Start Python in `backend/`, from where it imports the app, the rehearsal and the benchmarks;
    optionally through the command `within`, such as `unshare --pid --fork`.
    """
    return subprocess.Popen(
        [*within, sys.executable, *arguments],
        cwd=BACKEND,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=stdout,
        stderr=stderr,
        # Ctrl-C goes to the parent only, which stops this process in order.
        start_new_session=True,
    )


def stop(process: Process) -> None:
    """Terminate a process, and kill it if that fails."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


class App:
    """Runs any number of `python -m app.main` processes with one environment and one log."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = dict(environment)
        self._log = log
        self._started: list[Process] = []

    def start(self, *arguments: str, within: Sequence[str] = (), **environment: str) -> Process:
        """Start another process; `environment` extends the common one."""
        with self._log.open("ab") as log:
            process = start_python(
                "-m",
                "app.main",
                *arguments,
                environment={**self._environment, **environment},
                stdout=log,
                stderr=log,
                within=within,
            )
        self._started.append(process)
        return process

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def kill_all(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


def app_environment(
    *, database_url: str, telegram: str, hackernews: str, token: str, folder: Path
) -> dict[str, str]:
    """The settings of an app that uses the simulated services."""
    return {
        "TELEGRAM_BOT_TOKEN": token,
        "TELEGRAM_API_URL": telegram,
        "HN_API_URL": f"{hackernews}/v0",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder / "data"),
        "HEALTH_FILE": str(folder / "health.json"),
        "FETCH_PRIVATE_HOSTS": hackernews.removeprefix("http://"),
        "LOG_LEVEL": "INFO",
        "ENVIRONMENT": "test",
    }
