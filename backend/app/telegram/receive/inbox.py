"""The inbox: every update is stored before it is confirmed to Telegram, and handled from there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection
from app.telegram.api.updates import BIGINT, NO_CHAT, RawUpdate

# The delays before further attempts; after the last one the update becomes a dead letter.
RETRY_DELAYS = (timedelta(seconds=1), timedelta(seconds=5))

MIN_CHAT, MAX_CHAT = BIGINT[0], BIGINT[-1]
# SQL for a postponed time, which is always after the update's arrival, even if the clock was set.
_IN = "greatest(now(), received_at) + {}::interval"


@dataclass(frozen=True, slots=True)
class ClaimedUpdate:
    """An update whose row is locked by the transaction that claimed it."""

    update_id: int
    chat_id: int
    payload: RawUpdate
    attempts: int
    # Whether maintenance has held it: it was admitted, and a tap was answered, on its arrival.
    held: bool = False


def is_storable(update: object) -> bool:
    """Whether `update` has an id; the handler judges everything else."""
    return (
        isinstance(update, dict)
        and isinstance(update.get("update_id"), int)
        and update["update_id"] in BIGINT
    )


def chat_of(update: RawUpdate) -> int:
    """The chat that defines the order of `update`; `NO_CHAT` if it has none or is malformed."""
    for value in update.values():
        if not isinstance(value, dict):
            continue
        message = value.get("message") if "chat" not in value else value
        if isinstance(message, dict):
            chat = message.get("chat")
            chat_id = chat.get("id") if isinstance(chat, dict) else None
            if isinstance(chat_id, int) and MIN_CHAT < chat_id <= MAX_CHAT:
                return chat_id
    return NO_CHAT


async def store(connection: Connection, updates: list[RawUpdate]) -> int:
    """Store a batch; known updates are unchanged. Returns the number of new ones."""
    inserted = await connection.fetch(
        """
        INSERT INTO inbox (update_id, chat_id, payload)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::jsonb[])
        ON CONFLICT (update_id) DO NOTHING
        RETURNING 1
        """,
        [update["update_id"] for update in updates],
        [chat_of(update) for update in updates],
        updates,
    )
    return len(inserted)


async def has_pending(connection: Connection) -> bool:
    """Whether any update is pending, due or not."""
    # The order makes the planner use ix_inbox_pending, whatever it expects.
    first: int | None = await connection.fetchval(
        "SELECT update_id FROM inbox WHERE state = 'pending' ORDER BY chat_id, update_id LIMIT 1"
    )
    return first is not None


async def park(connection: Connection, update_id: int, content: str, error: str) -> None:
    """Store an unreadable update as a dead letter, with as much of its content as possible."""
    await connection.execute(
        """
        INSERT INTO inbox (update_id, chat_id, payload, state, error)
        VALUES ($1, $2, $3, 'parked', $4)
        ON CONFLICT (update_id) DO NOTHING
        """,
        update_id,
        NO_CHAT,
        {"unreadable": content},
        error,
    )


async def claim_one(connection: Connection, update_id: int) -> ClaimedUpdate | None:
    """Lock one pending update, unless another process has locked or handled it."""
    row = await connection.fetchrow(
        """
        SELECT update_id, chat_id, payload, attempts, held_at IS NOT NULL FROM inbox
        WHERE update_id = $1 AND state = 'pending'
        FOR UPDATE SKIP LOCKED
        """,
        update_id,
    )
    return None if row is None else ClaimedUpdate(*row)


# How many of a chat's updates are postponed or made ready at once.
MAX_PUT_OFF = 20
# Makes the next updates of the chats of `over` ready, which waited for the updates $1.
_RELEASE_NEXT = f"""
    UPDATE inbox SET due_at = received_at
    WHERE update_id = ANY(ARRAY(
      SELECT next.update_id FROM over, LATERAL (
        SELECT update_id, due_at, received_at FROM inbox
        WHERE inbox.chat_id = over.chat_id AND state = 'pending' AND update_id <> ALL($1::bigint[])
        ORDER BY update_id LIMIT {MAX_PUT_OFF}) AS next
      WHERE next.due_at > next.received_at))
"""


async def mark_done(connection: Connection, update_ids: Collection[int]) -> None:
    await connection.execute(
        f"""
        WITH over AS (
          UPDATE inbox SET state = 'done', handled_at = now(), error = NULL
          WHERE update_id = ANY($1) RETURNING chat_id)
        {_RELEASE_NEXT}
        """,
        list(update_ids),
    )


async def postpone(connection: Connection, update_ids: Collection[int], delay: timedelta) -> None:
    """Postpone updates until something is available; later ones of their chats wait too."""
    if update_ids:
        await connection.execute(
            f"UPDATE inbox SET due_at = {_IN.format('$2')} WHERE update_id = ANY($1)",
            list(update_ids),
            delay,
        )


async def adapt_to_clock(connection: Connection) -> None:
    """Make updates due that are postponed beyond any limit: the clock was ahead at the time."""
    await connection.execute(
        """
        UPDATE inbox SET due_at = received_at
        WHERE state = 'pending' AND due_at > received_at AND due_at > now() + interval '1 minute'
        """
    )


async def make_due(connection: Connection, update_id: int) -> None:
    """Make an update due, because what it waited for is available."""
    await connection.execute(
        "UPDATE inbox SET due_at = received_at WHERE update_id = $1 AND state = 'pending'",
        update_id,
    )


async def record_failure(connection: Connection, update: ClaimedUpdate, error: str) -> bool:
    """Record a failed attempt: the update is due after a delay, or becomes a dead letter. Returns
    whether it became one.
    """
    is_dead = update.attempts >= len(RETRY_DELAYS)
    if is_dead:
        await _make_dead_letter(connection, update, error)
    else:
        await connection.execute(
            f"""
            UPDATE inbox SET attempts = attempts + 1, error = $2, due_at = {_IN.format("$3")}
            WHERE update_id = $1
            """,
            update.update_id,
            error,
            RETRY_DELAYS[update.attempts],
        )
    return is_dead


async def park_claimed(connection: Connection, update: ClaimedUpdate, error: str) -> None:
    """Make a claimed update a dead letter, without another attempt."""
    await _make_dead_letter(connection, update, error)


async def _make_dead_letter(connection: Connection, update: ClaimedUpdate, error: str) -> None:
    await connection.execute(
        f"""
        WITH over AS (
          UPDATE inbox SET state = 'parked', attempts = attempts + 1, error = $2
          WHERE update_id = ANY($1) RETURNING chat_id)
        {_RELEASE_NEXT}
        """,
        [update.update_id],
        error,
    )


async def forget_handled(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old handled updates. Returns the number of rows."""
    return await _forget(connection, "done", age, limit)


async def forget_dead_letters(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old dead letters. Returns the number of rows."""
    return await _forget(connection, "parked", age, limit)


async def _forget(connection: Connection, state: str, age: timedelta, limit: int) -> int:
    which = f"state = '{state}'"
    return await delete_older(connection, "inbox", "received_at", age, limit, which=which)


@dataclass(frozen=True, slots=True)
class InboxDepth:
    pending: int
    dead_letters: int
    oldest_seconds: float


async def depth(connection: Connection) -> InboxDepth:
    """The number of waiting updates, and how long the oldest has waited."""
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
               count(*) FILTER (WHERE state = 'parked') AS dead_letters,
               coalesce(extract(epoch FROM now() - min(received_at)
                        FILTER (WHERE state = 'pending')), 0)::float AS oldest
        FROM inbox WHERE state <> 'done'
        """
    )
    return InboxDepth(*row)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An update that could not be handled, and the error."""

    update_id: int
    chat_id: int
    payload: RawUpdate
    error: str | None
    received_at: datetime


async def dead_letters(connection: Connection, limit: int | None) -> list[DeadLetter]:
    """The dead letters, the oldest first; all of them without a `limit`."""
    rows = await connection.fetch(
        """
        SELECT update_id, chat_id, payload, error, received_at FROM inbox
        WHERE state = 'parked' ORDER BY update_id LIMIT $1
        """,
        limit,
    )
    return [DeadLetter(*row) for row in rows]


async def retry(connection: Connection, update_ids: list[int]) -> int:
    """Make dead letters pending again. Returns their number."""
    return await _unpark(connection, update_ids, "pending")


async def drop(connection: Connection, update_ids: list[int]) -> int:
    """Mark dead letters as handled without handling them. Returns their number."""
    return await _unpark(connection, update_ids, "done")


async def _unpark(connection: Connection, update_ids: list[int], state: str) -> int:
    rows = await connection.fetch(
        """
        UPDATE inbox
        SET state = $2, attempts = 0, due_at = received_at,
            handled_at = CASE WHEN $2 = 'done' THEN now() END
        WHERE update_id = ANY($1) AND state = 'parked'
        RETURNING 1
        """,
        update_ids,
        state,
    )
    return len(rows)
