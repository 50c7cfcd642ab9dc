"""Runs programs: to their end within a time limit, or in the background."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from rehearsal.lab.workspace import Workspace

STOP_SECONDS = 30
LAST_WORDS = 3000


class ProgramFailedError(Exception):
    """A program failed or took too long; the message ends with the end of its output."""


def run(
    *command: str | Path,
    timeout: float,
    directory: Path | None = None,
    environment: Mapping[str, str | None] | None = None,
    text: str | None = None,
) -> str:
    """Run a program to its end; returns its standard output.

    `environment` extends the machine's own; None removes a variable.

    Raises:
        ProgramFailedError: it fails, or runs longer than `timeout` seconds.
    """
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(
            arguments,
            cwd=directory,
            env=changed(os.environ, environment or {}),
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramFailedError(f"{arguments[0]} took longer than {timeout:.0f} s") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-LAST_WORDS:]
        shown = " ".join(arguments[:4])
        raise ProgramFailedError(f"{shown} ended with {done.returncode}:\n{said}")
    return done.stdout


def changed(environment: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """An environment with some variables set, and those that are None removed."""
    merged = {**environment, **changes}
    return {name: value for name, value in merged.items() if value is not None}


class Background:
    """Background processes that outlive the command, recorded in the workspace by name."""

    def __init__(self, workspace: Workspace) -> None:
        self._logs = workspace.logs
        self._records = workspace.run / "processes"

    def start(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> psutil.Process:
        """Start a process in its own session, so that Ctrl-C does not reach it.

        Its output goes to `log(name)`. A running process of that name is kept.
        """
        running = self.find(name)
        if running is not None:
            return running
        self.log(name).unlink(missing_ok=True)
        with self.log(name).open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=None if environment is None else {**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = psutil.Process(process.pid)
        self._records.mkdir(exist_ok=True)
        record = {"pid": running.pid, "born": running.create_time()}
        (self._records / f"{name}.json").write_text(json.dumps(record))
        return running

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def names(self) -> list[str]:
        """The processes that were started and not stopped, newest first."""
        records = sorted(
            self._records.glob("*.json"), key=lambda record: record.stat().st_mtime, reverse=True
        )
        return [record.stem for record in records]

    def find(self, name: str) -> psutil.Process | None:
        """The process, if it still runs; a reused process id does not count."""
        record = self._records / f"{name}.json"
        with suppress(OSError, psutil.NoSuchProcess):
            known = json.loads(record.read_text())
            process = psutil.Process(known["pid"])
            alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            if alive and abs(process.create_time() - known["born"]) < 1:
                return process
        return None

    def stop(self, *names: str) -> None:
        """Terminate processes, all at once, and kill them after `STOP_SECONDS`."""
        for name in names:
            if process := self.find(name):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name in names:
            # Not psutil's wait: a process started by an earlier command may stay a zombie for a
            # while.
            while process := self.find(name):
                if time.monotonic() > deadline:
                    process.kill()
                time.sleep(0.02)
            (self._records / f"{name}.json").unlink(missing_ok=True)
