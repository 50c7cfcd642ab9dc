"""Where a rehearsal keeps its things: all of them inside the clone, in `.rehearsal/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]


class LabError(Exception):
    """The lab cannot be set up here; the message says what a person can do about it."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """`cache` outlives runs and makes the second one fast; `run` belongs to what is up now."""

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
        """The private half of the SSH key that was made for this run."""
        return self.run / "key"

    @property
    def inventory(self) -> Path:
        return self.run / "inventory" / "rehearsal.yml"


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory
