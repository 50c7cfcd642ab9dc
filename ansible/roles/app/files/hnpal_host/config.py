"""The paths and names on this host, as configured by Ansible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hnpal_host.failure import HostError


@dataclass(frozen=True)
class HostConfig:
    home: Path
    project: str
    compose_file: str
    image: str
    data_services: list[str]
    health_seconds: int
    """How long the app may take to become healthy, and then to poll."""
    backup_lock: Path
    """Locked while a dump, a drill or a restore is running."""

    @property
    def clone(self) -> Path:
        return self.home / "app"

    @property
    def settings(self) -> Path:
        return self.home / ".env"

    @property
    def good_settings(self) -> Path:
        """The settings of the last healthy release."""
        return self.home / ".env.good"

    @property
    def releases(self) -> Path:
        return self.home / "releases.jsonl"

    @property
    def recovery(self) -> Path:
        """Exists while the timer is armed."""
        return self.home / "recovery.json"

    @property
    def images(self) -> Path:
        """The lock that pins images by digest, a Compose file."""
        return self.home / "images.lock.json"

    @property
    def images_before(self) -> Path:
        """The lock from before an unfinished upgrade."""
        return self.home / "images.lock.before.json"

    @property
    def app(self) -> str:
        return f"{self.project}-app"

    @property
    def standby(self) -> str:
        return f"{self.project}-standby"


def read_config(path: Path) -> HostConfig:
    """Read the host's configuration.

    Raises:
        HostError: it cannot be read; the message names the file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return HostConfig(
            home=Path(content["home"]),
            project=str(content["project"]),
            compose_file=str(content["compose_file"]),
            image=str(content["image"]),
            data_services=[str(name) for name in content["data_services"]],
            health_seconds=int(content["health_seconds"]),
            backup_lock=Path(content["backup_lock"]),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise HostError(f"{path} cannot be read ({error}); update.yml writes it anew") from error
