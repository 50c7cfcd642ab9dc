"""The files of a rehearsal, all of them in `.rehearsal/` inside the clone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]


class LabError(Exception):
    """The lab cannot be set up on this machine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """`cache` is kept between runs and speeds them up; `run` belongs to the running lab."""

    directory: Path = CLONE / ".rehearsal"

    @property
    def cache(self) -> Path:
        return _made(self.directory / "cache")

    @property
    def run(self) -> Path:
        return _made(self.directory / "run")

    @property
    def logs(self) -> Path:
        return _made(self.run / "logs")

    @property
    def reports(self) -> Path:
        return _made(self.directory / "reports")

    @property
    def key(self) -> Path:
        """The private SSH key that was created for this run."""
        return self.run / "key"

    @property
    def inventory(self) -> Path:
        return self.run / "inventory" / "rehearsal.yml"


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory
