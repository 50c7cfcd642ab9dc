"""Work that only one instance does: poll Telegram and send to it.

The instance that holds the advisory lock is the leader. The others handle updates, read, summarise
and compose. A standby becomes leader within seconds after the leader has ended, or has stepped
aside because of SIGUSR1. The latter leads again if the new leader ends.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from time import monotonic

from app.database.connection import CONNECT_SECONDS, OUTAGES
from app.database.locks import LeadershipLostError, Lock, leadership
from app.health import Health, in_a_line
from app.telegram.receive.first_poll import FirstPoll
from app.telegram.receive.poller import Poller
from app.telegram.send.probes import DoubtProbes
from app.telegram.send.sender import Sender

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
MAX_PAUSE = 5.0
# After this time as leader, an error counts as a new trouble.
LASTING_SECONDS = 10.0
# After this time as leader or standby, which is longer than a connection attempt, PostgreSQL is
# usable.
SETTLED_SECONDS = CONNECT_SECONDS + LASTING_SECONDS
# Errors outside this process: wait and try again.
_LOST: tuple[type[Exception], ...] = (LeadershipLostError, *OUTAGES)
# How long an instance that steps aside leaves the lock to a standby.
ASIDE_SECONDS = 1.0


class _SteppedAside(Exception):  # noqa: N818 - nothing went wrong
    """This instance steps aside for another one."""


async def lead(
    dsn: str,
    poller: Poller,
    sender: Sender,
    health: Health,
    first_poll: FirstPoll | None,
    probes: DoubtProbes | None = None,
) -> None:
    """Wait for leadership and use it, repeatedly, until cancelled.

    Raises:
        Exception: an error of the poller or the sender that is not an outage; the process must end.
    """
    aside = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, aside.set)
    pause = FIRST_PAUSE
    while True:
        health.standby = True
        led_since = None
        stepped_aside = False
        lost: BaseExceptionGroup[Exception] | None = None
        settled = asyncio.get_running_loop().call_later(SETTLED_SECONDS, health.works, Health.LEAD)
        try:
            async with leadership(dsn, Lock.TELEGRAM) as held:
                health.standby = False
                led_since = monotonic()
                if held.waited:
                    first_poll = None  # another instance has polled since, so its result is stale
                aside.clear()
                async with asyncio.TaskGroup() as group:
                    group.create_task(held.lost(), name="leadership")
                    group.create_task(_step_aside(aside), name="step aside")
                    group.create_task(poller.run(first_poll), name="poller")
                    if probes is not None:
                        # Before the sender repeats messages that came into doubt earlier.
                        group.create_task(probes.run(sender.troubled, sender.wake), name="probes")
                    group.create_task(sender.run(held.pid), name="sender")
        # These blocks neither await nor raise: Python 3.11.2, in Debian 12, wraps a cancellation
        # that leaves one in a group.
        except* _SteppedAside:
            stepped_aside = True
        except* _LOST as errors:
            lost = errors
        finally:
            settled.cancel()
        if stepped_aside:
            log.info("Another instance may lead")
            health.standby = True
            await asyncio.sleep(ASIDE_SECONDS)
        if lost is not None:
            if health.ending:
                raise asyncio.CancelledError from lost
            error = _first(lost)
            health.waits(Health.LEAD, error)
            if led_since is not None and monotonic() - led_since > LASTING_SECONDS:
                pause = FIRST_PAUSE
            if pause == FIRST_PAUSE:
                log.warning("PostgreSQL is unavailable (%s); trying again", in_a_line(error))
        first_poll = None
        await asyncio.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE)


async def _step_aside(aside: asyncio.Event) -> None:
    await aside.wait()
    raise _SteppedAside


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """The first error inside nested groups."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
