"""Checks the confinement of the product's containers, of Docker and of the roles' services.

The items about Docker are those of the CIS Docker Benchmark (https://www.cisecurity.org/benchmark/docker)
that Docker's own data answers: of the sections about the daemon, images and containers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.lab.host import Host

Data = dict[str, Any]
PROJECT = "label=com.docker.compose.project=hnpal"
DAEMON = """
docker info --format '{{json .}}'
docker network inspect --format '{{json .Options}}' bridge
python3 -c 'import json; print(json.dumps(json.load(open("/etc/docker/daemon.json"))))'
stat --format='%U:%G %a' /run/docker.sock
stat --format='%U:%G %a' /etc/docker/daemon.json
tr '\\0' ' ' </proc/$(systemctl show -P MainPID docker.service)/cmdline
"""
# For each process in a container: its user and its capabilities.
PROCESSES = """
for pid in $(cat $(find /sys/fs/cgroup -path '*{id}*' -name cgroup.procs) | sort -u); do
    sed -n 's/^Uid:\\t\\([0-9]*\\).*/\\1/p; s/^CapEff:\\t//p' /proc/$pid/status | paste -s -d' '
done
"""
# Units that a role has written; a template is asked about by an instance.
UNITS = """
for unit in $(grep --files-with-matches 'Ansible managed' /etc/systemd/system/*.service); do
    name=$(basename $unit | sed 's/@\\.service$/@0.service/')
    systemd-analyze security --no-pager $name | sed -n 's/.*exposure level for //p'
done
"""
SENSITIVE = re.compile(r"/(boot|dev|etc|lib|proc|root|run|sys|usr|var/run|var/lib/docker)?(/|$)")


@dataclass(frozen=True, slots=True)
class Daemon:
    """The state of the Docker daemon, and the files that it uses."""

    info: Data
    is_icc: bool
    """Whether containers on the default bridge reach each other."""
    settings: Data
    socket: str
    """Owner, group and mode, as are `file`'s."""
    file: str
    command: str


@dataclass(slots=True)
class BenchmarkResult:
    """The items that were checked, and those that do not hold."""

    checked: int = 0
    failed: list[str] = field(default_factory=list)
    by_choice: list[str] = field(default_factory=list)
    """Those that do not hold on purpose; `docs/operations.md` gives the reasons."""

    def take(self, item: str, *, holds: bool, subject: str = "") -> None:
        self.checked += 1
        if not holds:
            where = self.by_choice if item in BY_CHOICE else self.failed
            where.append(f"{subject} {item}".strip())


# On one host with one operator, whose account is root's in any case.
BY_CHOICE = {
    "runs as another user than root",
    "maps users of containers to others",
    "asks an authorization plugin",
    "sends logs to another host",
    "confines by AppArmor or SELinux",
}

OF_THE_DAEMON: dict[str, Callable[[Daemon], bool]] = {
    "runs as another user than root": lambda on: "name=rootless" in on.info["SecurityOptions"],
    "separates containers on the default bridge": lambda on: not on.is_icc,
    "logs at level info": lambda on: on.settings.get("log-level", "info") == "info",
    "may change iptables": lambda on: on.settings.get("iptables", True) is True,
    "uses no insecure registry": lambda on: not on.settings.get("insecure-registries"),
    "does not use aufs": lambda on: on.info["Driver"] != "aufs",
    "listens on no TCP port": lambda on: "tcp://" not in f"{on.command}{on.settings.get('hosts')}",
    "maps users of containers to others": lambda on: "name=userns" in on.info["SecurityOptions"],
    "uses the default control group": lambda on: "cgroup-parent" not in on.settings,
    "asks an authorization plugin": lambda on: bool(on.info["Plugins"]["Authorization"]),
    "limits its logs": lambda on: "max-size" in on.settings.get("log-opts", {}),
    "sends logs to another host": lambda on: on.info["LoggingDriver"] != "json-file",
    "keeps containers from new privileges": lambda on: on.settings.get("no-new-privileges") is True,
    "restores containers live": lambda on: on.info["LiveRestoreEnabled"],
    "runs no userland proxy": lambda on: on.settings.get("userland-proxy") is False,
    "filters system calls by its default profile": lambda on: any(
        option.startswith("name=seccomp") and "unconfined" not in option
        for option in on.info["SecurityOptions"]
    ),
    "has no experimental features": lambda on: not on.info["ExperimentalBuild"],
    "is in no swarm": lambda on: on.info["Swarm"]["LocalNodeState"] == "inactive",
    "has a socket for root and its group": lambda on: on.socket == "root:docker 660",
    "has settings that only root writes": lambda on: on.file == "root:root 644",
}
OF_A_CONTAINER: dict[str, Callable[[Data], bool]] = {
    "is made for another user than root": lambda one: (
        one["Config"]["User"].partition(":")[0] not in {"", "0", "root"}
    ),
    "has a health check": lambda one: bool(one["Config"].get("Healthcheck", {}).get("Test")),
    "confines by AppArmor or SELinux": lambda one: one["AppArmorProfile"] not in {"", "unconfined"},
    "has no capability": lambda one: (
        not one["HostConfig"]["CapAdd"] and one["HostConfig"]["CapDrop"] == ["ALL"]
    ),
    "is not privileged": lambda one: not one["HostConfig"]["Privileged"],
    "mounts no sensitive folder": lambda one: (
        not any(
            mount["Type"] == "bind" and SENSITIVE.match(mount["Source"]) for mount in one["Mounts"]
        )
    ),
    "mounts no folder of the host": lambda one: (
        not any(mount["Type"] == "bind" for mount in one["Mounts"])
    ),
    "publishes no port": lambda one: not any((one["HostConfig"]["PortBindings"] or {}).values()),
    "does not share the host's network": lambda one: one["HostConfig"]["NetworkMode"] != "host",
    "has a memory limit": lambda one: one["HostConfig"]["Memory"] > 0,
    "has a CPU limit": lambda one: one["HostConfig"]["NanoCpus"] > 0,
    "has a read-only root file system": lambda one: one["HostConfig"]["ReadonlyRootfs"],
    "does not share the host's processes": lambda one: one["HostConfig"]["PidMode"] != "host",
    "does not share the host's IPC": lambda one: one["HostConfig"]["IpcMode"] != "host",
    "does not share the host's name": lambda one: one["HostConfig"]["UTSMode"] != "host",
    "does not share the host's users": lambda one: one["HostConfig"]["UsernsMode"] != "host",
    "has no device": lambda one: not one["HostConfig"]["Devices"],
    "propagates no mount": lambda one: (
        not any("shared" in mount.get("Propagation", "") for mount in one["Mounts"])
    ),
    "filters system calls": lambda one: (
        not any("seccomp=unconfined" in option for option in one["HostConfig"]["SecurityOpt"] or [])
    ),
    "uses the default control group": lambda one: not one["HostConfig"]["CgroupParent"],
    "gains no privileges": lambda one: (
        "no-new-privileges:true" in (one["HostConfig"]["SecurityOpt"] or [])
    ),
    "has a process limit": lambda one: (one["HostConfig"]["PidsLimit"] or 0) > 0,
    "is not on the default bridge": lambda one: "bridge" not in one["NetworkSettings"]["Networks"],
    "has no socket of Docker": lambda one: (
        not any("docker.sock" in mount["Source"] for mount in one["Mounts"])
    ),
    "rotates its log": lambda one: "max-size" in one["HostConfig"]["LogConfig"]["Config"],
    "restarts by itself": lambda one: (
        one["HostConfig"]["RestartPolicy"]["Name"] in {"on-failure", "unless-stopped"}
    ),
}


def check(daemon: Daemon, containers: list[Data]) -> BenchmarkResult:
    """Check each item of the daemon once, and those of containers for each of them."""
    result = BenchmarkResult()
    for item, daemon_holds in OF_THE_DAEMON.items():
        result.take(item, holds=bool(daemon_holds(daemon)))
    for one in containers:
        subject = one["Name"].removeprefix("/")
        for item, container_holds in OF_A_CONTAINER.items():
            result.take(item, holds=bool(container_holds(one)), subject=subject)
    return result


def read_daemon(host: Host) -> Daemon:
    info, bridge, settings, socket, file, command = host.ssh(DAEMON).splitlines()
    return Daemon(
        info=json.loads(info),
        is_icc=json.loads(bridge)["com.docker.network.bridge.enable_icc"] != "false",
        settings=json.loads(settings),
        socket=socket,
        file=file,
        command=command,
    )


def read_containers(host: Host) -> list[Data]:
    found: list[Data] = json.loads(
        host.ssh(f"docker inspect $(docker ps --quiet --filter {PROJECT})")
    )
    return found


def processes(host: Host, container: Data) -> list[str]:
    """The violations of a container's processes, as the kernel shows them."""
    said = host.ssh(PROCESSES.format(id=container["Id"])).splitlines()
    # A process that has ended meanwhile, such as a health check, leaves an empty line.
    seen = [line.split() for line in said if line]
    wrong = {
        "has no process": not seen,
        "runs as root": any(uid == "0" for uid, _ in seen),
        "has processes with capabilities": any(int(able, 16) for _, able in seen),
    }
    return [complaint for complaint, true in wrong.items() if true]


def exposures(host: Host) -> dict[str, float]:
    """The exposure of each service that the roles have written, from 0 to 10 (systemd-analyze)."""
    lines = host.ssh(UNITS, timeout=120).splitlines()
    return {line.split(": ")[0]: float(line.split(": ")[1].split()[0]) for line in lines}
