"""What only one instance does: poll Telegram and send to it.

The instance that holds the advisory lock leads. The others handle updates, read, summarise and
compose, and one of them leads within seconds when the leader is gone, or steps aside because it was
sent SIGUSR1. It leads again should the one that took over not stay.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from time import monotonic

from app.database.connection import CONNECT_SECONDS, OUTAGES
from app.database.locks import LeadershipLostError, Lock, leadership
from app.health import Health, in_a_line
from app.telegram.first_poll import FirstPoll
from app.telegram.poller import Poller
from app.telegram.sender import Sender

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
# A lead that lasted this long was a real one, and what ended it is a new trouble.
LASTING_SECONDS = 10.0
# Leading or standing by for so long, which is more than connecting in vain takes, means that
# PostgreSQL can be used.
SETTLED_SECONDS = CONNECT_SECONDS + LASTING_SECONDS
# Not the fault of anything here: wait and begin again.
_LOST: tuple[type[Exception], ...] = (LeadershipLostError, *OUTAGES)
# How long one that steps aside leaves the lead to whoever stands by.
ASIDE_SECONDS = 1.0


class _SteppedAside(Exception):  # noqa: N818 - nothing went wrong
    """Another instance is to lead."""


async def lead(
    dsn: str, poller: Poller, sender: Sender, health: Health, first_poll: FirstPoll | None
) -> None:
    """Wait for leadership and use it, again and again, until cancelled.

    Raises:
        Exception: whatever ends the poller or the sender and is no outage; the process must end.
    """
    aside = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, aside.set)
    pause = FIRST_PAUSE
    while True:
        health.standby = True
        led_since = None
        settled = asyncio.get_running_loop().call_later(SETTLED_SECONDS, health.works, Health.LEAD)
        try:
            async with leadership(dsn, Lock.TELEGRAM) as held:
                health.standby = False
                led_since = monotonic()
                if held.waited:
                    first_poll = None  # another instance has polled since, so its answer is stale
                aside.clear()
                async with asyncio.TaskGroup() as group:
                    group.create_task(held.lost(), name="leadership")
                    group.create_task(_step_aside(aside), name="step aside")
                    group.create_task(poller.run(first_poll), name="poller")
                    group.create_task(sender.run(), name="sender")
        except* _SteppedAside:
            log.info("Another instance may lead")
            health.standby = True
            await asyncio.sleep(ASIDE_SECONDS)
        except* _LOST as errors:
            if health.ending:
                raise asyncio.CancelledError from errors
            error = _first(errors)
            health.waits(Health.LEAD, error)
            if led_since is not None and monotonic() - led_since > LASTING_SECONDS:
                pause = FIRST_PAUSE
            if pause == FIRST_PAUSE:
                log.warning("PostgreSQL is away (%s); trying again", in_a_line(error))
        finally:
            settled.cancel()
        first_poll = None
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _step_aside(aside: asyncio.Event) -> None:
    await aside.wait()
    raise _SteppedAside


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """The error itself, out of however many groups."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
