"""Copies the bot's exports to the bucket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hnpal_backup import unpack
from hnpal_backup.failure import BackupError, warn
from hnpal_backup.postgres import last_line

NONE_YET = "Could not find the file"
BLOCK_BYTES = 1 << 16
# The characters of the two programs' output that are kept.
MAX_WORDS = 4000
NOBODY = 65534
LIBRARY = Path(__file__).resolve().parents[1]
# As in hnpal-backup itself; every user may run it.
INTERPRETER = "/usr/bin/python3"


def copy(command: list[str], directory: Path) -> int:
    """Copy new and changed files; returns their number. Nothing is deleted.

    `command` prints a tar archive, which a process without rights reads. Of what is in it only
    plain files of a bounded size count, by their last name: it comes from where the app may write,
    and must not decide where root writes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as refusals:
        with _packed(command, complaints) as packing, _unpacked(packing, refusals) as unpacking:
            assert unpacking.stdout is not None
            copied = sum(_take(unpacking.stdout, directory))
        complaint, refused = _said(complaints), _said(refusals)
    for line in refused.splitlines():
        if line.startswith("refused "):
            warn(f"an exported file was {line}")
    if packing.returncode != 0 or unpacking.returncode != 0:
        if NONE_YET in complaint:
            return 0
        reason = last_line(complaint if packing.returncode else refused)
        raise BackupError(f"the exports cannot be read to their end: {reason}")
    return copied


@contextmanager
def _packed(command: list[str], words: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words) as packing:
        yield packing


@contextmanager
def _unpacked(
    packing: subprocess.Popen[bytes], words: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    is_root = os.geteuid() == 0
    with subprocess.Popen(
        [INTERPRETER, "-m", "hnpal_backup.unpack"],
        stdin=packing.stdout, stdout=subprocess.PIPE, stderr=words,
        user=NOBODY if is_root else None, group=NOBODY if is_root else None,
        extra_groups=[] if is_root else None,
        env={"PYTHONPATH": str(LIBRARY), "PYTHONDONTWRITEBYTECODE": "1"}, cwd="/",
    ) as unpacking:  # fmt: skip
        # The packing program is to notice when nobody reads any more.
        assert packing.stdout is not None
        packing.stdout.close()
        yield unpacking


def _take(frames: IO[bytes], directory: Path) -> Iterator[bool]:
    """For each file whether it was new or has changed. What the frames say is not trusted."""
    while head := frames.read(unpack.HEAD.size):
        if len(head) < unpack.HEAD.size:
            raise BackupError("the exports end within a file")
        (length,) = unpack.HEAD.unpack(head)
        name = frames.read(length).decode("ascii", errors="replace")
        (size,) = unpack.LENGTH.unpack(frames.read(unpack.LENGTH.size).ljust(unpack.LENGTH.size))
        if not unpack.NAME.fullmatch(name) or size > unpack.MAX_FILE_BYTES:
            raise BackupError(f"the exports hold {name[:120]!a}, of {size} bytes")
        with tempfile.TemporaryFile() as content:
            _copy(frames, content, size)
            yield _put(content, size, directory / name)


def _copy(frames: IO[bytes], content: IO[bytes], size: int) -> None:
    while size > 0:
        block = frames.read(min(size, BLOCK_BYTES))
        if not block:
            raise BackupError("the exports end within a file")
        content.write(block)
        size -= len(block)
    content.seek(0)


def _put(content: IO[bytes], size: int, target: Path) -> bool:
    """Write a file unless it says the same already."""
    if target.is_symlink():
        raise BackupError(f"{target} is a link")
    if target.is_file() and target.stat().st_size == size and _is_same(content, target):
        return False
    content.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, BLOCK_BYTES)
    return True


def _is_same(content: IO[bytes], target: Path) -> bool:
    with target.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if content.read(BLOCK_BYTES) != block:
                return False
    return True


def _said(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read(MAX_WORDS).decode(errors="replace")
