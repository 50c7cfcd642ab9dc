"""Keeping the tasks of the process going, and ending the process when they cannot."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable

from app.database.connection import OUTAGES
from app.health import Health, in_a_line

log = logging.getLogger(__name__)

# A stage that fails this often in a row is broken: the process ends, loudly, and starts afresh.
FAILURES_TOLERATED = 10
LONGEST_PAUSE = 300.0
OUTAGE_PAUSE = 5.0
# An event loop that has not turned for so long will not turn again.
WEDGED_SECONDS = 60.0
EXIT_WEDGED = 70
EXIT_FAILED = 1
# Docker kills after 15 s. What is not finished by then is rolled back, and done by the next start.
STOP_SECONDS = 12.0

Step = Callable[[], Awaitable[int]]


class DeadTaskError(Exception):
    """A task that must not end has ended."""


def vital(tasks: asyncio.TaskGroup, name: str, work: Awaitable[None], health: Health) -> None:
    """Start a task that must not end. When it does, so does the process, loudly and soon."""
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
    end_within(STOP_SECONDS, EXIT_FAILED)
    task = asyncio.current_task()
    if isinstance(reason, asyncio.CancelledError) and task and task.cancelling():
        raise reason  # what failed beside it ends the process, and says so
    log.critical("The task %s is dead: %r", name, reason)
    raise DeadTaskError(name) from reason


async def repeat(
    name: str,
    step: Step,
    health: Health,
    *,
    idle_seconds: float,
    wake: asyncio.Event | None = None,
    failures_tolerated: int = FAILURES_TOLERATED,
) -> None:
    """Run `step` again and again: at once while it finds work, else after a pause or a wake-up.

    PostgreSQL being away is waited out. Any other failure is logged and tried again, more and more
    slowly, until there are more than `failures_tolerated` in a row.
    """
    away = False
    while True:
        if wake:
            wake.clear()
        pause = idle_seconds
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
            log.exception("%s failed, %d in a row", name, failures)
            if failures > failures_tolerated:
                raise
            pause = min(2.0**failures, LONGEST_PAUSE)
        else:
            if away:
                log.warning("%s goes on", name)
            away = False
            health.works(name)
            if worked:
                await asyncio.sleep(0)
                continue
        await _pause(pause, wake)


async def _pause(seconds: float, wake: asyncio.Event | None) -> None:
    if wake is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        pass


class Watchdog:
    """A thread that ends the process when the event loop is wedged."""

    def __init__(self) -> None:
        self._turned_at = time.monotonic()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def turned(self) -> None:
        """The event loop turned; call this at least every few seconds."""
        self._turned_at = time.monotonic()

    def _watch(self) -> None:
        while True:
            time.sleep(WEDGED_SECONDS / 6)
            if time.monotonic() - self._turned_at > WEDGED_SECONDS:
                print("The event loop is wedged; ending the process.", file=sys.stderr)  # noqa: T201
                faulthandler.dump_traceback(all_threads=True)
                os._exit(EXIT_WEDGED)


def end_within(seconds: float, code: int = 0) -> None:
    """The process ends with `code`, even if something in it waits for what never comes."""

    def end() -> None:
        print("Something does not stop; ending the process.", file=sys.stderr)  # noqa: T201
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
