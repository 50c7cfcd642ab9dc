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

log = logging.getLogger(__name__)

# A stage that fails this often in a row is broken: the process ends, loudly, and starts afresh.
FAILURES_TOLERATED = 10
LONGEST_PAUSE = 300.0
OUTAGE_PAUSE = 5.0
# An event loop that has not turned for so long will not turn again.
WEDGED_SECONDS = 60.0
EXIT_WEDGED = 70

Step = Callable[[], Awaitable[int]]

# The tasks of this process that fail right now, and how often in a row they have.
FAILING: dict[str, int] = {}


async def repeat(
    name: str,
    step: Step,
    *,
    idle_seconds: float,
    wake: asyncio.Event | None = None,
    failures_tolerated: int = FAILURES_TOLERATED,
) -> None:
    """Run `step` again and again: at once while it finds work, else after a pause or a wake-up.

    PostgreSQL being away is waited out. Any other failure is logged and tried again, more and more
    slowly, until there are more than `failures_tolerated` in a row.
    """
    failures = 0
    away = False
    while True:
        if wake:
            wake.clear()
        pause = idle_seconds
        try:
            worked = await step()
        except OUTAGES as error:
            if not away:
                log.warning("%s waits for PostgreSQL: %s", name, error)
            pause = OUTAGE_PAUSE if away else 0.2
            away = True
        except Exception:
            failures += 1
            FAILING[name] = failures
            log.exception("%s failed, %d in a row", name, failures)
            if failures > failures_tolerated:
                raise
            pause = min(2.0**failures, LONGEST_PAUSE)
        else:
            if away:
                log.warning("%s goes on", name)
            failures, away = 0, False
            FAILING.pop(name, None)
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


def end_within(seconds: float) -> None:
    """Being told to stop, the process ends, even if something in it waits for what never comes."""

    def end() -> None:
        print("Something does not stop; ending the process.", file=sys.stderr)  # noqa: T201
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
