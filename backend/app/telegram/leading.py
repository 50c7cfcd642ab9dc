"""What only one instance does: poll Telegram and send to it.

The instance that holds the advisory lock leads. The others handle updates, read, summarise and
compose, and one of them leads within seconds when the leader is gone.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic

from app.database.connection import OUTAGES
from app.database.locks import LeadershipLostError, Lock, leadership
from app.health import Health
from app.telegram.first_poll import FirstPoll
from app.telegram.poller import Poller
from app.telegram.sender import Sender

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
# A lead that lasted this long was a real one, and what ended it is a new trouble.
LASTING_SECONDS = 10.0
# Not the fault of anything here: wait and begin again.
_LOST: tuple[type[Exception], ...] = (LeadershipLostError, *OUTAGES)


async def lead(
    dsn: str, poller: Poller, sender: Sender, health: Health, first_poll: FirstPoll | None
) -> None:
    """Wait for leadership and use it, again and again, until cancelled.

    Raises:
        Exception: whatever ends the poller or the sender and is no outage; the process must end.
    """
    pause = FIRST_PAUSE
    while True:
        health.standby = True
        led_since = None
        try:
            async with leadership(dsn, Lock.TELEGRAM) as held:
                health.standby = False
                led_since = monotonic()
                if held.waited:
                    first_poll = None  # another instance has polled since, so its answer is stale
                async with asyncio.TaskGroup() as group:
                    group.create_task(held.lost(), name="leadership")
                    group.create_task(poller.run(first_poll), name="poller")
                    group.create_task(sender.run(), name="sender")
        except* _LOST as errors:
            if led_since is not None and monotonic() - led_since > LASTING_SECONDS:
                pause = FIRST_PAUSE
            if pause == FIRST_PAUSE:
                log.warning("PostgreSQL is away (%s); trying again", errors.exceptions[0])
        first_poll = None
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
