"""The promises of role `docker`: rotated logs, containers that outlive the daemon, kept volumes."""

from __future__ import annotations

import json

from testinfra.host import Host


def test_the_daemon_runs_now_and_after_a_boot(host: Host) -> None:
    assert host.service("docker").is_running
    assert host.service("docker").is_enabled


def test_compose_and_buildx_are_there(host: Host) -> None:
    assert host.run("docker compose version").succeeded
    assert host.run("docker buildx version").succeeded


def test_logs_rotate(host: Host) -> None:
    settings = json.loads(host.file("/etc/docker/daemon.json").content_string)
    assert settings["log-driver"] == "json-file"
    assert settings["log-opts"] == {"max-size": "10m", "max-file": "3"}


def test_containers_outlive_the_daemon(host: Host) -> None:
    assert host.check_output("docker info --format '{{.LiveRestoreEnabled}}'") == "true"


def test_pruning_never_touches_volumes(host: Host) -> None:
    assert host.service("docker-prune.timer").is_running
    assert host.service("docker-prune.timer").is_enabled
    unit = host.file("/etc/systemd/system/docker-prune.service").content_string
    commands = [line for line in unit.splitlines() if line.startswith("Exec")]
    assert commands
    assert not any("volume" in line or "--all" in line or " -a" in line for line in commands)
