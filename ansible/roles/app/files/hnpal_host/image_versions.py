"""The versions of the programs in images, and which image may replace which."""

from __future__ import annotations

import re

from hnpal_host import docker
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

APP = "app"
NUMBER = re.compile(r"\d+(?:\.\d+)+")
VERSION_COMMANDS = {
    "postgres": ["postgres", "--version"],
    "redis": ["redis-server", "--version"],
    APP: ["python", "--version"],
}
# Names of the programs, and how many parts of a version must be equal: 15 of PostgreSQL 15.4, 3.11
# of Python 3.11.2.
PROGRAMS = {"postgres": ("PostgreSQL", 1), "redis": ("Redis", 1), APP: ("Python", 2)}
WAYS = {
    "postgres": "its data must be moved: docs/operations.md, The next major version of PostgreSQL",
    "redis": "the code must name it (docker-compose.prod.yml)",
    APP: "the code must name it (backend/Dockerfile) and its dependencies be locked for it",
}
RUN_SECONDS = 60


def refusal(service: str, reference: str, version: str, before: str) -> str:
    """The reason why an image must not replace the running one; empty if it may."""
    program, parts = PROGRAMS[service]
    new, old = _parts(version), _parts(before)
    if not new:
        return f"{reference} does not tell its version of {program}"
    if not old:
        return ""
    if new[:parts] != old[:parts]:
        return (
            f"{reference} holds {program} {version}, and {before} runs: upgrade.yml takes minor"
            f" versions only. For another major one, {WAYS[service]}"
        )
    if new < old:
        return f"{reference} holds {program} {version}, which is older than {before}, which runs"
    return ""


def version_in_image(service: str, reference: str) -> str:
    """The version that the program in an image tells."""
    program, *arguments = VERSION_COMMANDS[service]
    bare = ["--rm", "--network=none", "--read-only", f"--entrypoint={program}"]
    said = docker.run("run", *bare, reference, *arguments, seconds=RUN_SECONDS)
    return _number(said)


def running_version(config: HostConfig, service: str) -> str:
    """The version that a container runs; empty if it does not run."""
    try:
        said = docker.run("exec", f"{config.project}-{service}", *VERSION_COMMANDS[service])
    except HostError:
        return ""
    return _number(said)


def _number(said: str) -> str:
    found = NUMBER.search(said)
    return found[0] if found else ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)
