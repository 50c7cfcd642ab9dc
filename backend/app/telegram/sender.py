"""The sender: takes messages from the outbox to Telegram, within the API's limits."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from time import monotonic

from app.database.connection import Pool
from app.telegram import outbox
from app.telegram.bot_api import (
    BotApi,
    NotTaken,
    Outcome,
    Refused,
    Taken,
    TooMany,
    Unparsable,
)
from app.telegram.limits import Limits
from app.telegram.outbox import Parameters, QueuedMessage
from app.telegram.plain_text import without_entities
from app.telegram.records import Records

log = logging.getLogger(__name__)

_NO_TOPIC = re.compile(r"thread not found|TOPIC_(?:CLOSED|DELETED)", re.IGNORECASE)
IDLE_SECONDS = 0.5
# What is aimed at where there is no overall limit, in messages a second.
FASTEST = 1000.0
MOST_IN_FLIGHT = 16
# A message that takes longer than this, or than a few others, no longer holds the next ones up.
SLOW_SECONDS = 0.25
SLOW_TIMES = 4
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
        # From a claim to the commit of its end: seconds, a moving average.
        self._latency = 0.0
        self._wake = asyncio.Event()
        self._records = Records(pool)

    def wake(self) -> None:
        """Something was added to the outbox."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; then wait a moment for the answers to what is in flight."""
        try:
            await self._resolve_doubt()
            while True:
                await self._send_next()
        finally:
            # What is claimed is sent: otherwise it would be in doubt without having left.
            for at_work in self._claiming, self._in_flight:
                if at_work:
                    await asyncio.wait(at_work, timeout=STOP_SECONDS)

    async def _resolve_doubt(self) -> None:
        at_work = [message.id for message in self._in_flight.values()]
        async with self._pool.acquire() as connection, connection.transaction():
            count = await outbox.resolve_doubt(connection, at_work)
        if count:
            log.warning("%d messages were being sent when the last sender ended", count)

    async def _send_next(self) -> None:
        self._wake.clear()
        ready_in = self._limits.ready_in(monotonic())
        if ready_in > 0:
            await asyncio.sleep(ready_in)
            return
        most = self._most_in_flight()
        free = self._free(most)
        # A claim is a commit: with many in flight, the next ones are claimed together.
        if free < min(most, 1 + most // 2):
            await asyncio.wait(
                self._in_flight, timeout=SLOW_SECONDS / 2, return_when=asyncio.FIRST_COMPLETED
            )
            return
        claiming = asyncio.create_task(self._claim(1 if self._limits.overall_rate else free))
        self._claiming = [claiming]
        if not await asyncio.shield(claiming):
            await self._wait_for_work()

    async def _claim(self, limit: int) -> int:
        """Claim the next messages and send them on their way. Returns how many."""
        busy = self._limits.busy_chats(monotonic())
        async with self._pool.acquire() as connection:
            messages = await outbox.claim(connection, limit, busy)
        for message in messages:
            if message.chat_id != outbox.NO_CHAT:
                self._limits.sent(message.chat_id, monotonic())
            task = asyncio.create_task(self._send(message), name=f"send {message.id}")
            self._in_flight[task] = message
            self._left_at[task] = monotonic()
            task.add_done_callback(self._done)
        return len(messages)

    def _most_in_flight(self) -> int:
        """As many as the rate needs at the present latency, and no more.

        Every message in flight is one in doubt if the process is killed now.
        """
        rate = 1.5 * self._limits.overall_rate or FASTEST
        return max(1, min(MOST_IN_FLIGHT, math.ceil(self._latency * rate)))

    def _free(self, most: int) -> int:
        """How many of `most` may join those in flight; the slow ones do not count."""
        slow_before = monotonic() - max(SLOW_SECONDS, SLOW_TIMES * self._latency)
        lively = sum(left_at > slow_before for left_at in self._left_at.values())
        return min(most - lively, MOST_IN_FLIGHT - len(self._in_flight))

    async def _wait_for_work(self) -> None:
        chat_in = self._limits.next_chat_in(monotonic())
        timeout = IDLE_SECONDS if chat_in is None else min(IDLE_SECONDS, chat_in)
        try:
            async with asyncio.timeout(max(timeout, 0.001)):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task], self._left_at[task]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("A message could not be accounted for", exc_info=error)

    async def _send(self, message: QueuedMessage) -> None:
        started = monotonic()
        outcome = await self._api.call(message.method, message.parameters)
        simpler = _simpler(message.parameters, outcome)
        if simpler is not None:
            log.warning("Message %d is sent in a simpler way: %s", message.id, outcome)
            outcome = await self._api.call(message.method, simpler)
        match outcome:
            case Taken():
                self._limits.reached()
            case TooMany(retry_after):
                self._limits.refused(message.chat_id, retry_after, monotonic())
            case NotTaken():
                self._limits.unreachable(monotonic())
            case _:
                pass
        await self._records.add(message, outcome)
        usual = min(monotonic() - started, SLOW_SECONDS + SLOW_TIMES * self._latency)
        self._latency += 0.1 * (usual - self._latency)


def _simpler(parameters: Parameters, outcome: Outcome) -> Parameters | None:
    """What Telegram may take after all: without formatting that it cannot parse, or in the chat
    itself when the topic is no more.
    """
    match outcome:
        case Unparsable():
            return without_entities(parameters)
        case Refused(error) if "message_thread_id" in parameters and _NO_TOPIC.search(error):
            return {
                name: value
                for name, value in parameters.items()
                if name not in ("message_thread_id", "reply_parameters")
            }
        case _:
            return None
