"""Filters over what Docker says of a Compose project's containers."""

from __future__ import annotations

from typing import Any

Container = dict[str, Any]


def by_service(containers: list[Container]) -> dict[str, Container]:
    """The containers by the name of their service in the compose file."""
    return {one["Labels"]["com.docker.compose.service"]: one for one in containers}


def running(services: dict[str, Container]) -> list[str]:
    """The services whose container runs."""
    return [name for name, one in services.items() if one["State"] == "running"]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"by_service": by_service, "running": running}
