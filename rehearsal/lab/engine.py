"""The Docker Engine for the rehearsal: the machine's own if it can pull, else a private one."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from dataclasses import dataclass

import docker
from docker.errors import DockerException

from rehearsal.lab import private_engine
from rehearsal.lab.programs import Background
from rehearsal.lab.workspace import LabError, Workspace

REGISTRIES = ("https://registry-1.docker.io/v2/", "https://ghcr.io/v2/")


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine; its containers reach the machine at `outside_address`."""

    docker: docker.DockerClient
    outside_address: str
    private: bool
    pulls: bool
    """Whether public registries can be reached; otherwise stand-ins are needed."""


def start_engine(workspace: Workspace) -> Engine:
    """The engine of this workspace; it is started if necessary.

    Raises:
        LabError: no Docker can pull images, and a private engine cannot be started.
    """
    pulls = registries_answer()
    running = private_engine.find(workspace)
    own = None if running else _own_docker()
    if own is not None and pulls:
        bridge = own.networks.get("bridge").attrs
        gateway = bridge["IPAM"]["Config"][0]["Gateway"]
        return Engine(own, gateway, private=False, pulls=True)
    if running is None:
        if os.geteuid() != 0:
            reason = "cannot reach Docker Hub" if own else "is not there, or not for this user"
            raise LabError(
                f"Docker {reason}. Install Docker, or run this as root on Debian/Ubuntu."
            )
        running = private_engine.start(workspace)
    return Engine(running.docker, running.outside_address, private=True, pulls=pulls)


def find_docker(workspace: Workspace) -> docker.DockerClient | None:
    """The running engine that this workspace would use."""
    running = private_engine.find(workspace)
    return running.docker if running else _own_docker()


def stop_engine(workspace: Workspace) -> None:
    """Stop the private engine, if there is one; the machine's own is not touched."""
    private_engine.stop(workspace, Background(workspace))


def registries_answer() -> bool:
    """Whether the registries of the product's images respond; asking for a login suffices."""
    return all(_answers(registry) for registry in REGISTRIES)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as refusal:
        return refusal.code == 401
    except OSError:
        return False


def _own_docker() -> docker.DockerClient | None:
    try:
        client = docker.from_env(timeout=600)
        client.ping()
    except DockerException:
        return None
    return client
