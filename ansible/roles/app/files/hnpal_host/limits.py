"""The containers' resource limits: those of the compose file, and changes made by hand."""

from __future__ import annotations

import json
import os
from typing import Any

from hnpal_host import docker
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
Limits = dict[str, Any]


def changed(config: HostConfig) -> dict[str, dict[str, tuple[Any, Any]]]:
    """The limits that differ, by service: the current and the wanted value.

    Raises:
        HostError: Docker or Compose does not answer.
    """
    services = json.loads(docker.compose(config, "config", "--format", "json"))["services"]
    found = {}
    for service in ("app", *config.data_services):
        for container in docker.inspect(f"{config.project}-{service}"):
            wanted, actual = _wanted(services[service]), _actual(container["HostConfig"])
            found[service] = {
                name: (actual[name], wanted[name])
                for name in wanted
                if actual[name] != wanted[name]
            }
    return {service: different for service, different in found.items() if different}


def describe(differences: dict[str, dict[str, tuple[Any, Any]]]) -> list[str]:
    return [
        f"{service}: {name} is {actual}, not {wanted}"
        for service, different in differences.items()
        for name, (actual, wanted) in different.items()
    ]


def repair(config: HostConfig) -> list[str]:
    """Restore the limits without a restart; returns what was done."""
    done = []
    for service, different in changed(config).items():
        arguments = [word for name in different for word in _update(name, different[name][1])]
        try:
            docker.run("update", *arguments, f"{config.project}-{service}")
        except HostError as error:
            raise HostError(f"the limits of {service} cannot be put back: {error}") from error
        done += [f"put back {line}" for line in describe({service: different})]
    if left := describe(changed(config)):
        again = "docker compose up --detach --no-deps --force-recreate, and its name"
        raise HostError(
            f"{'; '.join(left)}: Docker does not change that while it runs. As root, in"
            f" {config.clone}: {again}"
        )
    return done


def _wanted(definition: dict[str, Any]) -> Limits:
    limits = definition.get("deploy", {}).get("resources", {}).get("limits", {})
    return {
        "memory": _bytes(limits.get("memory", definition.get("mem_limit", 0))),
        "cpus": _cpus(float(limits.get("cpus") or definition.get("cpus") or 0)),
        "pids": int(limits.get("pids") or definition.get("pids_limit") or 0),
        "restart": str(definition.get("restart") or "no"),
    }


def _actual(host: dict[str, Any]) -> Limits:
    return {
        "memory": int(host.get("Memory") or 0),
        "cpus": _cpus((host.get("NanoCpus") or 0) / 1e9),
        "pids": max(0, int(host.get("PidsLimit") or 0)),
        "restart": host["RestartPolicy"]["Name"] or "no",
    }


def _cpus(limit: float) -> float:
    """A CPU limit; 0 for none, and also for all existing CPUs."""
    return limit if limit < (os.cpu_count() or 1) else 0.0


def _update(name: str, wanted: Any) -> list[str]:
    if name == "memory":
        # Docker's default for a container without a limit for swap.
        return [f"--memory={wanted}", f"--memory-swap={2 * wanted}"]
    if name == "pids":
        return [f"--pids-limit={wanted or -1}"]
    if name == "cpus":
        # Docker takes 0 as "unchanged".
        return [f"--cpus={wanted or os.cpu_count()}"]
    return [f"--{name}={wanted}"]


def _bytes(amount: str | int) -> int:
    text = str(amount).strip().lower().removesuffix("b")
    unit = text[-1] if text and text[-1] in UNITS else ""
    return int(float(text.removesuffix(unit) or 0) * UNITS[unit])
