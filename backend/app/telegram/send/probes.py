"""Resolves doubt: finds out whether a message without an answer exists at Telegram.

This module is optional: without it, or with DOUBT_PROBES=off, the rule of `app.telegram.send.doubt`
decides at once. It relies on behaviour that was read, not tried live; see `app.telegram.api.probe`.

The id of a message in doubt is above the greatest one known when it left, and below those that
Telegram assigned later. Only unknown ids in that range are probed: the likeliest ones at once, all
of them once the message must have arrived. A single message of the bot in that chat is the one in
doubt. If there is none, and Telegram has assigned a later id, it never arrived. Everything else is
left to the rule.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from time import monotonic

from app.concurrency import IdleInterval, Signal
from app.database.connection import OUTAGES, Pool
from app.database.leases import is_free
from app.telegram.api.client import BotApi
from app.telegram.api.probe import ProbeAnswer, ProbesRefusedError, probe
from app.telegram.send import message_ids, transitions
from app.telegram.send.breaker import Breaker
from app.telegram.send.claims import MAX_DOUBTS_IN_ORDER
from app.telegram.send.limits import Limits
from app.telegram.send.message_ids import (
    AHEAD,
    MAX_CANDIDATES,
    MAX_UNKNOWN,
    MIN_LATER_SECONDS,
    SETTLING_SECONDS,
    Candidates,
    ControlIds,
    Doubt,
)
from app.telegram.send.outbox import EPHEMERAL

log = logging.getLogger(__name__)

# How long the later messages of a chat wait for a verdict, counted from the start of the leader and
# without time in which nothing is sent at all; then the rule decides.
MAX_WAIT_SECONDS = 60.0
# The interval between two probes in one chat, and between any two.
CHAT_SECONDS, OVERALL_SECONDS = 1.0, 0.5
STEP_SECONDS = 0.5
# How long messages are looked for after their first doubt.
DOUBT_SECONDS = 3600.0
RESTING_SECONDS = 10.0
# How many likely ids of each message are probed first, and how long the others wait for that.
MAX_GUESSES, MAX_TURN_SECONDS = 3, 20.0
# How many messages are decided at a time, in the order in which they left. Each chat's limit leaves
# room for a second one.
MAX_DECIDED_TOGETHER = 2
BUSY_SECONDS = 0.05


class Verdict(Enum):
    ABSENT = "absent"
    UNDECIDED = "undecided"
    NOT_YET = "not yet"


class _NotYetError(Exception):
    """Sending has stopped, or too many ids are unknown for now."""


class DoubtProbes:
    """Probes messages in doubt; runs on the leader, concurrently with the sender."""

    def __init__(
        self,
        pool: Pool,
        api: BotApi,
        limits: Limits,
        breaker: Breaker,
        admin_chat_id: int | None,
    ) -> None:
        self._pool = pool
        self._api = api
        self._limits = limits
        self._breaker = breaker
        # The host's plays send messages to this chat with the same token, which are unknown here.
        self._admin_chat_id = admin_chat_id
        self._at_work: set[tuple[int, int]] = set()
        # Messages with a verdict, and when they had it: the sender may not have repeated them yet.
        self._decided: dict[tuple[int, int], float] = {}
        # Messages that were in doubt: the sequence of their ids, and the id → the row.
        self._found: dict[tuple[int, int], int] = {}
        # When the messages left whose likeliest ids have not been probed yet.
        self._guessing: dict[int, datetime] = {}
        self._guess_turn = asyncio.Lock()
        self._turn = asyncio.Semaphore(MAX_DECIDED_TOGETHER)
        # Those that were not found as far as they could be probed, before and after they must have
        # arrived.
        self._missed: set[tuple[int, int, bool]] = set()
        # The number of unknown ids of messages for which there were too many to probe.
        self._excess: dict[tuple[int, int], int] = {}
        self._next_probe_at = 0.0
        self._next_in_chat: dict[int, float] = {}
        self._refused_until = 0.0
        # When sending was last stopped, or this leader started, and when it was last seen stopped.
        self._stopped: tuple[float, float] | None = None

    async def run(self, troubled: Signal, wake_sender: Callable[[], None]) -> None:
        """Resolve doubts until cancelled; look often for a minute after each `troubled`."""
        # A process that is killed again and again has no time for verdicts.
        self._stopped = monotonic() - DOUBT_SECONDS, monotonic()
        pace = IdleInterval(STEP_SECONDS, RESTING_SECONDS)
        async with asyncio.TaskGroup() as group:
            while True:
                seen = troubled.count
                for doubt in await self.hold():
                    if (doubt.id, doubt.attempts) not in self._at_work | self._decided.keys():
                        group.create_task(self._resolve_and_wake(doubt, wake_sender))
                if self._at_work or self._breaker.is_open:
                    pace.busy()
                if await troubled.wait(seen, pace.seconds):
                    pace.busy()

    async def _resolve_and_wake(self, doubt: Doubt, wake_sender: Callable[[], None]) -> None:
        if await self.resolve(doubt):
            wake_sender()

    async def hold(self) -> list[Doubt]:
        """Hold messages in doubt until the rule applies. Returns them, the oldest first."""
        away, back = self._pause_of_sending(monotonic())
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                f"""
                UPDATE outbox
                SET due_at = greatest(sending_at, now() - make_interval(secs => $4))
                             + make_interval(secs => {MAX_WAIT_SECONDS})
                WHERE state = 'pending'
                  AND doubt_since > now() - make_interval(secs => {DOUBT_SECONDS})
                  AND doubts BETWEEN 1 AND {MAX_DOUBTS_IN_ORDER} AND known_message_id IS NOT NULL
                  AND sending_at > now() - make_interval(secs => {MAX_WAIT_SECONDS} + $5)
                  AND sending_at <= now()  -- otherwise the clock was ahead when it left
                  AND chat_id <> 0 AND chat_id IS DISTINCT FROM $1::bigint
                  AND method <> 'sendDocument'  -- an upload may take this long
                  AND parameters #> '{{reply_markup,force_reply}}' IS NULL
                  AND NOT parameters ? '{EPHEMERAL}'  -- such a message has no id to be probed
                  AND {is_free()}
                  AND (id, attempts) NOT IN (SELECT * FROM unnest($2::bigint[], $3::int[]))
                RETURNING id, chat_id, attempts, known_message_id, sending_at, {AHEAD}
                """,
                self._admin_chat_id,
                [row_id for row_id, _ in self._decided],
                [attempts for _, attempts in self._decided],
                back,
                away,
            )
        if not rows:
            self._decided = {
                key: at for key, at in self._decided.items() if monotonic() - at < DOUBT_SECONDS
            }
            self._found.clear()
            self._missed.clear()
            self._excess.clear()
            self._next_in_chat.clear()
        return sorted((Doubt(*row) for row in rows), key=lambda doubt: doubt.left_at)

    def _pause_of_sending(self, now: float) -> tuple[float, float]:
        """How long nothing was sent, until now or recently, and how long ago that ended."""
        began, seen = self._stopped or (now, -MAX_WAIT_SECONDS)
        if self._breaker.is_open:
            began = began if now - seen < MAX_WAIT_SECONDS else now
            self._stopped = began, now
            return now - began, 0.0
        recent = self._stopped is not None and now - seen < MAX_WAIT_SECONDS
        return (now - began, now - seen) if recent else (0.0, MAX_WAIT_SECONDS)

    async def resolve(self, doubt: Doubt) -> bool:
        """Decide about a message, if possible now. Returns whether there is a verdict."""
        key = doubt.id, doubt.attempts
        self._at_work.add(key)
        self._guessing[doubt.id] = doubt.left_at
        try:
            verdict = await self._verdict(doubt)
            if verdict is Verdict.ABSENT:  # probed once more, just before it is repeated
                verdict = await self._verdict(doubt)
        except _NotYetError:
            verdict = Verdict.NOT_YET
        except ProbesRefusedError:
            verdict = Verdict.UNDECIDED
        except OUTAGES:
            raise
        except Exception:
            log.exception("Message %d in doubt cannot be looked for", doubt.id)
            verdict = Verdict.UNDECIDED
        finally:
            self._at_work.discard(key)
            self._guessing.pop(doubt.id, None)
        if verdict is Verdict.NOT_YET:
            return False
        self._decided[key] = monotonic()
        log.info("Message %d in doubt: %s", doubt.id, verdict)
        async with self._pool.acquire() as connection, connection.transaction():
            if isinstance(verdict, int):
                await transitions.mark_sent(connection, {doubt.id: verdict})
            else:
                await connection.execute(
                    """
                    UPDATE outbox SET due_at = now()
                    WHERE id = $1 AND attempts = $2 AND state = 'pending'
                    """,
                    *key,
                )
        return True

    async def _verdict(self, doubt: Doubt) -> Verdict | int:
        """The id of the message, if it exists."""
        if self._breaker.is_open:
            return Verdict.NOT_YET
        async with self._pool.acquire() as connection:
            if await message_ids.has_other_doubts(connection, doubt):
                return Verdict.UNDECIDED
            candidates = await message_ids.candidates(connection, doubt)
            if candidates is None:
                return Verdict.NOT_YET
            shown = await message_ids.confirmed_own_ids(connection, doubt)
            controls = await message_ids.control_ids(connection, doubt)
        look = doubt.id, doubt.attempts, candidates.settled
        ours = [one for one in candidates.ids if one in shown]
        if not ours and candidates.ids:
            if not candidates.complete and look in self._missed:
                return Verdict.NOT_YET
            most = MAX_CANDIDATES if doubt.scope else MAX_UNKNOWN
            # People's messages may become known later: after an outage, polling resumes after
            # sending.
            if len(candidates.ids) >= self._excess.get(look[:2], most + 1):
                return Verdict.NOT_YET
            asked = None
            if controls is not None:
                asked = await self._own_messages(doubt, controls, candidates)
            if asked is None and candidates.settled:
                return Verdict.UNDECIDED
            ours = asked or []
        if not ours and not candidates.complete:
            self._missed.add(look)
            return Verdict.NOT_YET
        if len(ours) > doubt.attempts:
            return Verdict.UNDECIDED
        return ours[0] if ours else Verdict.ABSENT

    async def _own_messages(
        self, doubt: Doubt, controls: ControlIds, candidates: Candidates
    ) -> list[int] | None:
        """The candidates that are messages of the bot; None if an answer is unreliable."""
        # Ids are assigned in the order of arrival, which is mostly that of leaving. An id found for
        # one message need not be probed for the others, so all probe their likeliest ids first.
        answers = await self._guess(doubt, candidates)
        is_found = ProbeAnswer.OURS in answers.values()
        if not candidates.settled and not is_found:
            return []
        span = MIN_LATER_SECONDS if is_found else SETTLING_SECONDS
        patience = monotonic() + MAX_TURN_SECONDS
        while self._is_guessed_near(doubt, span) and monotonic() < patience:  # noqa: ASYNC110 - or until then
            await asyncio.sleep(BUSY_SECONDS)
        async with self._turn:
            if await self._ask(*controls.own) is not ProbeAnswer.OURS:
                return None
            if await self._ask(doubt.chat_id, controls.elsewhere) is not ProbeAnswer.NONE:
                return None
            left = [
                one
                for one in candidates.ids
                if one not in answers and not (is_found and one > candidates.likely_end)
            ]
            unknown = sum((doubt.scope, one) not in self._found for one in left)
            if unknown + len(answers) > MAX_CANDIDATES:
                self._excess[doubt.id, doubt.attempts] = len(candidates.ids)
                raise _NotYetError
            for one in left:
                if one > candidates.likely_end and ProbeAnswer.OURS in answers.values():
                    break
                answers[one] = await self._whose(doubt, one)
        if ProbeAnswer.UNCLEAR in answers.values():
            return None
        return [one for one, answer in answers.items() if answer is ProbeAnswer.OURS]

    def _is_guessed_near(self, doubt: Doubt, span: float) -> bool:
        """Whether likeliest ids are still probed for messages that left within `span` seconds."""
        return any(abs(at - doubt.left_at).total_seconds() < span for at in self._guessing.values())

    async def _guess(self, doubt: Doubt, candidates: Candidates) -> dict[int, ProbeAnswer]:
        """Probe the likeliest ids until the message is found."""
        answers: dict[int, ProbeAnswer] = {}
        ids = candidates.ids
        async with self._guess_turn:
            for one in sorted(ids, key=lambda one: abs(ids.index(one) - doubt.ahead))[:MAX_GUESSES]:
                if ProbeAnswer.OURS not in answers.values():
                    answers[one] = await self._whose(doubt, one)
        self._guessing.pop(doubt.id, None)
        return answers

    async def _whose(self, doubt: Doubt, message_id: int) -> ProbeAnswer:
        """Probe one candidate, unless another call has found its owner."""
        place = doubt.scope, message_id
        if (owner := self._found.get(place)) is not None:
            return ProbeAnswer.OURS if owner == doubt.id else ProbeAnswer.NONE
        answer = await self._ask(doubt.chat_id, message_id)
        if answer is ProbeAnswer.OURS:
            self._found[place] = doubt.id
        return answer

    async def _ask(self, chat_id: int, message_id: int) -> ProbeAnswer:
        """Probe one id, within the limits.

        Raises:
            ProbesRefusedError: Telegram asks for a pause.
        """
        while (waits := self._ready_in(chat_id)) > 0:  # noqa: ASYNC110 - limits send no events
            await asyncio.sleep(waits)
        self._next_probe_at = monotonic() + OVERALL_SECONDS
        self._next_in_chat[chat_id] = monotonic() + CHAT_SECONDS
        if self._breaker.is_open:
            raise _NotYetError
        if monotonic() < self._refused_until:
            raise ProbesRefusedError(self._refused_until - monotonic())
        try:
            return await self._probe(chat_id, message_id)
        except ProbesRefusedError as error:
            self._refused_until = monotonic() + error.retry_after
            self._limits.refused(chat_id, error.retry_after, monotonic())
            raise

    async def _probe(self, chat_id: int, message_id: int) -> ProbeAnswer:
        permit = self._limits.acquire(chat_id, monotonic())
        self._limits.reserve(0.0)
        try:
            return await probe(self._api, chat_id, message_id)
        finally:
            self._limits.release(permit, monotonic())

    def _ready_in(self, chat_id: int) -> float:
        """Seconds until the next check for a probe in this chat; 0 if it may leave now."""
        now = monotonic()
        at = max(self._next_probe_at, self._next_in_chat.get(chat_id, 0.0))
        if at > now:
            return at - now
        if chat_id in self._limits.busy_chats(now):
            return BUSY_SECONDS
        if self._limits.ready_in(now, reserved=True) > 0:
            # The sender uses every place that becomes free, except this one.
            self._limits.reserve(now + 2 * BUSY_SECONDS)
            return BUSY_SECONDS
        return 0.0
