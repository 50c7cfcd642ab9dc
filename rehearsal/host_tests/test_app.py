"""What role `app` promises: one clone, one record, secrets for root alone, and no way in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

HOME = "/opt/hnpal"
SERVICES = ("app", "postgres", "redis")


def releases(host: Host) -> list[dict[str, Any]]:
    lines = host.file(f"{HOME}/releases.jsonl").content_string.splitlines()
    return [json.loads(line) for line in lines]


def test_secrets_are_for_root_alone(host: Host) -> None:
    for path in host.check_output(f"ls -d {HOME}/.env*").split():
        assert host.file(path).mode == 0o600
        assert host.file(path).user == "root"


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_are_healthy(host: Host, service: str) -> None:
    state = f"docker inspect --format '{{{{.State.Health.Status}}}}' hnpal-{service}"
    assert host.check_output(state) == "healthy"


def test_what_runs_is_what_was_recorded(host: Host) -> None:
    live = [one["commit"] for one in releases(host) if one["event"] == "live"][-1]
    running = host.check_output(
        "docker inspect --format '{{index .Config.Labels \"hnpal.commit\"}}' hnpal-app"
    )
    checked_out = host.check_output(f"git -C {HOME}/app rev-parse HEAD")
    assert running == live == checked_out


def test_old_images_do_not_pile_up(host: Host) -> None:
    # The running one, and three to go back to.
    assert len(host.check_output("docker image ls --quiet hnpal-app").split()) <= 4


def test_only_ssh_listens_to_the_outside(host: Host) -> None:
    lines = host.check_output("ss --listening --tcp --udp --numeric --no-header").splitlines()
    places = [line.split()[4] for line in lines]
    # Names that Docker resolves for containers are asked on loopback of theirs.
    outside = [place for place in places if not place.startswith(("127.", "[::1]"))]
    assert {place.rpartition(":")[2] for place in outside} == {"22"}
