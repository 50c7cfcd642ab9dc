"""Filters for the containers of a Compose project."""

from __future__ import annotations

from typing import Any

Container = dict[str, Any]

DEFINITION_LABEL = "com.docker.compose.config-hash"
SERVICE_LABEL = "com.docker.compose.service"
# The length of a reference with a part of its digest.
PINNED_CHARACTERS = 48


def by_service(containers: list[Container]) -> dict[str, Container]:
    """The containers by the name of their service in the compose file."""
    named = {(one.get("Labels") or {}).get(SERVICE_LABEL, ""): one for one in containers}
    return {name: one for name, one in named.items() if name}


def definitions(text: str) -> dict[str, str]:
    """Parse the output of `docker compose config --hash`: the hash of each service's definition."""
    return dict(words for words in map(str.split, text.splitlines()) if len(words) == 2)


def running_release(services: dict[str, Container]) -> dict[str, str]:
    """The commit and the settings' hash of the running app; empty if it does not run."""
    app = services.get("app")
    if app is None or app["State"] != "running":
        return {}
    names = {"commit": "hnpal.commit", "env_hash": "hnpal.env-hash"}
    return {name: app["Labels"].get(label, "") for name, label in names.items()}


def needs_up(services: dict[str, Container], wanted: list[str], hashes: dict[str, str]) -> bool:
    """Whether a wanted service does not run, or runs with another definition.

    `hashes` is the output of `docker compose config --hash` by service; a service without a hash
    only has to run.
    """
    for name in wanted:
        container = services.get(name)
        if container is None or container["State"] != "running":
            return True
        if hashes.get(name) not in {None, container["Labels"].get(DEFINITION_LABEL)}:
            return True
    return False


def upgrade_line(candidate: dict[str, Any]) -> str:
    """The result of upgrade.yml for a service, in one line."""
    name = "the app's base" if candidate["service"] == "app" else candidate["service"]
    made = f"{candidate['reference'][:PINNED_CHARACTERS]}…, made {candidate['created'][:10]}"
    if not candidate["is_due"]:
        return f"{name}: {candidate['version']} is the newest ({made})"
    before = candidate["running_version"] or "none"
    return f"{name}: {before} -> {candidate['version']} ({made})"


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "by_service": by_service,
            "definitions": definitions,
            "running_release": running_release,
            "needs_up": needs_up,
            "upgrade_line": upgrade_line,
        }
