"""Time limits for a bucket, for another run, and for a whole command."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import hnpal_files
from hnpal_backup.failure import BackupError

T = TypeVar("T")
# After SIGKILL a child may still be blocked in the kernel.
REAP_SECONDS = 5


def run_within(seconds: float, what: str, work: Callable[[], T]) -> T:
    """Run `work` in a child process and return its result.

    A read from a hanging bucket cannot be interrupted by a signal handler, but its process can be
    killed.

    Raises:
        BackupError: it exceeds the time limit; the message names `what`. Errors of `work` are
        re-raised.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_send_outcome, args=(work, sending), daemon=True)
    child.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise BackupError(f"{what} did not answer within {seconds:g} s")
        succeeded, outcome = receiving.recv()
    except EOFError:
        raise BackupError(f"{what}: the process that accessed it ended") from None
    finally:
        receiving.close()
        child.kill()
        child.join(REAP_SECONDS)
        if child.exitcode is not None:
            child.close()
    if not succeeded:
        raise outcome
    return outcome  # type: ignore[no-any-return]


def _send_outcome(work: Callable[[], Any], sending: Connection) -> None:
    try:
        outcome = (True, work())
    except Exception as error:
        outcome = (False, error)
    sending.send(outcome)


@contextmanager
def exclusively(directory: Path, command: str, seconds: float) -> Iterator[None]:
    """Wait until no other dump, drill or restore is running.

    Raises:
        BackupError: one is still running after `seconds`; the message names it.
    """
    path = directory / ".lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as lock:
        deadline = time.monotonic() + seconds
        while not hnpal_files.take_lock(lock.fileno()):
            if time.monotonic() >= deadline:
                holder = lock.read(200).strip() or "another command"
                raise BackupError(f"it waited {seconds:g} s for {holder} ({path})")
            time.sleep(0.2)
        lock.truncate(0)
        at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        lock.write(f"hnpal-backup {command}, process {os.getpid()}, at work since {at}")
        lock.flush()
        yield
        lock.truncate(0)


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Abort a command after a time limit, wherever it waits.

    Raises:
        BackupError: the time limit is exceeded.
    """

    def end(*_: object) -> None:
        raise BackupError(f"it was not done within {seconds // 60} minutes")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
