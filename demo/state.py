"""The demo's data, which is kept between runs."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulators.failure import ServerFailedError

LOCK = "lock"


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Lock the demo's data: a second demo would stop the first one's PostgreSQL.

    Raises:
        ServerFailedError: another process has locked it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerFailedError(
                "a demo is running in this clone. Stop it first, with Ctrl-C in its terminal."
            ) from None
        yield


def forget(state: Path) -> None:
    """Delete the demo's data; the caller must hold the lock."""
    for entry in state.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()
