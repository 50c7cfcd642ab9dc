"""The sender: takes messages from the outbox to Telegram, within the API's limits."""

from __future__ import annotations

import asyncio
import logging
import math
from time import monotonic

from app.database.connection import Pool
from app.telegram import outbox_claims
from app.telegram.bot_api import BotApi, NotTaken, Outcome, Taken, TooMany
from app.telegram.limits import MINUTE, Limits
from app.telegram.outbox import NO_CHAT
from app.telegram.outbox_claims import QueuedMessage
from app.telegram.records import Records
from app.telegram.typical import Typical
from app.telegram.window import Departure

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
# What is aimed at where there is no overall limit, in messages a second.
FASTEST = 1000.0
MOST_IN_FLIGHT = 32
# With an overall limit so many may be in flight however quick the answers are.
FEW_IN_FLIGHT = 6
# A message that takes longer than this, or than a few others, no longer holds the next ones up.
SLOW_SECONDS = 0.25
SLOW_TIMES = 4
# The slow ones included.
MOST_CALLS = 48
# A claim that takes longer is not begun earlier for that.
LONGEST_CLAIM = 0.1
# How long messages in flight may take to be answered when the process is told to stop.
STOP_SECONDS = 5.0


class Sender:
    """Sends what is in the outbox; only one runs at a time, on the instance that leads."""

    def __init__(self, pool: Pool, api: BotApi, limits: Limits) -> None:
        self._pool = pool
        self._api = api
        self._limits = limits
        self._claiming: list[asyncio.Task[int]] = []
        self._in_flight: dict[asyncio.Task[None], QueuedMessage] = {}
        self._left_at: dict[asyncio.Task[None], float] = {}
        # From leaving to the commit of the end.
        self._latency = Typical()
        self._claim_time = Typical()
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._records = Records(pool)

    def wake(self) -> None:
        """Something was added to the outbox."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; then wait a moment for the answers to what is in flight."""
        self._stopping.clear()
        try:
            await self._take_over()
            while True:
                await self._send_next()
        finally:
            # What is claimed is sent or given back: it would be in doubt without having left.
            self._stopping.set()
            await self.finish()

    async def finish(self) -> None:
        """Wait a moment for the answers to what is in flight, and for PostgreSQL to take them.

        Also to be called where nothing runs any more: `run` may have ended because PostgreSQL was
        away, or is told twice to end.
        """
        for at_work in self._claiming, self._in_flight:
            if at_work:
                await asyncio.wait(at_work, timeout=STOP_SECONDS)

    async def _take_over(self) -> None:
        """Decide about what the last sender left in doubt; what it sent lately counts still."""
        at_work = [message.id for message in self._in_flight.values()]
        async with self._pool.acquire() as connection, connection.transaction():
            lately_sent = await outbox_claims.lately_sent(connection, MINUTE)
            count = await outbox_claims.resolve_doubt(connection, at_work)
        now = monotonic()
        for chat_id, seconds_ago in lately_sent:
            self._limits.recall(chat_id, now - seconds_ago)
        if count:
            log.warning("%d messages were being sent when the last sender ended", count)

    async def _send_next(self) -> None:
        self._wake.clear()
        # When what is claimed now can leave.
        then = monotonic() + self._claim_time.mostly_within
        ready_in, free = self._limits.ready_in(then), self._free()
        if ready_in > 0 or free < 1:
            await self._pause(ready_in or SLOW_SECONDS / 2)
            return
        # Mostly one: every message that is claimed is in doubt after a kill.
        claiming = asyncio.create_task(self._claim(self._limits.at_once(then, free)))
        claiming.add_done_callback(_heard)
        self._claiming = [claiming]
        if not await asyncio.shield(claiming):
            await self._pause(self._limits.next_chat_in(monotonic()))

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until something was added or answered."""
        try:
            async with asyncio.timeout(max(0.001, min(IDLE_SECONDS, seconds))):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _claim(self, limit: int) -> int:
        """Claim the next messages and send them on their way. Returns how many."""
        began = monotonic()
        async with self._pool.acquire() as connection:
            busy = self._limits.busy_chats(began)
            messages = await outbox_claims.claim(connection, limit, busy)
        self._claim_time.took(min(monotonic() - began, LONGEST_CLAIM))
        for message in messages:
            if not await self._until_ready():
                async with self._pool.acquire() as connection:
                    await outbox_claims.retry_later(connection, message, 0, "not sent")
                continue
            now = monotonic()
            departure = None
            if message.chat_id != NO_CHAT:
                departure = self._limits.leaves(message.chat_id, now)
            task = asyncio.create_task(self._send(message, departure), name=f"send {message.id}")
            self._in_flight[task] = message
            self._left_at[task] = now
            task.add_done_callback(self._done)
        return len(messages)

    async def _until_ready(self) -> bool:
        """Wait out what is left of the time that a claim was begun too early.

        False when the sender is told to stop meanwhile.
        """
        while (ready_in := self._limits.ready_in(monotonic())) > 0:
            try:
                async with asyncio.timeout(min(IDLE_SECONDS, ready_in)):
                    await self._stopping.wait()
            except TimeoutError:
                continue
            return False
        return True

    def _free(self) -> int:
        """How many messages may join those in flight; the slow ones hardly count.

        Every message in flight is one in doubt if the process is killed now, so there are as many
        as the rate needs at the present latency, and no more.
        """
        rate = self._limits.overall_rate
        most = math.ceil(self._latency.seconds * (2 * rate or FASTEST))
        most = max(FEW_IN_FLIGHT if rate else 1, min(MOST_IN_FLIGHT, most))
        slow_before = monotonic() - max(SLOW_SECONDS, SLOW_TIMES * self._latency.seconds)
        lively = sum(left_at > slow_before for left_at in self._left_at.values())
        free = min(most - lively, MOST_CALLS - len(self._in_flight))
        # A claim is a commit: where many are in flight, the next ones are claimed together.
        return free if rate or free > most // 2 else 0

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task], self._left_at[task]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("A message could not be accounted for", exc_info=error)

    async def _send(self, message: QueuedMessage, departure: Departure | None) -> None:
        started = monotonic()
        outcome = await self._api.call(message.method, message.parameters)
        self._heed(outcome, departure)
        await self._records.add(message, outcome)
        longest = SLOW_SECONDS + SLOW_TIMES * self._latency.seconds
        self._latency.took(min(monotonic() - started, longest))

    def _heed(self, outcome: Outcome, departure: Departure | None) -> None:
        """Draw conclusions for the messages to come."""
        now = monotonic()
        if departure is not None:
            self._limits.answered(departure, now)
            self._wake.set()
        match outcome:
            case Taken():
                self._limits.reached()
            case TooMany(retry_after) if departure is not None:
                self._limits.refused(departure.chat_id, retry_after, now)
            case NotTaken():
                self._limits.unreachable(now)
            case _:
                pass


def _heard(claiming: asyncio.Task[int]) -> None:
    """A claim's failure ends `run`, or comes too late for it when PostgreSQL leaves it hanging."""
    if not claiming.cancelled() and (error := claiming.exception()):
        log.debug("Nothing was claimed: %s", error)
