"""Records the outcomes of messages, several in one commit, which costs more than a row.

A message stays in flight until its outcome is committed. Outcomes that arrive during a commit wait
for the next one. A busy sender therefore commits often enough to keep few messages in doubt, and
seldom enough to keep up.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from app.database.connection import OUTAGES, Connection, Pool
from app.readers import store as readers
from app.telegram.api.outcomes import (
    Accepted,
    CallOutcome,
    ChatGone,
    ChatRefuses,
    InDoubt,
    Migrated,
    NotAccepted,
    Refused,
    TooManyRequests,
    Unparsable,
)
from app.telegram.api.updates import NO_CHAT
from app.telegram.send import doubt, outbox, transitions
from app.telegram.send.apology import apology_for_refused
from app.telegram.send.claims import QueuedMessage
from app.telegram.send.outbox import Priority
from app.telegram.send.simplification import simplified

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
MAX_PAUSE = 5.0
MAX_RETRY = 15.0
End = tuple[QueuedMessage, CallOutcome]


class SendResults:
    """Commits the outcomes of messages, and waits for PostgreSQL if necessary."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._ends: list[End] = []
        self._written = asyncio.Event()
        self._writing = asyncio.Lock()
        self._unwritable: set[int] = set()

    async def add(self, message: QueuedMessage, outcome: CallOutcome) -> bool:
        """Return when the outcome of `message` is committed; False if it cannot be."""
        self._ends.append((message, outcome))
        written = self._written
        async with self._writing:
            if not written.is_set():
                await self._write_all()
        return message.id not in self._unwritable

    async def _write_all(self) -> None:
        ends, written = self._ends, self._written
        self._ends, self._written = [], asyncio.Event()
        try:
            await self._write_persistently(ends)
        except Exception:
            log.exception(
                "%d outcomes could not be recorded together; recording each alone", len(ends)
            )
            for end in ends:
                await self._write_alone(end)
        written.set()

    async def _write_alone(self, end: End) -> None:
        message, outcome = end
        try:
            await self._write_persistently([end])
        except Exception:
            # It stays `sending`, and the next leader decides about it.
            self._unwritable.add(message.id)
            log.exception(
                "The outcome of message %d (%s) could not be recorded", message.id, outcome
            )

    async def _write_persistently(self, ends: list[End]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await _write(connection, ends)
            except OUTAGES as error:
                if pause == FIRST_PAUSE:
                    log.warning("%d sent messages cannot be recorded yet: %s", len(ends), error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_PAUSE)
            else:
                return


async def _write(connection: Connection, ends: list[End]) -> None:
    taken = {
        message.id: outcome.message_id for message, outcome in ends if isinstance(outcome, Accepted)
    }
    # A reply does not end a refusal: the update that asked for it has ended it already.
    tried = [
        message.chat_id
        for message, outcome in ends
        if isinstance(outcome, Accepted) and message.priority == Priority.BULK
    ]
    if len(taken) == len(ends):
        # The usual case needs no transaction: that a chat accepts messages stays true without it.
        if tried:
            await readers.end_refusal(connection, tried)
        await transitions.mark_sent(connection, taken)
        return
    async with connection.transaction():
        await transitions.mark_sent(connection, taken)
        await readers.end_refusal(connection, tried)
        for message, outcome in ends:
            await _write_trouble(connection, message, outcome)


async def _write_trouble(
    connection: Connection, message: QueuedMessage, outcome: CallOutcome
) -> None:
    if isinstance(outcome, Refused | Unparsable) and await transitions.fall_back(
        connection, message, str(outcome)
    ):
        log.info("Message %d is replaced by its fallback: %s", message.id, outcome)
        return
    plainer = simplified(message.parameters, outcome)
    if plainer is not None:
        log.warning("Message %d is sent again in a simpler form: %s", message.id, outcome)
        await transitions.simplify(connection, message, plainer, str(outcome))
        return
    match outcome:
        case Accepted():
            pass
        case TooManyRequests(retry_after):
            await transitions.retry_later(connection, message, retry_after, "429 Too Many Requests")
        case NotAccepted(error):
            delay = min(MAX_RETRY, 0.5 * 2**message.attempts)
            await transitions.retry_later(connection, message, delay, error)
        case InDoubt(error):
            await doubt.mark_in_doubt(connection, message, error)
        case Migrated(chat_id):
            await readers.move_chat(connection, message.chat_id, chat_id)
            await outbox.move_chat(connection, message.chat_id, chat_id)
            await transitions.retry_later(connection, message, 0, "the group has a new id")
        case ChatGone(error) if message.chat_id != NO_CHAT:
            await transitions.mark_failed(connection, message, error)
            await transitions.drop_for_chat(connection, message.chat_id, error)
            await readers.mark_unreachable(connection, message.chat_id, error)
        case ChatRefuses(error) if message.chat_id != NO_CHAT:
            log.warning("Chat %d refuses messages for now: %s", message.chat_id, error)
            await transitions.mark_failed(connection, message, error)
            await transitions.drop_for_chat(connection, message.chat_id, error)
            await readers.mark_refusing(connection, message.chat_id, error)
        case Refused(error) | Unparsable(error) | ChatRefuses(error) | ChatGone(error):
            # After an outage, answers to tapped buttons are often too late.
            level = logging.INFO if message.chat_id == NO_CHAT else logging.ERROR
            log.log(level, "Message %d (%s) was refused: %s", message.id, message.method, error)
            await transitions.mark_failed(connection, message, error)
            reader = (await readers.load(connection, [message.chat_id])).get(message.chat_id)
            sorry = apology_for_refused(message, error, reader, datetime.now(UTC))
            await outbox.enqueue(connection, sorry)
