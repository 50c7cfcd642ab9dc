"""The outcomes of messages: sent, refused, expired, withdrawn, or due again later.

That Telegram accepted a message is always recorded. Any other outcome is recorded only by the
process that last let the message leave, which it proves with the number of the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.telegram.send.claims import QueuedMessage
from app.telegram.send.outbox import Parameters

MAX_ERROR = 500
# The longest delay before another attempt, whatever Telegram asks for.
MAX_DELAY = 3600.0

_OVER = "state NOT IN ('pending', 'sending')"


async def mark_sent(connection: Connection, message_id_by_row: Mapping[int, int | None]) -> None:
    """Record accepted messages: row id → the message's id at Telegram, if there is one.

    If a message was sent twice, the first id is kept.
    """
    await connection.execute(
        """
        WITH taken AS (
          UPDATE outbox SET state = 'sent', sent_at = now(), error = NULL,
                            message_id = taken.message_id
          FROM unnest($1::bigint[], $2::bigint[]) AS taken (id, message_id)
          WHERE outbox.id = taken.id AND state <> 'sent'
          RETURNING digest_id)
        UPDATE digest_stories SET seen = TRUE
        WHERE digest_id IN (SELECT digest_id FROM taken) AND NOT seen
        """,
        list(message_id_by_row),
        list(message_id_by_row.values()),
    )


async def mark_failed(connection: Connection, message: QueuedMessage, error: str) -> None:
    """Record that Telegram refused the message for good."""
    rows = await connection.fetch(
        "SELECT id FROM outbox WHERE id = $1 AND state = 'sending' AND attempts = $2 FOR UPDATE",
        message.id,
        message.attempts,
    )
    await give_up(connection, [row["id"] for row in rows], "failed", error)


async def retry_later(
    connection: Connection, message: QueuedMessage, delay_seconds: float, error: str
) -> None:
    """Make a message due again after a delay: it has not arrived, or was refused for now."""
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', claimed_by = NULL, error = $3,
                          due_at = now() + make_interval(secs => $2)
        WHERE id = $1 AND state = 'sending' AND attempts = $4
        """,
        message.id,
        min(delay_seconds, MAX_DELAY),
        error[:MAX_ERROR],
        message.attempts,
    )


async def adapt_to_clock(connection: Connection) -> None:
    """Make messages due that are postponed beyond any limit: the clock was ahead at the time."""
    await connection.execute(
        """
        UPDATE outbox SET due_at = now()
        WHERE state = 'pending' AND due_at > now() + make_interval(secs => $1)
        """,
        MAX_DELAY + 1,
    )


async def simplify(
    connection: Connection, message: QueuedMessage, parameters: Parameters, error: str
) -> None:
    """Make a refused message due again with other parameters, which may be accepted."""
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', claimed_by = NULL, error = $3, parameters = $2
        WHERE id = $1 AND state = 'sending' AND attempts = $4
        """,
        message.id,
        parameters,
        error[:MAX_ERROR],
        message.attempts,
    )


async def fall_back(connection: Connection, message: QueuedMessage, error: str) -> bool:
    """Replace a refused message by its fallback, if it has one; the first call keeps its row, and
    the next fallback if there is one.

    Returns whether there was one, which may have no calls: then nothing is sent.
    """
    row = await connection.fetchrow(
        """
        SELECT key, fallback, expires_at, story_id FROM outbox
        WHERE id = $1 AND state = 'sending' AND attempts = $2 AND fallback IS NOT NULL FOR UPDATE
        """,
        message.id,
        message.attempts,
    )
    if row is None:
        return False
    calls = row["fallback"]["calls"]
    if not calls:
        await give_up(connection, [message.id], "failed", error)
        return True
    (method, parameters), *others = calls
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', claimed_by = NULL, error = $4, method = $2,
                          parameters = $3, fallback = $5
        WHERE id = $1
        """,
        message.id,
        method,
        parameters,
        error[:MAX_ERROR],
        row["fallback"].get("then"),
    )
    await connection.executemany(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, digest_id,
                            story_id, expires_at)
        VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8) ON CONFLICT (key) DO NOTHING
        """,
        [
            (
                f"{row['key']}:{number}",
                message.chat_id,
                method,
                parameters,
                message.priority,
                message.digest_id,
                row["story_id"],
                row["expires_at"],
            )
            for number, (method, parameters) in enumerate(others, 2)
        ],
    )
    return True


async def drop_for_chat(connection: Connection, chat_id: int, error: str) -> None:
    """Give up all pending messages of a chat that cannot be reached any more."""
    ids = await connection.fetch(
        "SELECT id FROM outbox WHERE chat_id = $1 AND state = 'pending'", chat_id
    )
    await give_up(connection, [row["id"] for row in ids], "failed", error)


async def withdraw_digests(connection: Connection, chat_id: int) -> None:
    """Withdraw the pending digests of a reader who wants none for now."""
    rows = await connection.fetch(
        """
        SELECT id FROM outbox
        WHERE chat_id = $1 AND state = 'pending' AND digest_id IS NOT NULL
        FOR UPDATE
        """,
        chat_id,
    )
    await give_up(connection, [row["id"] for row in rows], "failed", "the reader has paused")


async def expire(connection: Connection, limit: int) -> int:
    """Give up messages that have expired, up to `limit`. Returns their number.

    Those that may have arrived become `uncertain`.
    """
    rows = await connection.fetch(
        """
        SELECT id, doubts > 0 AS doubtful FROM outbox
        WHERE state = 'pending' AND expires_at < now()
        LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    lost = [row["id"] for row in rows if not row["doubtful"]]
    await give_up(connection, lost, "failed", "expired before it was sent")
    doubtful = [row["id"] for row in rows if row["doubtful"]]
    await give_up(connection, doubtful, "uncertain", "expired without an answer from Telegram")
    return len(rows)


async def delete_for_former_readers(connection: Connection, limit: int) -> int:
    """Delete finished messages to chats that are not readers any more. Returns their number."""
    nobody = "NOT EXISTS (SELECT FROM readers WHERE readers.chat_id = outbox.chat_id)"
    which = f"{_OVER} AND chat_id <> 0 AND {nobody}"
    return await delete_older(connection, "outbox", "created_at", timedelta(0), limit, which=which)


async def delete_finished(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old finished messages. Returns their number."""
    return await delete_older(connection, "outbox", "created_at", age, limit, which=_OVER)


async def give_up(connection: Connection, ids: list[int], state: str, error: str) -> None:
    """End these messages unsent. The stories of a digest may be chosen again, unless its reader
    has, may have or may get another part of it: no story is sent twice.
    """
    await connection.execute(
        """
        WITH given_up AS (
          UPDATE outbox SET state = $2, error = $3, claimed_by = NULL, claimed_until = NULL
          WHERE id = ANY($1) AND state IN ('pending', 'sending') RETURNING digest_id)
        UPDATE digest_stories SET seen = FALSE
        FROM given_up WHERE digest_stories.digest_id = given_up.digest_id AND NOT EXISTS (
          SELECT FROM outbox
          WHERE outbox.digest_id = given_up.digest_id
            AND (doubts > 0
                 OR outbox.id <> ALL($1) AND outbox.state IN ('pending', 'sending', 'sent')))
        """,
        ids,
        state,
        error[:MAX_ERROR],
    )
