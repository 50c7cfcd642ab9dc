"""The Docker Engine to rehearse on: the machine's own if it can pull images, else a private one."""

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
    """A running engine; its containers reach the machine's programs at `outside_address`."""

    docker: docker.DockerClient
    outside_address: str
    private: bool
    pulls: bool
    """Whether public registries can be reached; stand-ins are needed where they cannot."""


def start_engine(workspace: Workspace) -> Engine:
    """The engine of this workspace, started if need be.

    Raises:
        LabError: when there is neither a Docker that can pull nor a way to start one.
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
    """The engine that this workspace would use, if it runs."""
    running = private_engine.find(workspace)
    return running.docker if running else _own_docker()


def stop_engine(workspace: Workspace) -> None:
    """End the private engine, if there is one; the machine's own is left alone."""
    private_engine.stop(workspace, Background(workspace))


def registries_answer() -> bool:
    """Whether the registries of the product's images answer, if only with a demand to log in."""
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
