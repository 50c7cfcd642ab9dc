"""Writing down how each sending ended: several at a time, because a commit costs more than a row.

A message stays in flight until its end is committed. While one commit is on its way, the ends that
come in meanwhile wait for the next one, so a busy sender commits often enough to keep few in doubt
and seldom enough to keep up.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime

from app.database.connection import OUTAGES, Connection, Pool
from app.readers import store as readers
from app.telegram import outbox, outbox_claims
from app.telegram.apology import apology_for_refused
from app.telegram.bot_api import (
    ChatGone,
    InDoubt,
    Migrated,
    NotTaken,
    Outcome,
    Refused,
    Taken,
    TooMany,
    Unparsable,
)
from app.telegram.outbox import NO_CHAT, Parameters
from app.telegram.outbox_claims import QueuedMessage
from app.telegram.plain_text import without_entities

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
LONGEST_RETRY = 15.0
_NO_TOPIC = re.compile(r"thread not found|TOPIC_(?:CLOSED|DELETED)", re.IGNORECASE)
End = tuple[QueuedMessage, Outcome]


class Records:
    """Commits the ends of messages, however long PostgreSQL takes to come back."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._ends: list[End] = []
        self._written = asyncio.Event()
        self._writing = asyncio.Lock()

    async def add(self, message: QueuedMessage, outcome: Outcome) -> None:
        """Return when the end of `message` is committed."""
        self._ends.append((message, outcome))
        written = self._written
        async with self._writing:
            if not written.is_set():
                await self._write_all()

    async def _write_all(self) -> None:
        ends, written = self._ends, self._written
        self._ends, self._written = [], asyncio.Event()
        try:
            await self._write_persistently(ends)
        except Exception:
            log.exception("%d ends cannot be recorded together; one by one", len(ends))
            for end in ends:
                await self._write_alone(end)
        written.set()

    async def _write_alone(self, end: End) -> None:
        message, outcome = end
        try:
            await self._write_persistently([end])
        except Exception:
            # It stays `sending`, and the next leader decides about it.
            log.exception("The end of message %d (%s) is not recorded", message.id, outcome)

    async def _write_persistently(self, ends: list[End]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await _write(connection, ends)
            except OUTAGES as error:
                if pause == FIRST_PAUSE:
                    log.warning("%d sent messages cannot be recorded yet: %s", len(ends), error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return


async def _write(connection: Connection, ends: list[End]) -> None:
    taken = {
        message.id: outcome.message_id for message, outcome in ends if isinstance(outcome, Taken)
    }
    if taken:
        await outbox_claims.mark_sent(connection, taken)
    for message, outcome in ends:
        await _write_trouble(connection, message, outcome)


async def _write_trouble(connection: Connection, message: QueuedMessage, outcome: Outcome) -> None:
    simpler = _simpler(message.parameters, outcome)
    if simpler is not None:
        log.warning("Message %d is sent in a simpler way: %s", message.id, outcome)
        await outbox_claims.simplify(connection, message, simpler, str(outcome))
        return
    match outcome:
        case Taken():
            pass
        case TooMany(retry_after):
            await outbox_claims.retry_later(
                connection, message, retry_after, "429 Too Many Requests"
            )
        case NotTaken(error):
            delay = min(LONGEST_RETRY, 0.5 * 2**message.attempts)
            await outbox_claims.retry_later(connection, message, delay, error)
        case InDoubt(error):
            await outbox_claims.mark_in_doubt(connection, message, error)
        case Migrated(chat_id):
            await readers.move_chat(connection, message.chat_id, chat_id)
            await outbox.move_chat(connection, message.chat_id, chat_id)
            await outbox_claims.retry_later(connection, message, 0, "the group has a new id")
        case ChatGone(error) if message.chat_id != NO_CHAT:
            await outbox_claims.mark_failed(connection, message, error)
            await outbox_claims.drop_for_chat(connection, message.chat_id, error)
            await readers.mark_unreachable(connection, message.chat_id, error)
        case Refused(error) | Unparsable(error) | ChatGone(error):
            # That a button's press is too old to be answered is usual after an outage.
            level = logging.INFO if message.chat_id == NO_CHAT else logging.ERROR
            log.log(level, "Message %d (%s) was refused: %s", message.id, message.method, error)
            await outbox_claims.mark_failed(connection, message, error)
            reader = (await readers.load(connection, [message.chat_id])).get(message.chat_id)
            sorry = apology_for_refused(message, error, reader, datetime.now(UTC))
            await outbox.enqueue(connection, sorry)


def _simpler(parameters: Parameters, outcome: Outcome) -> Parameters | None:
    """What Telegram may take after all: without formatting that it cannot parse, or in the chat
    itself when the topic is no more.
    """
    match outcome:
        case Unparsable() if "parse_mode" in parameters:
            return without_entities(parameters)
        case Refused(error) if "message_thread_id" in parameters and _NO_TOPIC.search(error):
            return {
                name: value
                for name, value in parameters.items()
                if name not in ("message_thread_id", "reply_parameters")
            }
        case _:
            return None
