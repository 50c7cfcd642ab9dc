"""The bot's exports, carried to the bucket."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import last_line

NONE_YET = "Could not find the file"


def carry(command: list[str], directory: Path) -> int:
    """Copy the files that are new or have changed; returns how many. None is ever deleted.

    `command` prints a tar archive. Of what is in it only plain files count, by their last name: it
    comes from where the app may write, and must not decide where root writes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    carried = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as packing:
        assert packing.stdout is not None and packing.stderr is not None
        try:
            with tarfile.open(fileobj=packing.stdout, mode="r|") as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    if content is not None:
                        target = directory / PurePosixPath(member.name).name
                        carried += put(content.read(), target)
        except tarfile.ReadError as error:
            said = packing.stderr.read().decode(errors="replace")
            if NONE_YET in said:
                return 0
            raise BackupError(f"the exports cannot be read: {last_line(said)}") from error
        packing.stdout.read()
    if packing.returncode != 0:
        raise BackupError("the exports cannot be read to their end")
    return carried


def put(content: bytes, target: Path) -> bool:
    """Write a file unless it says the same already."""
    if target.is_file() and target.read_bytes() == content:
        return False
    target.write_bytes(content)
    return True
