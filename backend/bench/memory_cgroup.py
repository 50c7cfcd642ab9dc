"""A group of processes with a memory limit, like a container's.

It needs root, and cgroups of either version
(https://docs.kernel.org/admin-guide/cgroup-v2.html,
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class NoCgroupError(Exception):
    """A group cannot be created on this machine."""


@dataclass(frozen=True, slots=True)
class MemoryCgroup:
    """A group; `within` is the command prefix that starts a process in it."""

    folder: Path
    within: Sequence[str]

    def peak(self) -> float:
        """The highest charge, cached files included, in megabytes."""
        for name in "memory.peak", "memory.max_usage_in_bytes":
            with suppress(FileNotFoundError):
                return int((self.folder / name).read_text()) / 1e6
        return float("nan")

    def kills(self) -> int:
        """The number of its processes that were killed by the limit."""
        for name in "memory.events", "memory.oom_control":
            with suppress(FileNotFoundError):
                lines = (self.folder / name).read_text().splitlines()
                found = dict(line.split() for line in lines)
                return int(found["oom_kill"])
        return 0


@contextmanager
def memory_cgroup(megabytes: int) -> Iterator[MemoryCgroup]:
    """Create a group without swap for the block; its processes must end before the block does.

    Raises:
        NoCgroupError: that is impossible on this machine.
    """
    second = (ROOT / "cgroup.controllers").exists()
    folder = (ROOT if second else ROOT / "memory") / f"hnpal-bench-{os.getpid()}"
    most = str(megabytes * 1024**2)
    limits = (
        {"memory.max": most, "memory.swap.max": "0"}
        if second
        else {"memory.limit_in_bytes": most, "memory.memsw.limit_in_bytes": most}
    )
    try:
        folder.mkdir()
        for name, value in limits.items():
            if "sw" not in name or (folder / name).exists():  # the kernel may not account for swap
                (folder / name).write_text(value)
    except OSError as error:
        raise NoCgroupError(f"{folder}: {error}") from error
    join = f'echo $$ > {folder}/cgroup.procs && exec "$@"'
    try:
        yield MemoryCgroup(folder, ("sh", "-c", join, "sh"))
    finally:
        with suppress(OSError):
            folder.rmdir()
