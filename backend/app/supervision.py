"""Keeps the tasks of the process running, and ends the process if that is impossible."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable

from app.concurrency import IdleInterval, Signal
from app.database.connection import OUTAGES
from app.health import Health, in_a_line

log = logging.getLogger(__name__)

# After this many consecutive failures of a stage, the process ends with an error and is restarted.
FAILURES_TOLERATED = 10
MAX_PAUSE = 300.0
OUTAGE_PAUSE = 5.0
# An event loop that is blocked for this long stays blocked. An update may be the cause; the next
# process counts its attempts.
STUCK_SECONDS = 20.0
STUCK_LOOKS = 5
STUCK_CPU_SECONDS = 2 * STUCK_SECONDS
EXIT_STUCK = 70
EXIT_FAILED = 1
# Docker kills after 15 s. Unfinished work is rolled back and repeated after the next start.
STOP_SECONDS = 12.0

Step = Callable[[], Awaitable[int]]


class DeadTaskError(Exception):
    """A task that must run for ever has ended."""


def start_vital(tasks: asyncio.TaskGroup, name: str, work: Awaitable[None], health: Health) -> None:
    """Start a task that must run for ever. If it ends, the process ends with an error."""
    tasks.create_task(_vital(name, work, health), name=name)


async def _vital(name: str, work: Awaitable[None], health: Health) -> None:
    reason: BaseException | None = None
    try:
        await work
    except BaseException as error:
        if health.ending:
            raise
        reason = error
    health.ending = True
    exit_within(STOP_SECONDS, EXIT_FAILED)
    task = asyncio.current_task()
    if isinstance(reason, asyncio.CancelledError) and task and task.cancelling():
        raise reason  # the failure of another task ends the process and is logged
    log.critical("The task %s is dead: %r", name, reason)
    raise DeadTaskError(name) from reason


async def repeat(
    name: str,
    step: Step,
    health: Health,
    *,
    idle_seconds: float,
    resting_seconds: float = 0.0,
    wake: Signal | None = None,
    min_interval: float = 0.0,
    failures_tolerated: int = FAILURES_TOLERATED,
) -> None:
    """Run `step` for ever: again at once if it did any work, else after a pause or a wake-up.

    The pause is `idle_seconds`, and at least `resting_seconds` after a minute without work and
    wake-ups, so that an idle process needs little CPU time. After a step without work, a wake-up
    starts the next one no sooner than `min_interval` seconds after its start.

    Outages of PostgreSQL are waited out. After any other failure the step is retried with growing
    pauses, until more than `failures_tolerated` occurred in a row.
    """
    away = False
    wake = wake or Signal()
    pace = IdleInterval(idle_seconds, resting_seconds)
    while True:
        seen, began = wake.count, time.monotonic()
        try:
            worked = await step()
        except OUTAGES as error:
            if health.ending:
                raise asyncio.CancelledError from error
            if not away:
                log.warning("%s waits for PostgreSQL: %s", name, in_a_line(error))
            health.waits(name, error)
            pause = OUTAGE_PAUSE if away else 0.2
            away = True
        except Exception as error:
            if health.ending:
                raise asyncio.CancelledError from error
            failures = health.failed(name)
            log.exception("%s failed, %d times in a row", name, failures)
            if failures > failures_tolerated:
                raise
            pause = min(2.0**failures, MAX_PAUSE)
        else:
            if away:
                log.warning("%s continues", name)
            away = False
            health.works(name)
            if worked:
                pace.busy()
                await asyncio.sleep(0)
            elif await wake.wait(seen, pace.seconds):
                pace.busy()
                await asyncio.sleep(began + min_interval - time.monotonic())
            continue
        await asyncio.sleep(pause)


class Watchdog:
    """Ends the process when its event loop is blocked.

    A thread detects blocks during which other threads can run. For the rest, such as an endless
    regular expression, the kernel's timer of the process's CPU time ends the process.
    """

    def __init__(self) -> None:
        self._turns = 0
        # Prints the stack of every thread, then does what the signal does by default: it ends the
        # process. It runs in C, so no thread has to release the interpreter's lock.
        faulthandler.register(signal.SIGPROF, all_threads=True, chain=True)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def record_turn(self) -> None:
        """Record that the event loop runs; call this at least every few seconds."""
        self._turns += 1
        signal.setitimer(signal.ITIMER_PROF, STUCK_CPU_SECONDS)

    def _watch(self) -> None:
        # Counts checks, not time: a process that was suspended could not run its event loop.
        turns, looks = self._turns, 0
        while looks < STUCK_LOOKS:
            time.sleep(STUCK_SECONDS / STUCK_LOOKS)
            turns, looks = self._turns, looks + 1 if turns == self._turns else 0
        print("The event loop is stuck; ending the process.", file=sys.stderr)
        faulthandler.dump_traceback(all_threads=True)
        os._exit(EXIT_STUCK)


def exit_within(seconds: float, code: int = 0) -> None:
    """End the process after `seconds` with `code`, even if something in it blocks."""

    def end() -> None:
        print("Something blocks the shutdown; ending the process.", file=sys.stderr)
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
