"""Filters over what Docker says of a Compose project's containers."""

from __future__ import annotations

from typing import Any

Container = dict[str, Any]

DEFINITION_LABEL = "com.docker.compose.config-hash"
SERVICE_LABEL = "com.docker.compose.service"


def by_service(containers: list[Container]) -> dict[str, Container]:
    """The containers by the name of their service in the compose file."""
    return {one["Labels"][SERVICE_LABEL]: one for one in containers}


def needs_up(
    services: dict[str, Container], wanted: list[str], definitions: dict[str, str]
) -> bool:
    """Whether a wanted service does not run, or was made from another definition.

    `definitions` are the hashes that `docker compose config --hash` prints, by service; a service
    that is not among them only has to run.
    """
    for name in wanted:
        container = services.get(name)
        if container is None or container["State"] != "running":
            return True
        if definitions.get(name) not in {None, container["Labels"][DEFINITION_LABEL]}:
            return True
    return False


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"by_service": by_service, "needs_up": needs_up}
