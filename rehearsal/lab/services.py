"""The processes of the simulated services: Telegram, Hacker News, a model, AWS and a git server."""

from __future__ import annotations

import json
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.lab.programs import Background, run
from rehearsal.lab.workspace import CLONE, LabError, Workspace

START_SECONDS = 30
ENVIRONMENT = {
    "PYTHONPATH": str(CLONE),
    # The simulated AWS provides the machine images of Terraform's tests.
    "MOTO_AMIS_PATH": str(CLONE / "terraform/tests/aws/images.json"),
}


@dataclass(frozen=True, slots=True)
class ExternalServices:
    """`host:port` of the services that the bot, its host and the driver use."""

    telegram: str
    hackernews: str
    llm: str
    aws: str
    git: str


def start_external_services(workspace: Workspace, address: str) -> ExternalServices:
    """Start the services that are not running, on `address`."""
    outside = running_external_services(workspace)
    if outside is None:
        outside = ExternalServices(*(f"{address}:{_free_port(address)}" for _ in range(5)))
        _record(workspace).write_text(json.dumps(asdict(outside)))
    background = Background(workspace)
    for name, command in _commands(workspace, outside).items():
        background.start(name, command, ENVIRONMENT)
    for name, place in asdict(outside).items():
        _wait_for(name, place, background)
    return outside


def running_external_services(workspace: Workspace) -> ExternalServices | None:
    """The services that an earlier command started."""
    record = _record(workspace)
    return ExternalServices(**json.loads(record.read_text())) if record.exists() else None


def origin(workspace: Workspace) -> Path:
    """The bare repository that the git server serves as `/hnpal.git`."""
    return workspace.run / "git" / "hnpal.git"


def _record(workspace: Workspace) -> Path:
    return workspace.run / "outside.json"


def _commands(workspace: Workspace, outside: ExternalServices) -> dict[str, list[str | Path]]:
    simulated: list[str | Path] = [sys.executable, "-m", "simulators"]
    git = Path(run("git", "--exec-path", timeout=10).strip()) / "git-daemon"
    repositories = origin(workspace).parent
    return {
        "telegram": [*simulated, *_listen(outside.telegram), "telegram"],
        "hackernews": [*simulated, *_listen(outside.hackernews), "hackernews", "--sample"],
        "llm": [*simulated, *_listen(outside.llm), "llm"],
        "aws": [sys.executable, "-m", "rehearsal.lab.aws_server", *_listen(outside.aws)],
        "git": [
            git,
            *_listen(outside.git, "--listen={}", "--port={}"),
            *(f"--base-path={repositories}", "--export-all", "--reuseaddr"),
        ],
    }


def _listen(place: str, host: str = "--host={}", port: str = "--port={}") -> tuple[str, str]:
    address, _, number = place.partition(":")
    return host.format(address), port.format(number)


def _wait_for(name: str, place: str, background: Background) -> None:
    address, _, port = place.partition(":")
    deadline = time.monotonic() + START_SECONDS
    while background.find(name) is not None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((address, int(port))) == 0:
                return
        time.sleep(0.05)
    log = background.log(name).read_text(errors="replace")[-2000:]
    raise LabError(f"The simulated {name} did not start:\n{log}")


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port
