"""Claiming messages of the outbox and noting how their sending ended.

The life of a row: `pending` → `sending`, committed just before the request leaves → `sent`. A row
that is found `sending` with nobody at work on it is in doubt: Telegram may or may not have taken
the message, and the Bot API has no idempotency key. A reply to somebody who waits is then repeated;
anything else becomes `uncertain` and is not repeated.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.telegram.outbox import Parameters

# How often a reply is repeated because process after process ended in the middle of it.
MOST_REPEATS = 5
# How long after an answer failed to come a reply is repeated.
DOUBT_SECONDS = 2.0
MOST_ERROR = 500

_OVER = "state NOT IN ('pending', 'sending')"


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A row of the outbox as the sender sees it."""

    id: int
    chat_id: int
    method: str
    parameters: Parameters = field(repr=False)
    priority: int
    attempts: int
    repeatable: bool
    digest_id: int | None


async def claim(
    connection: Connection, limit: int, busy_chats: Collection[int]
) -> list[QueuedMessage]:
    """Mark up to `limit` messages as `sending`, at most one a chat and none of `busy_chats`.

    The claim is committed before anything is sent, so that a row which never left cannot be
    mistaken for one that might have.
    """
    # From row to row down ix_outbox_pending, until there are enough: asked for the first `limit` of
    # a sorted set, the planner sorts all that waits, for every single message.
    rows = await connection.fetch(
        """
        WITH RECURSIVE waiting AS (
          (SELECT priority, id, chat_id, due_at FROM outbox
           WHERE state = 'pending'
           ORDER BY priority, id LIMIT 1)
          UNION ALL
          SELECT later.* FROM waiting AS this, LATERAL (
            SELECT priority, id, chat_id, due_at FROM outbox
            WHERE state = 'pending' AND (priority, id) > (this.priority, this.id)
            ORDER BY priority, id LIMIT 1) AS later
        ), next AS MATERIALIZED (
          SELECT id FROM waiting
          WHERE due_at <= now()
            AND (chat_id = 0 OR chat_id <> ALL($2::bigint[]) AND id = (
              SELECT id FROM outbox AS first
              WHERE first.chat_id = waiting.chat_id AND first.state IN ('pending', 'sending')
              ORDER BY first.state = 'sending' DESC, first.priority, first.id LIMIT 1))
          LIMIT $1)
        UPDATE outbox SET state = 'sending', sending_at = now(), attempts = attempts + 1
        WHERE id = ANY(ARRAY(SELECT id FROM next)) AND state = 'pending'
        RETURNING id, chat_id, method, parameters, priority, attempts, repeatable, digest_id
        """,
        limit,
        list(busy_chats),
    )
    ordered = sorted(rows, key=lambda row: (row["priority"], row["id"]))
    return [QueuedMessage(*row) for row in ordered]


async def mark_sent(connection: Connection, message_id_by_row: dict[int, int | None]) -> None:
    """Note what Telegram took: row id → the id that Telegram gave the message, if it gave one."""
    await connection.execute(
        """
        UPDATE outbox SET state = 'sent', sent_at = now(), error = NULL,
                          message_id = taken.message_id
        FROM unnest($1::bigint[], $2::bigint[]) AS taken (id, message_id)
        WHERE outbox.id = taken.id
        """,
        list(message_id_by_row),
        list(message_id_by_row.values()),
    )


async def mark_failed(connection: Connection, message: QueuedMessage, error: str) -> None:
    """Telegram refused the message for good."""
    await _give_up(connection, [message.id], "failed", error)


async def retry_later(
    connection: Connection, message: QueuedMessage, delay_seconds: float, error: str
) -> None:
    """It certainly did not leave, or was refused for now: it is due again after a while.

    Unless another instance has taken the lead and decided about it meanwhile.
    """
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', error = $3,
                          due_at = now() + make_interval(secs => $2)
        WHERE id = $1 AND state = 'sending' AND attempts = $4
        """,
        message.id,
        delay_seconds,
        error[:MOST_ERROR],
        message.attempts,
    )


async def simplify(
    connection: Connection, message: QueuedMessage, parameters: Parameters, error: str
) -> None:
    """It was refused as it was, and may be taken with these parameters: it is due again at once."""
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', error = $3, parameters = $2
        WHERE id = $1 AND state = 'sending' AND attempts = $4
        """,
        message.id,
        parameters,
        error[:MOST_ERROR],
        message.attempts,
    )


async def mark_in_doubt(connection: Connection, message: QueuedMessage, error: str) -> None:
    """The request left and no answer came: repeat a reply once, leave anything else uncertain.

    Unless another instance has taken the lead and decided about it meanwhile.
    """
    repeat = await connection.fetchval(
        """
        SELECT repeatable AND doubts = 0 FROM outbox
        WHERE id = $1 AND state = 'sending' AND attempts = $2 FOR UPDATE
        """,
        message.id,
        message.attempts,
    )
    if repeat:
        await connection.execute("UPDATE outbox SET doubts = 1 WHERE id = $1", message.id)
        await retry_later(connection, message, DOUBT_SECONDS, error)
    elif repeat is not None:
        await _give_up(connection, [message.id], "uncertain", error)


async def resolve_doubt(connection: Connection, ids_at_work: Collection[int]) -> int:
    """Decide about every `sending` row that nobody is at work on; returns how many there were."""
    rows = await connection.fetch(
        """
        SELECT id, repeatable AND doubts < $2 AS repeat FROM outbox
        WHERE state = 'sending' AND id <> ALL($1::bigint[])
        FOR UPDATE
        """,
        list(ids_at_work),
        MOST_REPEATS,
    )
    repeated = [row["id"] for row in rows if row["repeat"]]
    await connection.execute(
        "UPDATE outbox SET state = 'pending', doubts = doubts + 1 WHERE id = ANY($1)", repeated
    )
    given_up = [row["id"] for row in rows if not row["repeat"]]
    await _give_up(connection, given_up, "uncertain", "the process ended while this was being sent")
    return len(rows)


async def lately_sent(connection: Connection, seconds: float) -> list[tuple[int, float]]:
    """The chats of messages that left within the last `seconds`, whoever sent them, and how many
    seconds ago each had certainly arrived; the oldest first.
    """
    # What is sent now was hardly ever made long ago, and there is an index on that.
    rows = await connection.fetch(
        """
        SELECT chat_id, extract(epoch FROM now() - coalesce(sent_at, now()))::float AS ago
        FROM outbox
        WHERE created_at > now() - interval '1 hour' AND chat_id <> 0
          AND sending_at > now() - make_interval(secs => $1)
        ORDER BY ago DESC
        """,
        seconds,
    )
    return [(row["chat_id"], row["ago"]) for row in rows]


async def drop_for_chat(connection: Connection, chat_id: int, error: str) -> None:
    """Nothing that waits for this chat can be delivered any more."""
    ids = await connection.fetch(
        "SELECT id FROM outbox WHERE chat_id = $1 AND state = 'pending'", chat_id
    )
    await _give_up(connection, [row["id"] for row in ids], "failed", error)


async def withdraw_digests(connection: Connection, chat_id: int) -> None:
    """The reader wants none for now: those that have not left never do."""
    rows = await connection.fetch(
        """
        SELECT id FROM outbox
        WHERE chat_id = $1 AND state = 'pending' AND digest_id IS NOT NULL
        FOR UPDATE
        """,
        chat_id,
    )
    await _give_up(connection, [row["id"] for row in rows], "failed", "the reader has paused")


async def expire(connection: Connection, limit: int) -> int:
    """Give up messages that are no longer worth sending, up to `limit`. Returns how many."""
    rows = await connection.fetch(
        """
        SELECT id FROM outbox WHERE state = 'pending' AND expires_at < now()
        LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    await _give_up(connection, [row["id"] for row in rows], "failed", "expired before it was sent")
    return len(rows)


async def forget_goodbyes(connection: Connection, limit: int) -> int:
    """Forget what was said to those who are no readers any more. Returns how many messages it
    was.
    """
    nobody = "NOT EXISTS (SELECT FROM readers WHERE readers.chat_id = outbox.chat_id)"
    which = f"{_OVER} AND chat_id <> 0 AND {nobody}"
    return await delete_older(
        connection, "outbox", "id", "created_at", timedelta(0), limit, which=which
    )


async def forget_over(connection: Connection, age: timedelta, limit: int) -> int:
    """Forget what was sent or given up. Returns how many messages were."""
    return await delete_older(connection, "outbox", "id", "created_at", age, limit, which=_OVER)


async def _give_up(connection: Connection, ids: list[int], state: str, error: str) -> None:
    """These are not sent any more. The stories of a digest may be chosen again, but not while its
    reader has a part of it, or may get one: no story comes twice.
    """
    await connection.execute(
        """
        WITH given_up AS (
          UPDATE outbox SET state = $2, error = $3
          WHERE id = ANY($1) AND state IN ('pending', 'sending') RETURNING digest_id)
        UPDATE digest_stories SET seen = FALSE
        FROM given_up WHERE digest_stories.digest_id = given_up.digest_id AND NOT EXISTS (
          SELECT FROM outbox
          WHERE outbox.digest_id = given_up.digest_id AND outbox.id <> ALL($1)
            AND outbox.state IN ('pending', 'sending', 'sent'))
        """,
        ids,
        state,
        error[:MOST_ERROR],
    )
