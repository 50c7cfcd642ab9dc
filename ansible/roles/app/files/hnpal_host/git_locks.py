"""Removes locks that a killed git has left in the clone, which would make every later git fail."""

from __future__ import annotations

import time
from pathlib import Path

from hnpal_host.failure import HostError

WAIT_SECONDS = 60


def remove_stale(clone: Path, *, wait: float = WAIT_SECONDS) -> list[str]:
    """Remove the clone's locks that no running git holds; returns their paths.

    Raises:
        HostError: a git is still running in the clone after `wait` seconds.
    """
    if not _locks(clone):
        return []
    deadline = time.monotonic() + wait
    while pid := _git_at_work(clone):
        if time.monotonic() >= deadline:
            raise HostError(f"git (process {pid}) has been at work in {clone} for {wait:g} s")
        time.sleep(0.2)
    removed = _locks(clone)
    for lock in removed:
        lock.unlink(missing_ok=True)
    return [str(lock) for lock in removed]


def _locks(clone: Path) -> list[Path]:
    # Names of branches may end like this too, but git refuses them within refs.
    return sorted((clone / ".git").glob("**/*.lock"))


def _git_at_work(clone: Path) -> int:
    """The process id of a git that runs in the clone, or 0."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            folder = (process / "cwd").resolve()
        except OSError:  # the process has ended
            continue
        is_git = Path(words[0]).name.startswith("git")
        if is_git and (folder.is_relative_to(clone) or str(clone) in words):
            return int(process.name)
    return 0
