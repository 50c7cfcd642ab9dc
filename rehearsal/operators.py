"""Simulates the operator, who runs the documented commands with a clone and a vault."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from rehearsal.lab.programs import run
from rehearsal.lab.secrets import secrets_file, vault_password_file
from rehearsal.lab.workspace import CLONE, Workspace

TOOLS = CLONE / "ansible/.venv/bin"
PLAY_SECONDS = 900
MAKE_SECONDS = 120
# Variables of the rehearsal's own command line, which its operator does not type.
NOT_THE_OPERATORS = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "HOST", "DESTINATION", "WHAT")
# A rehearsal in the background of a script ignores these signals; its child processes must not.
INTERRUPTIBLE = ("env", "--default-signal=INT,HUP")


@dataclass(frozen=True, slots=True)
class Command:
    """The outcome of an operator's command."""

    status: int
    output: str

    @property
    def succeeded(self) -> bool:
        return self.status == 0

    @property
    def last_line(self) -> str:
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        # After make's own complaint that the command failed.
        return next((line for line in reversed(lines) if not line.startswith("make: ")), "")


@dataclass(frozen=True, slots=True)
class Play(Command):
    """A completed run of a playbook."""

    began: float
    seconds: float

    @property
    def changed(self) -> int:
        """The number of tasks that changed something, according to Ansible."""
        return sum(int(count) for count in re.findall(r"changed=(\d+)", self.output))

    @property
    def last_words(self) -> str:
        return self.output[-1500:]


@dataclass(slots=True)
class RunningPlay:
    """A run of a playbook in progress."""

    process: subprocess.Popen[bytes]
    log: Path
    limit: float
    """Its time limit in seconds."""
    began: float = field(default_factory=time.time)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait(self) -> Play:
        """Wait for its end; a run that exceeds its time limit is killed."""
        try:
            self.process.wait(self.limit)
        except subprocess.TimeoutExpired:
            self.kill()
        seconds = time.time() - self.began
        return Play(self.process.returncode, self.output(), self.began, seconds)

    def kill(self) -> None:
        """Kill the run and all its processes at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Operator:
    """Works in a clone of the deployed repository, separate from the rehearsal's own clone."""

    def __init__(
        self, workspace: Workspace, clone: Path, repository: Path, patience: float = 1.0
    ) -> None:
        self._workspace = workspace
        self._limit = PLAY_SECONDS * patience
        self._runs: list[RunningPlay] = []
        # Socket paths are limited in length; the workspace's may be too long.
        self._connections = Path(tempfile.mkdtemp(prefix="hnpal-"))
        self.clone = clone
        run("git", "clone", "--quiet", repository, clone, timeout=120)

    def play(
        self,
        playbook: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        inventory: Path | None = None,
    ) -> Play:
        """Run a playbook to its end, on the rehearsal's host or that of another inventory."""
        run = self.start(playbook, *arguments, environment=environment, inventory=inventory)
        return run.wait()

    def start(
        self,
        playbook: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        inventory: Path | None = None,
    ) -> RunningPlay:
        """Start a playbook and return at once."""
        name = f"play-{len(self._runs) + 1:02}-{playbook.removesuffix('.yml')}.log"
        log = self._workspace.logs / name
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *INTERRUPTIBLE,
                    TOOLS / "ansible-playbook",
                    *("-i", inventory or self._workspace.inventory),
                    *(playbook, *arguments),
                ],
                cwd=self.clone / "ansible",
                env={**os.environ, **self._environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        play = RunningPlay(process, log, self._limit)
        self._runs.append(play)
        return play

    def make(self, *words: str, text: str = "", seconds: float = MAKE_SECONDS) -> Command:
        """Run `make` in the operator's clone; it is ended after `seconds`, as by Ctrl-C."""
        tools = self.clone / "ansible/.venv"
        if not tools.exists():
            tools.symlink_to(TOOLS.parent)
        environment = {
            **{name: value for name, value in os.environ.items() if name not in NOT_THE_OPERATORS},
            **self._environment(),
            "ANSIBLE_INVENTORY": str(self._workspace.inventory),
        }
        with subprocess.Popen(
            # The tools are those of the rehearsal, which has installed them.
            [*INTERRUPTIBLE, "make", "--old-file=tools", *words],
            cwd=self.clone,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(text, seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
                output, _ = process.communicate()
        return Command(process.returncode, output)

    def outputs(self) -> dict[str, str]:
        """The output of every run so far, by the name of its log."""
        logs = sorted(self._workspace.logs.glob("play-*.log"))
        return {log.name: log.read_text(errors="replace") for log in logs}

    def connections(self) -> list[psutil.Process]:
        """The SSH connections that Ansible keeps open between runs."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self._connections) in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def disconnect(self) -> None:
        """Close the kept connections, as when the network fails."""
        for connection in self.connections():
            with suppress(psutil.Error):
                connection.kill()

    def leave(self) -> None:
        """End running playbooks, and remove files outside the workspace."""
        for play in self._runs:
            if play.process.poll() is None:
                play.kill()
        self.disconnect()
        shutil.rmtree(self._connections)

    def _environment(self) -> dict[str, str]:
        return {
            "HNPAL_SECRETS_FILE": str(secrets_file(self._workspace)),
            "HNPAL_VAULT_PASSWORD_FILE": str(vault_password_file(self._workspace)),
            "ANSIBLE_HOME": str(self._workspace.run / "ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._connections),
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "NO_COLOR": "1",
        }
