"""The sender: sends messages from the outbox to Telegram, within its rate limits."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from app.concurrency import IdleInterval, Signal
from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.api.fence import uptime
from app.telegram.api.outcomes import Accepted, CallOutcome, InDoubt, NotAccepted, TooManyRequests
from app.telegram.api.updates import NO_CHAT
from app.telegram.send import claims, doubt
from app.telegram.send.breaker import Breaker
from app.telegram.send.capabilities import Capabilities
from app.telegram.send.claims import Claimant, QueuedMessage
from app.telegram.send.drafts import Drafts
from app.telegram.send.limits import MINUTE, Limits
from app.telegram.send.message_ids import MIN_RESTORE_SECONDS
from app.telegram.send.moving_average import MovingAverage
from app.telegram.send.results import SendResults
from app.telegram.send.sliding_window import Permit

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
RESTING_SECONDS = 5.0
# The target rate without an overall limit, in messages per second. It is reached nowhere, because
# claims take time too; with a lower one, few messages are claimed together, and each is a commit.
FASTEST = 4000.0
MAX_IN_FLIGHT = 32
# With an overall limit, this many may be in flight even if answers are fast.
MIN_IN_FLIGHT = 6
# A message that takes longer than this, or than a few others, no longer delays the next ones.
SLOW_SECONDS = 0.25
SLOW_TIMES = 4
# After this time without an answer, the next message waits for one, if necessary to `getMe`.
QUIET_SECONDS = 0.5
# The most messages in flight, including slow ones.
MAX_CALLS = 48
# The most seconds by which a claim begins before a message may leave.
MAX_CLAIM = 0.1
# A message that was marked as leaving longer ago than this is not sent: the process was suspended,
# and another one may be the leader. Well below `SILENT_SECONDS` of `app.database.locks`.
FENCE_SECONDS = 3.0
# How long a stopping process waits for answers to messages in flight.
STOP_SECONDS = 5.0


class Sender:
    """Sends messages from the outbox; only one runs at a time, on the leader."""

    def __init__(
        self, pool: Pool, api: BotApi, limits: Limits, breaker: Breaker | None = None
    ) -> None:
        self._pool = pool
        self._api = api
        self._limits = limits
        self._breaker = breaker or Breaker()
        self._claimant = Claimant(secrets.token_hex(8))
        self._claiming: list[asyncio.Task[int]] = []
        # Claimed, but not leaving yet.
        self._claimed: set[int] = set()
        # The request has begun and the outcome is not recorded yet.
        self._unrecorded: set[int] = set()
        self._in_flight: dict[asyncio.Task[None], QueuedMessage] = {}
        self._left_at: dict[asyncio.Task[None], float] = {}
        self._answered_at = 0.0
        self._asking: asyncio.Task[bool] | None = None
        # From leaving until the outcome is committed.
        self._latency = MovingAverage()
        self._claim_time = MovingAverage()
        self._leave_time = MovingAverage()
        self._wake = asyncio.Event()
        self._pace = IdleInterval(IDLE_SECONDS, RESTING_SECONDS)
        # Set when a message may not have been accepted.
        self.troubled = Signal()
        self._stopping = asyncio.Event()
        self._records = SendResults(pool)
        self._leads = False
        self.capabilities = Capabilities()
        self.drafts = Drafts(api, limits, self._breaker, self.capabilities, lambda: self._leads)

    def wake(self) -> None:
        """Signal that a message was added to the outbox."""
        self._wake.set()

    async def run(self, lead_pid: int | None = None) -> None:
        """Send until cancelled, then wait briefly for answers to messages in flight. `lead_pid` is
        the backend that holds the leader's lock; see `Claimant`.
        """
        self._stopping.clear()
        self._claimant = Claimant(self._claimant.token, lead_pid)
        try:
            await self._take_over()
            self._leads = True
            while True:
                await self._send_next()
        finally:
            self._leads = False
            # Claimed messages that have not left are released.
            self._stopping.set()
            if self._asking is not None:
                self._asking.cancel()
            await self.finish()

    async def finish(self) -> None:
        """Wait briefly for answers to messages in flight, and for PostgreSQL to record them.

        Call it also when nothing is running: `run` may have ended because PostgreSQL is
        unavailable, or may be cancelled twice.
        """
        for at_work in self._claiming, self._in_flight:
            if at_work:
                await asyncio.wait(at_work, timeout=STOP_SECONDS)

    async def _take_over(self) -> None:
        """Decide about messages that the last sender left in doubt; its recent ones still count."""
        async with self._pool.acquire() as connection, connection.transaction():
            since = await connection.fetchval(
                "SELECT now() - make_interval(secs => $1)", MIN_RESTORE_SECONDS
            )
            self._claimant = replace(self._claimant, since=since)
            lately_sent = await claims.recently_sent(connection, MINUTE)
            at_work = [message.id for message in self._in_flight.values()]
            count = await doubt.take_over(connection, self._claimant, at_work, self._unrecorded)
        now = monotonic()
        for chat_id, seconds_ago in lately_sent:
            self._limits.restore(chat_id, now - seconds_ago)
        if count:
            log.warning("%d messages were being sent when the last sender ended", count)
            self.troubled.set()

    async def _send_next(self) -> None:
        self._wake.clear()
        # When messages that are claimed now can leave.
        then = monotonic() + self._claim_time.upper_estimate + self._leave_time.upper_estimate
        ready_in, free = (
            max(self._limits.ready_in(then), self._breaker.ready_in(then)),
            self._free(),
        )
        if ready_in > 0 or free < 1:
            await self._pause(ready_in or SLOW_SECONDS / 2)
            return
        if self._breaker.is_open and not await self._answers():
            return
        # Usually one, so that more urgent messages can leave before the next.
        together = 1 if self._breaker.is_open else self._limits.batch_size(then, free)
        tries = self._breaker.is_open
        claiming = asyncio.create_task(self._claim(together))
        claiming.add_done_callback(_log_error)
        self._claiming = [claiming]
        if not await asyncio.shield(claiming):
            if tries:
                self._breaker.record_empty_queue()
            await self._pause(self._limits.next_chat_in(monotonic()))

    async def _answers(self) -> bool:
        """Whether Telegram answers a call that changes nothing."""
        self._breaker.record_send()
        outcome = await self._api.call("getMe", {})
        if isinstance(outcome, NotAccepted | InDoubt):
            self._breaker.record_outcome(outcome, monotonic())
            return False
        self._answered_at = monotonic()
        self._breaker.record_reachable()
        self._wake.set()
        return True

    async def _pause(self, seconds: float) -> None:
        """Wait for `seconds`, or until a message is added or answered."""
        try:
            async with asyncio.timeout(max(0.001, min(self._pace.seconds, seconds))):
                await self._wake.wait()
                self._pace.busy()
        except TimeoutError:
            pass

    async def _claim(self, limit: int) -> int:
        """Claim the next messages and start sending them. Returns their number."""
        began, claimant = monotonic(), self._claimant
        async with self._pool.acquire() as connection:
            messages = await claims.claim(
                connection,
                claimant,
                limit,
                busy_chats=self._busy_chats(began),
                excluded=self._unrecorded,
            )
        self._claim_time.add(min(monotonic() - began, MAX_CLAIM))
        self._claimed = {message.id for message in messages}
        sent = 0
        while messages:
            if not await self._until_ready(self._leave_time.upper_estimate):
                break
            if self._breaker.ready_in(monotonic()) > 0:
                break  # the sender has stopped meanwhile
            now = monotonic()
            together = self._limits.batch_size(now + self._leave_time.upper_estimate, len(messages))
            sent += await self._leave(claimant, messages[:together])
            messages = messages[together:]
        if self._claimed:  # the sender is stopping, or another process has them
            async with self._pool.acquire() as connection:
                await claims.give_back(connection, claimant, self._claimed)
            self._claimed.clear()
        return sent

    def _busy_chats(self, now: float) -> list[int]:
        in_flight = (message.chat_id for message in self._in_flight.values())
        return [*self._limits.busy_chats(now), *in_flight]

    async def _leave(self, claimant: Claimant, messages: Sequence[QueuedMessage]) -> int:
        """Commit that these are leaving, and send them. Returns their number."""
        began, leave_before = monotonic(), uptime() + FENCE_SECONDS
        async with self._pool.acquire() as connection:
            leaving = await claims.leave(connection, claimant, messages)
        self._leave_time.add(min(monotonic() - began, MAX_CLAIM))
        for sent, message in enumerate(leaving):
            if self._breaker.ready_in(monotonic()) > 0:
                return sent
            if not await self._until_ready():
                return sent
            now = monotonic()
            self._breaker.record_send()
            permit = None
            if message.chat_id != NO_CHAT:
                permit = self._limits.acquire(message.chat_id, now)
            self._claimed.discard(message.id)
            self._unrecorded.add(message.id)
            sending = self._send(message, permit, leave_before)
            task = asyncio.create_task(sending, name=f"send {message.id}")
            self._in_flight[task] = message
            self._left_at[task] = now
            task.add_done_callback(self._done)
        return len(leaving)

    async def _until_ready(self, early: float = 0.0) -> bool:
        """Wait until `early` seconds before a message may leave; False when stopping."""
        while (ready_in := self._limits.ready_in(monotonic() + early)) > 0:
            try:
                async with asyncio.timeout(min(IDLE_SECONDS, ready_in)):
                    await self._stopping.wait()
            except TimeoutError:
                continue
            return False
        return True

    def _free(self) -> int:
        """How many messages may join those in flight; slow ones hardly count.

        Every message in flight is in doubt if the process is killed, so there are only as many as
        the rate requires at the current latency.
        """
        rate = self._limits.overall_rate
        most = math.ceil(self._latency.seconds * (2 * rate or FASTEST))
        most = max(MIN_IN_FLIGHT if rate else 1, min(MAX_IN_FLIGHT, most))
        slow_before = monotonic() - max(SLOW_SECONDS, SLOW_TIMES * self._latency.seconds)
        lively = sum(left_at > slow_before for left_at in self._left_at.values())
        free = min(most - lively, MAX_CALLS - len(self._in_flight))
        if self._is_silent():
            # While nothing is answered, no more messages are put in doubt.
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._answers(), name="ask Telegram")
            return 0
        # A claim is a commit: with many in flight, the next ones are claimed together.
        return free if rate or free > most // 2 else 0

    def _is_silent(self) -> bool:
        """Whether messages are in flight and none was answered for a while."""
        if len(self._in_flight) < MIN_IN_FLIGHT:
            return False
        since = max(self._answered_at, min(self._left_at.values()))
        return monotonic() - since > QUIET_SECONDS

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task], self._left_at[task]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("The outcome of a message could not be processed", exc_info=error)

    async def _send(
        self, message: QueuedMessage, permit: Permit | None, leave_before: float
    ) -> None:
        started = monotonic()
        outcome = await self._api.call(
            message.method, message.parameters, leave_before=leave_before
        )
        self._adapt(outcome, permit, started)
        self.capabilities.learn(message.method, outcome)
        if await self._records.add(message, outcome):
            self._unrecorded.discard(message.id)
        if not isinstance(outcome, Accepted | TooManyRequests):
            self.troubled.set()
        longest = SLOW_SECONDS + SLOW_TIMES * self._latency.seconds
        self._latency.add(min(monotonic() - started, longest))

    def _adapt(self, outcome: CallOutcome, permit: Permit | None, left_at: float) -> None:
        """Adapt the limits and the breaker to an outcome."""
        now = monotonic()
        self._breaker.record_outcome(outcome, now, left_at)
        if not isinstance(outcome, InDoubt):
            self._answered_at = now
        if permit is not None:
            self._limits.release(permit, now)
            self._wake.set()
        match outcome:
            case Accepted():
                self._limits.reached()
            case TooManyRequests(retry_after) if permit is not None:
                self._limits.refused(permit.chat_id, retry_after, now)
            case NotAccepted(ours=False):
                self._limits.unreachable(now)
            case _:
                pass


def _log_error(claiming: asyncio.Task[int]) -> None:
    """Retrieve a claim's error: it ends `run`, or came too late for it."""
    if not claiming.cancelled() and (error := claiming.exception()):
        log.debug("Nothing was claimed: %s", error)
