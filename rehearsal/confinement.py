"""Checks the confinement of the product's containers: Docker's settings and the kernel's view."""

from __future__ import annotations

import json
from typing import Any

from rehearsal.lab.host import Host

PROJECT = "label=com.docker.compose.project=hnpal"
# For each process in a container: its user and its capabilities.
PROCESSES = """
for pid in $(cat $(find /sys/fs/cgroup -path '*{id}*' -name cgroup.procs) | sort -u); do
    sed -n 's/^Uid:\\t\\([0-9]*\\).*/\\1/p; s/^CapEff:\\t//p' /proc/$pid/status | paste -s -d' '
done
"""


def complaints(host: Host) -> dict[str, list[str]]:
    """The violations of each of the product's containers."""
    containers = host.ssh(f"docker inspect $(docker ps --quiet --filter {PROJECT})")
    return {
        one["Name"].removeprefix("/"): _settings(one) + _processes(host, one["Id"])
        for one in json.loads(containers)
    }


def _settings(container: dict[str, Any]) -> list[str]:
    host = container["HostConfig"]
    published = [port for port, where in (host["PortBindings"] or {}).items() if where]
    wrong = {
        "is privileged": host["Privileged"],
        "keeps capabilities": host["CapAdd"] or host["CapDrop"] != ["ALL"],
        "has a writable root file system": not host["ReadonlyRootfs"],
        "may gain privileges": "no-new-privileges:true" not in (host["SecurityOpt"] or []),
        "publishes ports": published,
        "shares the host's network": host["NetworkMode"] == "host",
        "shares the host's processes": host["PidMode"] == "host",
        "has Docker's socket": any("docker.sock" in one["Source"] for one in container["Mounts"]),
        "has a folder of the host": any(one["Type"] == "bind" for one in container["Mounts"]),
        "has no memory limit": not host["Memory"],
        "has no process limit": (host["PidsLimit"] or 0) <= 0,
        "has no CPU limit": not host["NanoCpus"],
        "does not rotate its log": "max-size" not in host["LogConfig"]["Config"],
    }
    return [complaint for complaint, true in wrong.items() if true]


def _processes(host: Host, container: str) -> list[str]:
    said = host.ssh(PROCESSES.format(id=container)).splitlines()
    # A process that has ended meanwhile, such as a health check, leaves an empty line.
    seen = [line.split() for line in said if line]
    wrong = {
        "has no process": not seen,
        "runs as root": any(uid == "0" for uid, _ in seen),
        "has processes with capabilities": any(int(able, 16) for _, able in seen),
    }
    return [complaint for complaint, true in wrong.items() if true]
