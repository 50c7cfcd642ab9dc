"""The state of the product's containers according to the host's Docker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rehearsal.lab.host import Host

SERVICES = ("app", "postgres", "redis")


@dataclass(frozen=True, slots=True)
class Container:
    """A container, from `docker inspect`."""

    name: str
    running: bool
    health: str
    started_at: str
    restarts: int
    commit: str


def inspect(host: Host) -> dict[str, Container]:
    """The product's containers by service; missing ones are left out."""
    names = " ".join(f"hnpal-{service}" for service in SERVICES)
    found = json.loads(host.ssh(f"docker inspect {names} 2>/dev/null || true"))
    return {one["Name"].removeprefix("/hnpal-"): _read(one) for one in found}


def healthy(host: Host) -> bool:
    """Whether all three containers exist and are healthy."""
    seen = inspect(host)
    return len(seen) == len(SERVICES) and all(one.health == "healthy" for one in seen.values())


def _read(inspected: dict[str, Any]) -> Container:
    state = inspected["State"]
    return Container(
        name=inspected["Name"].removeprefix("/"),
        running=state["Running"],
        health=state.get("Health", {}).get("Status", "none"),
        started_at=state["StartedAt"],
        restarts=inspected["RestartCount"],
        commit=inspected["Config"]["Labels"].get("hnpal.commit", ""),
    )
