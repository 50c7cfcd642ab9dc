"""The operator: somebody with a clone and a vault who types the documented commands."""

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


@dataclass(frozen=True, slots=True)
class Play:
    """A run of a playbook that has ended."""

    status: int
    output: str
    began: float
    seconds: float

    @property
    def succeeded(self) -> bool:
        return self.status == 0

    @property
    def changed(self) -> int:
        """How many tasks changed something, by Ansible's own count."""
        return sum(int(count) for count in re.findall(r"changed=(\d+)", self.output))

    @property
    def last_words(self) -> str:
        return self.output[-1500:]


@dataclass(slots=True)
class RunningPlay:
    """A run of a playbook that can be waited for, or killed."""

    process: subprocess.Popen[bytes]
    log: Path
    limit: float
    """Seconds that it may take."""
    began: float = field(default_factory=time.time)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait(self) -> Play:
        """Wait for its end; a run that takes longer than it may is killed."""
        try:
            self.process.wait(self.limit)
        except subprocess.TimeoutExpired:
            self.kill()
        seconds = time.time() - self.began
        return Play(self.process.returncode, self.output(), self.began, seconds)

    def kill(self) -> None:
        """End it as a power cut would: the run and everything it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Operator:
    """Works in a clone of the deployed repository, beside the one that the rehearsal runs from."""

    def __init__(
        self, workspace: Workspace, clone: Path, repository: Path, patience: float = 1.0
    ) -> None:
        self._workspace = workspace
        self._limit = PLAY_SECONDS * patience
        self._runs: list[RunningPlay] = []
        # Sockets need short names; the workspace's may be long.
        self._connections = Path(tempfile.mkdtemp(prefix="hnpal-"))
        self.clone = clone
        run("git", "clone", "--quiet", repository, clone, timeout=120)

    def play(
        self,
        playbook: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> Play:
        """Run a playbook to its end."""
        return self.start(playbook, *arguments, environment=environment).wait()

    def start(
        self, playbook: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> RunningPlay:
        """Start a playbook and come back at once."""
        name = f"play-{len(self._runs) + 1:02}-{playbook.removesuffix('.yml')}.log"
        log = self._workspace.logs / name
        with log.open("wb") as output:
            process = subprocess.Popen(
                [TOOLS / "ansible-playbook", "-i", self._workspace.inventory, playbook, *arguments],
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

    def outputs(self) -> dict[str, str]:
        """What every run so far has printed, by the name of its log."""
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
        """Close the kept connections, as when the network goes."""
        for connection in self.connections():
            with suppress(psutil.Error):
                connection.kill()

    def leave(self) -> None:
        """End what still runs, and remove what is outside of the workspace."""
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
