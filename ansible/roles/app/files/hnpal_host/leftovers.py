"""Removes leftovers of a killed run: git's locks and temporary containers."""

from __future__ import annotations

import time

from hnpal_host import docker, git_locks
from hnpal_host.config import HostConfig

WAIT_SECONDS = 120
ENDED = ("created", "exited", "dead")


def remove(config: HostConfig) -> list[str]:
    """Remove them; returns what was removed.

    A running migration is waited for. A standby is kept, because it may be what serves.
    """
    locks = git_locks.remove_stale(config.clone)
    removed = [f"removed {lock}, which a git that was killed had left" for lock in locks]
    deadline = time.monotonic() + WAIT_SECONDS
    while _one_offs(config, "running") - {config.standby} and time.monotonic() < deadline:
        time.sleep(1)
    for name in sorted(_one_offs(config, *ENDED)):
        docker.run("rm", "--force", name)
        removed.append(f"removed the container {name}, which a run that was killed had left")
    return removed


def _one_offs(config: HostConfig, *states: str) -> set[str]:
    """The containers of `docker compose run` in any of these states."""
    found = docker.run(
        *("ps", "--all", "--format", "{{.Names}}"),
        *("--filter", "label=com.docker.compose.oneoff=True"),
        *("--filter", f"label=com.docker.compose.project={config.project}"),
        *(f"--filter=status={state}" for state in states),
    )
    return set(found.split())
