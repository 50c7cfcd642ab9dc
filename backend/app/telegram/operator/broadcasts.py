"""The operator's messages to all readers: drafted, confirmed, sent once to each, and counted.

A confirmed broadcast is enqueued in portions, so that digests that become due are sent in between.
The progress is committed with each portion, and each message has its own key, so neither a second
tap nor a crash sends a reader two messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.database.connection import Connection, Pool
from app.readers import store as readers
from app.telegram.send import outbox
from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage, Priority
from app.wording import FALLBACK, text

PORTION = 100
MAX_WAITING = 300
# How often the message with the progress is edited.
SHOWN_EVERY = timedelta(seconds=5)
# How long the operator is assumed to watch the progress.
NOTICED_FOR = timedelta(seconds=30)
# A draft can be confirmed while the operator remembers its content.
CONFIRMED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message to the readers of one language, or to all if that is None."""

    id: int
    html: str
    language: str | None
    state: str
    made_at: datetime
    confirmed_at: datetime | None
    after_chat_id: int | None
    enqueued: int
    message_id: int | None
    shown_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcomes of a broadcast's messages."""

    sent: int
    waiting: int
    uncertain: int
    failed: int


_COLUMNS = ", ".join(Broadcast.__dataclass_fields__)


async def draft(connection: Connection, html: str) -> int:
    """Store a draft. Returns its id."""
    broadcast_id: int = await connection.fetchval(
        "INSERT INTO broadcasts (html) VALUES ($1) RETURNING id", html
    )
    return broadcast_id


async def load(connection: Connection, broadcast_id: int) -> Broadcast | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM broadcasts WHERE id = $1 FOR UPDATE", broadcast_id
    )
    return None if row is None else Broadcast(**dict(row))


async def choose_language(connection: Connection, broadcast_id: int, language: str | None) -> None:
    """Restrict a draft to the readers of one language; None: all readers."""
    await connection.execute(
        "UPDATE broadcasts SET language = $2 WHERE id = $1 AND state = 'draft'",
        broadcast_id,
        language,
    )


async def confirm(connection: Connection, broadcast_id: int, message_id: int | None) -> bool:
    """Start sending a draft; `message_id` shows the progress. False: it was decided before."""
    confirmed = await connection.fetchval(
        """
        UPDATE broadcasts SET state = 'sending', confirmed_at = now(), message_id = $2
        WHERE id = $1 AND state = 'draft' AND made_at > now() - $3::interval
        RETURNING TRUE
        """,
        broadcast_id,
        message_id,
        CONFIRMED_WITHIN,
    )
    return bool(confirmed)


async def cancel(connection: Connection, broadcast_id: int) -> bool:
    """Cancel a draft. False: it was decided before."""
    cancelled = await connection.fetchval(
        """
        UPDATE broadcasts SET state = 'cancelled' WHERE id = $1 AND state = 'draft' RETURNING TRUE
        """,
        broadcast_id,
    )
    return bool(cancelled)


class Broadcasts:
    """Sends confirmed broadcasts; any number of instances may run."""

    def __init__(self, pool: Pool, admin_chat_id: int | None) -> None:
        self._pool = pool
        self._admin_chat_id = admin_chat_id

    async def step(self) -> int:
        """Enqueue a portion and show the progress. Returns the number of enqueued messages."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                f"""
                SELECT {_COLUMNS} FROM broadcasts WHERE state = 'sending'
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
                """
            )
            return 0 if row is None else await self._further(connection, Broadcast(**dict(row)))

    async def _further(self, connection: Connection, broadcast: Broadcast) -> int:
        now = datetime.now(UTC)
        enqueued = 0
        if await outbox.waiting_bulk(connection) < MAX_WAITING:
            enqueued = await _enqueue_portion(connection, broadcast)
        tally = await _tally(connection, broadcast)
        done = not enqueued and not tally.waiting and await _next(connection, broadcast) == []
        if done or broadcast.shown_at is None or now - broadcast.shown_at >= SHOWN_EVERY:
            await self._show(connection, broadcast, tally, done=done)
            await connection.execute(
                "UPDATE broadcasts SET shown_at = $2 WHERE id = $1", broadcast.id, now
            )
        if done:
            await connection.execute(
                "UPDATE broadcasts SET state = 'done' WHERE id = $1", broadcast.id
            )
        return enqueued

    async def _show(
        self, connection: Connection, broadcast: Broadcast, tally: Tally, *, done: bool
    ) -> None:
        """Edit the message with the progress. If the broadcast took long, its end is a new message,
        because an edit causes no notification.
        """
        admin = self._admin_chat_id
        if admin is None:
            return
        operator = (await readers.load(connection, [admin])).get(admin)
        words = text(
            "broadcast.done" if done else "broadcast.progress",
            operator.language if operator else FALLBACK,
            number=broadcast.id,
            sent=tally.sent,
            waiting=tally.waiting,
            failed=tally.failed,
            uncertain=tally.uncertain,
        )
        parameters = {"chat_id": admin, **text_message(words)}
        # One edit per count, so that two instances do not both show it.
        key = f"progress:{broadcast.id}:{tally.sent}:{tally.failed}:{tally.uncertain}:{done}"
        messages = []
        if broadcast.message_id is not None:
            edited = parameters | {"message_id": broadcast.message_id}
            messages.append(_to_operator(key, admin, "editMessageText", edited))
        lasted = datetime.now(UTC) - (broadcast.confirmed_at or broadcast.made_at)
        if done and (lasted > NOTICED_FOR or broadcast.message_id is None):
            messages.append(_to_operator(f"{key}:told", admin, "sendMessage", parameters))
        await outbox.drop_stale_edits(connection, messages)
        await outbox.enqueue(connection, messages)


def _to_operator(
    key: str, admin: int, method: str, parameters: outbox.Parameters
) -> OutgoingMessage:
    return OutgoingMessage(
        key=key, chat_id=admin, method=method, parameters=parameters, priority=Priority.ALERT
    )


async def _next(connection: Connection, broadcast: Broadcast) -> list[int]:
    return await readers.reachable(
        connection,
        language=broadcast.language,
        known_before=broadcast.confirmed_at,
        after_chat_id=broadcast.after_chat_id,
        limit=PORTION,
    )


async def _enqueue_portion(connection: Connection, broadcast: Broadcast) -> int:
    """Enqueue the messages of the next readers. Returns their number."""
    chat_ids = await _next(connection, broadcast)
    if not chat_ids:
        return 0
    message = text_message(broadcast.html)
    await outbox.enqueue(
        connection,
        [
            OutgoingMessage(
                key=f"broadcast:{broadcast.id}:{chat_id}",
                chat_id=chat_id,
                method="sendMessage",
                parameters={"chat_id": chat_id, **message},
                priority=Priority.BULK,
            )
            for chat_id in chat_ids
        ],
    )
    await connection.execute(
        "UPDATE broadcasts SET after_chat_id = $2, enqueued = enqueued + $3 WHERE id = $1",
        broadcast.id,
        chat_ids[-1],
        len(chat_ids),
    )
    return len(chat_ids)


async def _tally(connection: Connection, broadcast: Broadcast) -> Tally:
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state = 'sent'),
               count(*) FILTER (WHERE state IN ('pending', 'sending')),
               count(*) FILTER (WHERE state = 'uncertain'),
               count(*) FILTER (WHERE state = 'failed')
        FROM outbox WHERE created_at >= $1 AND key LIKE $2
        """,
        broadcast.confirmed_at,
        f"broadcast:{broadcast.id}:%",
    )
    return Tally(*(row or (0, 0, 0, 0)))
