"""The promises of role `app`: one clone, one record, secrets for root only, and no open port."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

HOME = "/opt/hnpal"
# Loopback, and the cloud's metadata service, which a rehearsal runs on the host itself.
INSIDE = ("127.", "[::1]", "169.254.169.254")
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


COPY_FROM_PROGRAM = """
import asyncio, os
import asyncpg
async def attempt():
    address = os.environ["DATABASE_URL"].replace("+asyncpg", "")
    connection = await asyncpg.connect(address)
    assert await connection.fetchval("SELECT count(*) FROM readers") >= 0
    for statement in (
        "COPY readers FROM PROGRAM 'id'", "CREATE TABLE mine (id int)", "DROP TABLE readers"
    ):
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
        raise SystemExit(f"was allowed: {statement}")
asyncio.run(attempt())
"""


def test_the_app_may_only_work_with_rows(host: Host) -> None:
    done = host.run("docker exec hnpal-app python -c %s", COPY_FROM_PROGRAM)
    assert done.rc == 0, done.stderr


def test_the_app_has_only_its_own_password(host: Host) -> None:
    known = host.check_output("docker exec hnpal-app env")
    settings = host.file(f"{HOME}/.env").content_string
    for name in ("POSTGRES_PASSWORD", "HNPAL_MIGRATIONS_URL"):
        (value,) = [
            line.partition("=")[2].strip("'")
            for line in settings.splitlines()
            if line.startswith(f"{name}=")
        ]
        assert value
        assert value not in known


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_the_data_services_cannot_reach_the_internet(host: Host, service: str) -> None:
    networks = "docker inspect --format '{{json .NetworkSettings.Networks}}' hnpal-"
    assert set(json.loads(host.check_output(networks + service))) == {"hnpal_data"}
    assert host.check_output("docker network inspect --format '{{.Internal}}' hnpal_data") == "true"
    routes = host.check_output(f"docker exec hnpal-{service} cat /proc/net/route")
    assert [line.split()[1] for line in routes.splitlines()[1:]].count("00000000") == 0


def test_redis_requires_a_password(host: Host) -> None:
    said = host.run("docker exec --env REDISCLI_AUTH= hnpal-redis redis-cli ping")
    assert "NOAUTH" in said.stdout + said.stderr


def test_the_running_release_is_the_recorded_one(host: Host) -> None:
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
    outside = [place for place in places if not place.startswith(INSIDE)]
    assert {place.rpartition(":")[2] for place in outside} == {"22"}
