"""The inbox: every update is a row before Telegram may forget it, and is handled from there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection
from app.telegram.first_poll import RawUpdate

# How often a failing update is tried; after the last try it is parked and its chat goes on.
RETRY_DELAYS = (timedelta(seconds=1), timedelta(seconds=5))

NO_CHAT = 0
_BIGINT = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class ClaimedUpdate:
    """An update whose row is locked by the transaction that claimed it."""

    update_id: int
    chat_id: int
    payload: RawUpdate
    attempts: int


def is_storable(update: object) -> bool:
    """Whether `update` has what identifies it; anything else about it is judged by its handler."""
    return (
        isinstance(update, dict)
        and isinstance(update.get("update_id"), int)
        and update["update_id"] in _BIGINT
    )


def chat_of(update: RawUpdate) -> int:
    """The chat within which `update` keeps its order; `NO_CHAT` when it has none or is
    malformed.
    """
    for value in update.values():
        if not isinstance(value, dict):
            continue
        message = value.get("message") if "chat" not in value else value
        if isinstance(message, dict):
            chat = message.get("chat")
            chat_id = chat.get("id") if isinstance(chat, dict) else None
            if isinstance(chat_id, int) and chat_id in _BIGINT:
                return chat_id
    return NO_CHAT


async def store(connection: Connection, updates: list[RawUpdate]) -> int:
    """Store a batch; an update that is already there stays as it is. Returns how many were new."""
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


async def park(connection: Connection, update_id: int, content: str, error: str) -> None:
    """Keep what cannot be stored as an update, as far as it can be written down."""
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


async def claim(
    connection: Connection, limit: int, *, after_chat: int | None = None
) -> list[ClaimedUpdate]:
    """Lock the oldest pending update of up to `limit` chats, beginning with the chat that follows
    `after_chat` and going round: every chat has its turn, however much another has sent.

    Must run inside the transaction that handles them: the row locks are the claim, so a killed
    process releases it at once. An update waits for every earlier pending one of its chat.
    """
    if after_chat is None:
        return await _claim_between(connection, limit, -(2**63), 2**63 - 1)
    claimed = await _claim_between(connection, limit, after_chat + 1, 2**63 - 1)
    if len(claimed) < limit:
        claimed += await _claim_between(connection, limit - len(claimed), -(2**63), after_chat)
    return claimed


async def _claim_between(
    connection: Connection, limit: int, first_chat: int, last_chat: int
) -> list[ClaimedUpdate]:
    # From chat to chat by single steps down ix_inbox_pending: what it costs does not depend on how
    # much is pending, nor on what the planner believes about that.
    rows = await connection.fetch(
        """
        WITH RECURSIVE oldest AS (
          (SELECT chat_id, update_id, due_at FROM inbox
           WHERE state = 'pending' AND chat_id BETWEEN $2 AND $3
           ORDER BY chat_id, update_id LIMIT 1)
          UNION ALL
          SELECT next.* FROM oldest, LATERAL (
            SELECT chat_id, update_id, due_at FROM inbox
            WHERE state = 'pending' AND chat_id > oldest.chat_id AND chat_id <= $3
            ORDER BY chat_id, update_id LIMIT 1) AS next
        ), due AS MATERIALIZED (
          SELECT update_id FROM oldest WHERE due_at <= now() LIMIT $1)
        SELECT update_id, chat_id, payload, attempts FROM inbox
        WHERE update_id = ANY(ARRAY(SELECT update_id FROM due)) AND state = 'pending'
        ORDER BY chat_id
        FOR UPDATE SKIP LOCKED
        """,
        limit,
        first_chat,
        last_chat,
    )
    return [ClaimedUpdate(*row) for row in rows]


async def claim_one(connection: Connection, update_id: int) -> ClaimedUpdate | None:
    """Lock one pending update, unless somebody else has it or has handled it."""
    row = await connection.fetchrow(
        """
        SELECT update_id, chat_id, payload, attempts FROM inbox
        WHERE update_id = $1 AND state = 'pending'
        FOR UPDATE SKIP LOCKED
        """,
        update_id,
    )
    return None if row is None else ClaimedUpdate(*row)


async def mark_done(connection: Connection, update_ids: list[int]) -> None:
    await connection.execute(
        """
        UPDATE inbox SET state = 'done', handled_at = now(), error = NULL
        WHERE update_id = ANY($1)
        """,
        update_ids,
    )


async def postpone(connection: Connection, update_ids: Collection[int], delay: timedelta) -> None:
    """Let updates wait for something that is under way, and what their chats send after them."""
    if update_ids:
        await connection.execute(
            "UPDATE inbox SET due_at = now() + $2::interval WHERE update_id = ANY($1)",
            list(update_ids),
            delay,
        )


async def make_due(connection: Connection, update_id: int) -> None:
    """What an update waited for is there."""
    await connection.execute(
        "UPDATE inbox SET due_at = now() WHERE update_id = $1 AND state = 'pending'", update_id
    )


async def record_failure(connection: Connection, update: ClaimedUpdate, error: str) -> bool:
    """Note a failed try: it is due again after a delay, or parked. Returns whether it was
    parked.
    """
    parked = update.attempts >= len(RETRY_DELAYS)
    delay = timedelta(0) if parked else RETRY_DELAYS[update.attempts]
    await connection.execute(
        """
        UPDATE inbox
        SET attempts = attempts + 1, error = $2, due_at = now() + $3,
            state = CASE WHEN $4 THEN 'parked' ELSE 'pending' END
        WHERE update_id = $1
        """,
        update.update_id,
        error,
        delay,
        parked,
    )
    return parked


async def forget_handled(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete handled updates. Returns how many."""
    return await _forget(connection, "done", age, limit)


async def forget_parked(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete parked updates. Returns how many."""
    return await _forget(connection, "parked", age, limit)


async def _forget(connection: Connection, state: str, age: timedelta, limit: int) -> int:
    which = f"state = '{state}'"
    return await delete_older(
        connection, "inbox", "update_id", "received_at", age, limit, which=which
    )


@dataclass(frozen=True, slots=True)
class InboxDepth:
    pending: int
    parked: int
    oldest_seconds: float


async def depth(connection: Connection) -> InboxDepth:
    """How much waits in the inbox, and for how long the oldest has."""
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
               count(*) FILTER (WHERE state = 'parked') AS parked,
               coalesce(extract(epoch FROM now() - min(received_at)
                        FILTER (WHERE state = 'pending')), 0)::float AS oldest
        FROM inbox WHERE state <> 'done'
        """
    )
    return InboxDepth(*row)


@dataclass(frozen=True, slots=True)
class ParkedUpdate:
    """An update that could not be handled, and why."""

    update_id: int
    chat_id: int
    payload: RawUpdate
    error: str | None
    received_at: datetime


async def parked(connection: Connection, limit: int | None) -> list[ParkedUpdate]:
    """The updates that are parked, the oldest first; all of them without a `limit`."""
    rows = await connection.fetch(
        """
        SELECT update_id, chat_id, payload, error, received_at FROM inbox
        WHERE state = 'parked' ORDER BY update_id LIMIT $1
        """,
        limit,
    )
    return [ParkedUpdate(*row) for row in rows]


async def retry(connection: Connection, update_ids: list[int]) -> int:
    """Let parked updates be handled once more. Returns how many were parked."""
    return await _unpark(connection, update_ids, "pending")


async def drop(connection: Connection, update_ids: list[int]) -> int:
    """Count parked updates as handled, unhandled as they are. Returns how many were parked."""
    return await _unpark(connection, update_ids, "done")


async def _unpark(connection: Connection, update_ids: list[int], state: str) -> int:
    rows = await connection.fetch(
        """
        UPDATE inbox
        SET state = $2, attempts = 0, due_at = now(),
            handled_at = CASE WHEN $2 = 'done' THEN now() END
        WHERE update_id = ANY($1) AND state = 'parked'
        RETURNING 1
        """,
        update_ids,
        state,
    )
    return len(rows)
