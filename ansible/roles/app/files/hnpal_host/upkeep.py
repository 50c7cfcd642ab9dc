"""The ages of everything that runs, and pending fixes: packages, the engine, images."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from hnpal_host import docker, engine_api, image_versions, images, postgres, settings
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

APT_SECONDS = 60
REGISTRY_SECONDS = 5
PSQL_SECONDS, REINDEX_SECONDS = 30, 3600
ENGINE = (
    *("docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin"),
    *("docker-compose-plugin", "docker-ce-rootless-extras"),
    *("docker.io", "docker-cli", "docker-compose", "docker-compose-v2", "docker-buildx"),
    *("containerd", "runc"),
)
LISTS = Path("/var/cache/apt/pkgcache.bin")
REBOOT = Path("/run/reboot-required")
# "Inst name [installed] (candidate origins [architecture])"; a new package has no "[installed]".
UPGRADE = re.compile(r"Inst (\S+) (?:\[(\S+)\] )?\((\S+) ([^)]*)\)")
# Databases whose indexes were sorted by another version of the system's collations. PostgreSQL 15,
# https://www.postgresql.org/docs/15/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES
NO_VERSION = "none"
COLLATIONS = """
    SELECT datname || ' ' || coalesce(datcollversion, 'none') || ' '
        || coalesce(pg_database_collation_actual_version(oid), 'none')
    FROM pg_database
    WHERE datallowconn AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
"""

Facts = dict[str, Any]


def gather(config: HostConfig) -> Facts:
    """The facts, as JSON; a fact that cannot be determined is null."""
    return {
        "packages": _or_none(_packages),
        "engine": _or_none(_engine),
        "held": _or_none(_held),
        "lists_at": _modified(LISTS),
        "reboot": REBOOT.exists(),
        "lock_damage": _complaint(lambda: images.read(config)),
        "images": _or_none(lambda: [_image(config, name) for name in _services(config)]) or [],
        "collations": _or_none(lambda: collations(config)) or [],
    }


def publish(config: HostConfig, facts: Facts) -> str:
    """Write the facts to the table that the bot reads; returns what was done.

    Raises:
        HostError: PostgreSQL rejects them.
    """
    if "postgres" not in config.data_services:
        return "PostgreSQL is a managed one: the bot does not know of this"
    detail = json.dumps(facts).replace("'", "''")
    _ask(
        config,
        f"INSERT INTO host_reports (kind, at, detail) VALUES ('upkeep', now(), '{detail}') "
        "ON CONFLICT (kind) DO UPDATE SET at = excluded.at, detail = excluded.detail",
    )
    return "the bot knows what waits"


def collations(config: HostConfig) -> list[str]:
    """The databases with a changed collation version: name, recorded and current version."""
    if "postgres" not in config.data_services:
        return []
    return _ask(config, COLLATIONS)


def refresh_collations(config: HostConfig) -> list[str]:
    """Rebuild the indexes of these databases and record the version; returns what was done.

    Raises:
        HostError: PostgreSQL reports an error.
    """
    done = []
    for name, before, after in (line.split(" ", 2) for line in collations(config)):
        # Concurrently, so that the app can read and write meanwhile.
        reindex = f'REINDEX (CONCURRENTLY) DATABASE "{name}"'
        _ask(config, reindex, database=name, seconds=REINDEX_SECONDS)
        if after == NO_VERSION:
            # PostgreSQL refreshes to a version only; the C library of Alpine tells none.
            _ask(config, f"UPDATE pg_database SET datcollversion = NULL WHERE datname = '{name}'")
        else:
            _ask(config, f'ALTER DATABASE "{name}" REFRESH COLLATION VERSION', database=name)
        done.append(f"rebuilt the indexes of {name}, sorted by {before}, for {after}")
    return done


def _services(config: HostConfig) -> list[str]:
    return [image_versions.APP, *config.data_services]


def _image(config: HostConfig, service: str) -> Facts:
    """A container's image: its version, its age, and whether there is a newer one."""
    container = f"{config.project}-{service}"
    found = docker.inspect(container)
    image = json.loads(docker.run("image", "inspect", found[0]["Image"]))[0] if found else {}
    is_app = service == image_versions.APP
    reference = images.read(config).get(service, "") if is_app else images.running(config, service)
    tag = _or_none(lambda: images.named(config)[service]) or reference.partition("@")[0]
    newest = _or_none(lambda: engine_api.digest_in_registry(tag, REGISTRY_SECONDS))
    known = reference.partition("@")[2]
    return {
        "service": service,
        "version": image_versions.running_version(config, service),
        "made_at": image.get("Created"),
        "tag": tag,
        "pinned": "@" in images.read(config).get(service, ""),
        # Unknown without a registry, or for an app that was built on a tag.
        "is_newer": newest != known if newest and known else None,
    }


def _packages() -> Facts:
    found = _pending()
    security = [name for name, _, _, origins in found if "security" in origins.lower()]
    return {"pending": len(found), "security": len(security)}


def _engine() -> Facts:
    waiting = [f"{name} {new}" for name, _, new, _ in _pending() if name in ENGINE]
    version = docker.run("version", "--format", "{{.Server.Version}}").strip()
    return {"version": version, "pending": waiting}


@functools.cache
def _pending() -> list[tuple[str, str, str, str]]:
    """The pending upgrades: name, installed version, new version, origins."""
    said = _run("apt-get", "--simulate", "--quiet=2", "--with-new-pkgs", "upgrade")
    found = [UPGRADE.match(line) for line in said.splitlines()]
    return [(one[1], one[2] or "", one[3], one[4]) for one in found if one]


def _held() -> list[str]:
    """Packages of the engine with a version that the pinned major version holds back."""
    held = []
    blocks = re.split(r"^(?=\S+:$)", _run("apt-cache", "policy", *ENGINE), flags=re.MULTILINE)
    for block in filter(None, blocks):
        name = block.partition(":")[0]
        installed = re.search(r"Installed: (\S+)", block)
        candidate = re.search(r"Candidate: (\S+)", block)
        versions = re.findall(r"^ (?:\*\*\*|   ) (\S+) -?\d+$", block, re.MULTILINE)
        if installed and candidate and versions and installed[1] != "(none)":
            held += [f"{name} {versions[0]}"] if versions[0] != candidate[1] else []
    return held


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=APT_SECONDS,
            stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise HostError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise HostError(f"{command[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout


def _ask(
    config: HostConfig, statement: str, *, database: str = "", seconds: float = PSQL_SECONDS
) -> list[str]:
    values = settings.read(config.settings)
    return postgres.ask(config, values, f"{statement};\n", database=database, seconds=seconds)


def _modified(path: Path) -> str | None:
    try:
        seconds = path.stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(min(seconds, time.time()), timezone.utc).isoformat()


def _complaint(ask: Any) -> str:
    try:
        ask()
    except HostError as error:
        return str(error)
    return ""


def _or_none(ask: Any) -> Any:
    try:
        return ask()
    except (HostError, OSError, ValueError, KeyError, IndexError):
        return None
