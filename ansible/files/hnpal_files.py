"""Durable files: after a power cut a file has its old or its new content, never a part of it.
Also the lock between processes.

Both programs of the host have a copy of this module.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

DRAFT_SUFFIX = ".partial"


def write(path: Path, content: str, mode: int = 0o644) -> None:
    """Write a text file durably.

    Its content is on the disk before its name is, and its name before this returns.
    """
    draft = draft_of(path)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    move(draft, path)


def move(draft: Path, path: Path) -> None:
    """Rename a file that is already on the disk, durably."""
    draft.replace(path)
    sync_directory(path.parent)


def append(path: Path, line: str, mode: int = 0o644) -> None:
    """Append a line durably; an incomplete last line is terminated first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, mode)
    try:
        size = os.fstat(descriptor).st_size
        is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if is_cut else "") + line + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def draft_of(path: Path) -> Path:
    """The path of a file's draft, before it gets its name."""
    return path.with_name(path.name + DRAFT_SUFFIX)


def take_lock(descriptor: int) -> bool:
    """Lock an open file for this process, unless another process has locked it."""
    try:
        # Unlike flock, it is not inherited by a child that outlives this process.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
