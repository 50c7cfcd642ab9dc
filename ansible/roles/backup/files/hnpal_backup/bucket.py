"""The bucket: a mounted directory that may be missing, or hang when it is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hnpal_backup import dumps
from hnpal_backup.dumps import Manifest
from hnpal_backup.failure import BackupError
from hnpal_backup.limits import run_within

T = TypeVar("T")


@dataclass(frozen=True)
class Bucket:
    """The bucket at `directory`; it is available while the file system there has this type."""

    directory: Path
    file_system: str
    question_seconds: float = 60
    """Time limit for a listing or a small file."""
    transfer_seconds: float = 1800
    """Time limit for a large file."""

    @property
    def is_mounted(self) -> bool:
        return file_system_type(self.directory) == self.file_system

    def require(self) -> None:
        """Fail unless it is mounted."""
        if not self.is_mounted:
            raise BackupError(f"the bucket is not mounted at {self.directory}")

    def ask(self, work: Callable[[], T]) -> T:
        return run_within(self.question_seconds, f"the bucket at {self.directory}", work)

    def transfer(self, work: Callable[[], T]) -> T:
        return run_within(self.transfer_seconds, f"the bucket at {self.directory}", work)

    def manifests(self) -> list[Manifest]:
        return self.ask(lambda: dumps.manifests(self.directory))

    def manifest(self, name: str) -> Manifest | None:
        return self.ask(lambda: dumps.read_manifest(self.directory / name))

    def holds(self, name: str) -> bool:
        return self.ask((self.directory / name).is_file)

    def store(self, manifest: Manifest, source: Path) -> None:
        """Copy a dump to the bucket and verify the copy."""
        self.transfer(lambda: dumps.copy(manifest, source, self.directory))

    def fetch(self, name: str, target: Path) -> None:
        """Copy a dump from the bucket to a file."""
        self.transfer(lambda: shutil.copyfile(self.directory / name, target))


def file_system_type(path: Path) -> str:
    """The type of the file system of a path, which need not exist."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [Path(point) for point, _ in mounts if path.is_relative_to(point)]
    seen = max(above, key=lambda point: len(point.parts))
    # Of several mounts at one place, the last one is visible.
    return [kind for point, kind in mounts if Path(point) == seen][-1]
