"""The app's log, carried to the bucket before Docker rotates it away or the container goes."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hnpal_backup.failure import BackupError

LONGEST = timedelta(days=7)
NAME_FORMAT = "%Y%m%dT%H%M%SZ"


def archive(command: list[str], since: datetime | None, directory: Path, keep: int) -> str:
    """Write what the log says since then into a compressed file; the oldest beyond `keep` go.

    `command` prints the log and takes Docker's `--since`. Returns the file's name.
    """
    now = datetime.now(timezone.utc)
    since = since or now - LONGEST
    archived = directory / f"app-{now.strftime(NAME_FORMAT)}.log.gz"
    directory.mkdir(parents=True, exist_ok=True)
    log = subprocess.Popen(
        [*command, "--since", since.isoformat()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert log.stdout is not None
    with gzip.open(archived, "wb") as file:
        shutil.copyfileobj(log.stdout, file)
    if log.wait() != 0:
        archived.unlink()
        raise BackupError("the app's log cannot be read")
    for old in sorted(directory.glob("app-*.log.gz"))[:-keep]:
        old.unlink()
    return archived.name
