"""Archives the app's log before Docker rotates it or removes the container."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hnpal_backup.failure import BackupError

MAX_AGE = timedelta(days=7)
NAME_FORMAT = "%Y%m%dT%H%M%SZ"


def pack(command: list[str], since: datetime | None, directory: Path) -> Path:
    """Write the log since that time to a compressed file; returns the file.

    `command` prints the log and accepts Docker's `--since`.
    """
    now = datetime.now(timezone.utc)
    since = since or now - MAX_AGE
    packed = directory / f"app-{now.strftime(NAME_FORMAT)}.log.gz"
    with subprocess.Popen(
        [*command, "--since", since.isoformat()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as log:
        assert log.stdout is not None
        with gzip.open(packed, "wb") as file:
            shutil.copyfileobj(log.stdout, file)
    if log.returncode != 0:
        packed.unlink()
        raise BackupError("the app's log cannot be read")
    return packed


def store(packed: Path, directory: Path, keep: int) -> None:
    """Copy a packed log to a directory, and delete the oldest ones beyond `keep`."""
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packed, directory / packed.name)
    for old in sorted(directory.glob("app-*.log.gz"))[:-keep]:
        old.unlink()
