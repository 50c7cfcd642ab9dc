"""Runs Docker and Compose with time limits."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from typing import Any

from hnpal_host import settings
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

SECONDS = 60
UP_SECONDS = 300
EXEC_SECONDS = 20
# A container that was restarted more often will not become healthy.
MAX_RESTARTS = 3
MAX_WORDS = 400


@dataclass(frozen=True)
class Container:
    state: str
    """Docker's name for it: running, created, exited, restarting ..."""
    commit: str
    environment_hash: str
    restarts: int


def run(*arguments: str, seconds: float = SECONDS) -> str:
    """Run docker and return its output.

    Raises:
        HostError: it fails or takes too long.
    """
    command = ["docker", *arguments]
    shown = " ".join(command[:3])
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise HostError(f"{shown}: no answer within {seconds:g} s") from error
    except OSError as error:
        raise HostError(f"{shown}: {error}") from error
    if done.returncode != 0:
        raise HostError(f"{shown}: {done.stderr.strip()[-MAX_WORDS:]}")
    return done.stdout


def compose(config: HostConfig, *arguments: str, seconds: float = UP_SECONDS) -> str:
    """Run docker compose like the role, with the settings and the pinned images on the host.

    Raises:
        HostError: it fails; the message contains no secret.
    """
    files = [f"--file={config.clone / config.compose_file}", f"--file={config.images}"]
    return compose_alone(config, *files, *arguments, seconds=seconds)


def compose_alone(config: HostConfig, *arguments: str, seconds: float = UP_SECONDS) -> str:
    """Run docker compose with explicit files.

    Raises:
        HostError: it fails; the message contains no secret.
    """
    values = settings.read(config.settings)
    try:
        return run(
            "compose",
            f"--project-directory={config.clone}",
            f"--project-name={config.project}",
            f"--env-file={config.settings}",
            *arguments,
            seconds=seconds,
        )
    except HostError as error:
        raise HostError(settings.without_secrets(str(error), values)) from None


def inspect(*names: str) -> list[dict[str, Any]]:
    """Docker's data about containers; missing ones are left out.

    Raises:
        HostError: Docker does not answer.
    """
    there = run("ps", "--all", "--format", "{{.Names}}").split()
    wanted = [name for name in names if name in there]
    found: list[dict[str, Any]] = json.loads(run("inspect", *wanted)) if wanted else []
    return found


def find(name: str) -> Container | None:
    found = inspect(name)
    if not found:
        return None
    labels = found[0]["Config"]["Labels"] or {}
    return Container(
        state=found[0]["State"]["Status"],
        commit=labels.get("hnpal.commit", ""),
        environment_hash=labels.get("hnpal.env-hash", ""),
        restarts=found[0]["RestartCount"],
    )


def answers() -> bool:
    """Whether Docker answers."""
    try:
        run("ps", "--quiet")
    except HostError:
        return False
    return True


def is_healthy(name: str, *arguments: str) -> bool:
    """Whether the app in a container reports that it is healthy."""
    try:
        run("exec", name, "python", "-m", "app.health", *arguments, seconds=EXEC_SECONDS)
    except HostError:
        return False
    return True


def wait_for_health(name: str, seconds: float, *arguments: str) -> bool:
    """Wait until the app is healthy, or until it certainly will not be. Returns whether it is."""
    deadline = time.monotonic() + seconds
    first = find(name)
    while not is_healthy(name, *arguments):
        now = find(name)
        if first is None or now is None or now.state in {"created", "exited", "dead"}:
            return False
        if now.restarts - first.restarts >= MAX_RESTARTS or time.monotonic() >= deadline:
            return False
        time.sleep(1)
    return True


def join_data_services(config: HostConfig) -> list[str]:
    """Connect the app and its standby to a network of each data service; returns what was done.

    A release may have been made for other networks than the data services are in: those stay as
    they are when the release before comes back.
    """
    services = [f"{config.project}-{service}" for service in config.data_services]
    found = {
        one["Name"].removeprefix("/"): set(one.get("NetworkSettings", {}).get("Networks") or {})
        for one in inspect(*services, config.app, config.standby)
    }
    done = []
    for service in services:
        for name in (config.app, config.standby):
            ours, theirs = found.get(name), found.get(service)
            if ours and theirs and not ours & theirs:
                network = min(theirs)
                run("network", "connect", network, name)
                ours.add(network)
                done.append(f"connected {name} to {network}")
    return done


def unpause(config: HostConfig) -> list[str]:
    """Continue containers that somebody has paused, which cannot be started; returns what was
    done.
    """
    project = f"--filter=label=com.docker.compose.project={config.project}"
    paused = run("ps", "--format", "{{.Names}}", project, "--filter=status=paused").split()
    for name in paused:
        run("unpause", name)
    return [f"continued {name}, which somebody had paused" for name in sorted(paused)]


def remove(name: str) -> bool:
    """Stop and remove a container. Returns whether it existed."""
    if find(name) is None:
        return False
    run("stop", name)
    run("rm", "--force", name)
    return True
