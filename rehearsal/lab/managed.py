"""PostgreSQL and Redis beside the hosts, as a provider would run them."""

from __future__ import annotations

import time
from contextlib import suppress

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from rehearsal.lab.engine import Engine
from rehearsal.lab.host import PREFIX
from rehearsal.lab.registry import local_tag
from rehearsal.lab.workspace import LabError

IMAGES = {"postgres": "postgres:15-alpine", "redis": "redis:7-alpine"}
DATABASE = USER = "hn_pal"
START_SECONDS = 30


class ManagedServices:
    """A running PostgreSQL and a running Redis, each in a container of the engine."""

    def __init__(self, postgres: Container, redis: Container) -> None:
        self._postgres = postgres
        self.postgres_address = _address(postgres)
        self.redis_address = _address(redis)

    def query(self, sql: str) -> str:
        """The result, with columns separated by `|` and one row per line.

        Raises:
            LabError: PostgreSQL refuses it.
        """
        psql = ["psql", "-U", USER, "-d", DATABASE, "--no-psqlrc", "-qtA", "-c", sql]
        ended = self._postgres.exec_run(psql)
        assert isinstance(ended.output, bytes), "it is not streamed"
        said = ended.output.decode(errors="replace").strip()
        if ended.exit_code != 0:
            raise LabError(f"PostgreSQL refused {sql}: {said}")
        return said


def start_managed_services(engine: Engine, password: str) -> ManagedServices:
    """Start empty services in place of earlier ones, and wait until PostgreSQL answers."""
    remove_managed_services(engine.docker)
    settings = {"POSTGRES_USER": USER, "POSTGRES_DB": DATABASE, "POSTGRES_PASSWORD": password}
    started = {
        name: engine.docker.containers.run(
            image if engine.pulls else local_tag(image),
            name=PREFIX + name,
            environment=settings if name == "postgres" else {},
            detach=True,
        )
        for name, image in IMAGES.items()
    }
    services = ManagedServices(started["postgres"], started["redis"])
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            services.query("SELECT 1")
        except LabError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return services


def remove_managed_services(docker: DockerClient) -> None:
    """Remove the services and their data, if they exist."""
    for name in IMAGES:
        with suppress(NotFound):
            docker.containers.get(PREFIX + name).remove(force=True, v=True)


def _address(container: Container) -> str:
    container.reload()
    address: str = container.attrs["NetworkSettings"]["IPAddress"]
    return address
