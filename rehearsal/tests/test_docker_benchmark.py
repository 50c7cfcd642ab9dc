"""The checks of the CIS Docker Benchmark notice each setting that weakens a container or Docker."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from rehearsal.docker_benchmark import BY_CHOICE, OF_A_CONTAINER, OF_THE_DAEMON, Daemon, check

CONTAINER: dict[str, Any] = {
    "Name": "/hnpal-app",
    "AppArmorProfile": "docker-default",
    "Config": {"User": "10001", "Healthcheck": {"Test": ["CMD", "true"]}},
    "HostConfig": {
        "CapAdd": None, "CapDrop": ["ALL"], "Privileged": False, "PortBindings": {},
        "NetworkMode": "hnpal_default", "Memory": 1 << 29, "NanoCpus": 10**9,
        "ReadonlyRootfs": True, "PidMode": "", "IpcMode": "private", "UTSMode": "",
        "UsernsMode": "", "Devices": [], "SecurityOpt": ["no-new-privileges:true"],
        "CgroupParent": "", "PidsLimit": 512, "LogConfig": {"Config": {"max-size": "10m"}},
        "RestartPolicy": {"Name": "unless-stopped"},
    },
    "NetworkSettings": {"Networks": {"hnpal_data": {}}},
    "Mounts": [{"Type": "volume", "Source": "/var/lib/docker/volumes/x/_data", "Propagation": ""}],
}  # fmt: skip
INFO: dict[str, Any] = {
    "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"],
    "Driver": "overlay2",
    "Plugins": {"Authorization": None},
    "LoggingDriver": "json-file",
    "LiveRestoreEnabled": True,
    "ExperimentalBuild": False,
    "Swarm": {"LocalNodeState": "inactive"},
}
SETTINGS: dict[str, Any] = {
    "log-opts": {"max-size": "10m"}, "no-new-privileges": True, "userland-proxy": False,
}  # fmt: skip


def daemon(
    info: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **changes: Any
) -> Daemon:
    facts: dict[str, Any] = {
        "info": INFO | (info or {}),
        "settings": SETTINGS | (settings or {}),
        "is_icc": False,
        "socket": "root:docker 660",
        "file": "root:root 644",
        "command": "/usr/bin/dockerd -H fd://",
    }
    return Daemon(**(facts | changes))


def test_what_is_confined_passes_and_what_is_by_choice_is_named() -> None:
    found = check(daemon(), [CONTAINER])
    assert found.failed == []
    assert found.checked == len(OF_THE_DAEMON) + len(OF_A_CONTAINER)
    assert set(found.by_choice) == BY_CHOICE - {"confines by AppArmor or SELinux"}


@pytest.mark.parametrize(
    "weaker",
    [
        {"info": {"SecurityOptions": ["name=seccomp,profile=unconfined"]}},
        {"info": {"LiveRestoreEnabled": False}},
        {"info": {"Swarm": {"LocalNodeState": "active"}}},
        {"info": {"ExperimentalBuild": True}},
        {"settings": {"no-new-privileges": False}},
        {"settings": {"userland-proxy": True}},
        {"settings": {"insecure-registries": ["registry.example"]}},
        {"settings": {"hosts": ["tcp://0.0.0.0:2375"]}},
        {"settings": {"log-opts": {}}},
        {"is_icc": True},
        {"socket": "root:docker 666"},
        {"file": "root:root 666"},
        {"command": "dockerd -H tcp://0.0.0.0:2375"},
    ],
    ids=str,
)
def test_a_weaker_daemon_is_noticed(weaker: dict[str, Any]) -> None:
    assert len(check(daemon(**weaker), []).failed) == 1


@pytest.mark.parametrize(
    ("place", "weaker"),
    [
        (("Config", "User"), ""), (("Config", "User"), "0:0"), (("Config", "Healthcheck"), {}),
        (("HostConfig", "CapAdd"), ["NET_ADMIN"]), (("HostConfig", "CapDrop"), None),
        (("HostConfig", "Privileged"), True),
        (("HostConfig", "PortBindings"), {"80/tcp": [{"HostPort": "80"}]}),
        (("HostConfig", "NetworkMode"), "host"), (("HostConfig", "Memory"), 0),
        (("HostConfig", "NanoCpus"), 0), (("HostConfig", "ReadonlyRootfs"), False),
        (("HostConfig", "PidMode"), "host"), (("HostConfig", "IpcMode"), "host"),
        (("HostConfig", "UTSMode"), "host"), (("HostConfig", "UsernsMode"), "host"),
        (("HostConfig", "Devices"), [{}]), (("HostConfig", "CgroupParent"), "/x"),
        (("HostConfig", "SecurityOpt"), None), (("HostConfig", "PidsLimit"), 0),
        (("HostConfig", "SecurityOpt"), ["no-new-privileges:true", "seccomp=unconfined"]),
        (("HostConfig", "LogConfig"), {"Config": {}}),
        (("HostConfig", "RestartPolicy"), {"Name": "always"}),
        (("NetworkSettings", "Networks"), {"bridge": {}}),
        (("Mounts",), [{"Type": "bind", "Source": "/opt/x", "Propagation": "rprivate"}]),
        (("Mounts",), [{"Type": "volume", "Source": "/v", "Propagation": "rshared"}]),
    ],
    ids=str,
)  # fmt: skip
def test_a_weaker_container_is_noticed(place: tuple[str, ...], weaker: object) -> None:
    container = copy.deepcopy(CONTAINER)
    part = container
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = weaker
    found = check(daemon(), [container])
    assert len(found.failed) == 1
    assert found.failed[0].startswith("hnpal-app ")


@pytest.mark.parametrize("source", ["/", "/etc", "/var/run/docker.sock", "/proc/sys"])
def test_a_sensitive_folder_is_noticed(source: str) -> None:
    mount = {"Type": "bind", "Source": source, "Propagation": "rprivate"}
    found = check(daemon(), [{**CONTAINER, "Mounts": [mount]}])
    assert "hnpal-app mounts no sensitive folder" in found.failed
