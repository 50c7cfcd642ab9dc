"""The outbox: what is to be said is a row before it is said, and is said once.

The life of a row: `pending` → `sending`, committed just before the request leaves → `sent`. A row
that is found `sending` with nobody at work on it is in doubt: Telegram may or may not have taken
the message, and the Bot API has no idempotency key. A reply to somebody who waits is then repeated;
anything else becomes `uncertain` and is not repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Any

from app.database.connection import Connection

KEPT = timedelta(days=7)
# How often a reply is repeated because process after process ended in the middle of it.
MOST_REPEATS = 5
# How long after an answer failed to come a reply is repeated.
DOUBT_SECONDS = 2.0
MOST_ERROR = 500
# The chat of calls that say nothing into a chat: no order and no limit holds between them.
NO_CHAT = 0
Parameters = dict[str, Any]


class Priority(IntEnum):
    """The order in which messages leave; a lower number goes first."""

    REPLY = 0
    ALERT = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One call of a Bot API method, before it is a row.

    `key` names the thing said: enqueueing the same key again changes nothing.
    """

    key: str
    chat_id: int
    method: str
    parameters: Parameters
    priority: Priority = Priority.REPLY
    repeatable: bool = True
    digest_id: int | None = None
    story_id: int | None = None
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A row of the outbox as the sender sees it."""

    id: int
    chat_id: int
    method: str
    parameters: Parameters = field(repr=False)
    attempts: int
    repeatable: bool
    digest_id: int | None


async def enqueue(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Add messages in order, within the transaction of whatever they are the result of."""
    if not messages:
        return
    await connection.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable,
                            digest_id, story_id, expires_at)
        SELECT key, chat_id, method, parameters, priority, repeatable, digest_id, story_id,
               now() + lifetime
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[], $5::smallint[],
                    $6::boolean[], $7::bigint[], $8::bigint[], $9::interval[])
             WITH ORDINALITY AS new (key, chat_id, method, parameters, priority, repeatable,
                                     digest_id, story_id, lifetime, position)
        ORDER BY position
        ON CONFLICT (key) DO NOTHING
        """,
        [message.key for message in messages],
        [message.chat_id for message in messages],
        [message.method for message in messages],
        [message.parameters for message in messages],
        [message.priority for message in messages],
        [message.repeatable for message in messages],
        [message.digest_id for message in messages],
        [message.story_id for message in messages],
        [message.lifetime for message in messages],
    )


async def drop_stale_edits(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Edits that wait for messages that are to be edited anew: only the last is worth a call."""
    edits = [message for message in messages if message.method == "editMessageText"]
    if edits:
        await connection.execute(
            """
            DELETE FROM outbox USING unnest($1::bigint[], $2::bigint[]) AS newer (chat_id, edited)
            WHERE state = 'pending' AND method = 'editMessageText'
              AND outbox.chat_id = newer.chat_id
              AND (parameters ->> 'message_id')::bigint = edited
            """,
            [message.chat_id for message in edits],
            [message.parameters["message_id"] for message in edits],
        )


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
        RETURNING id, chat_id, method, parameters, attempts, repeatable, digest_id, priority
        """,
        limit,
        list(busy_chats),
    )
    ordered = sorted(rows, key=lambda row: (row["priority"], row["id"]))
    return [QueuedMessage(*row[:-1]) for row in (tuple(row) for row in ordered)]


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
    """Telegram refused the message for good; the stories of a digest may be chosen again."""
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


async def _give_up(connection: Connection, ids: list[int], state: str, error: str) -> None:
    await connection.execute(
        """
        WITH given_up AS (
          UPDATE outbox SET state = $2, error = $3
          WHERE id = ANY($1) AND state IN ('pending', 'sending') RETURNING digest_id)
        UPDATE digest_stories SET seen = FALSE
        FROM given_up WHERE digest_stories.digest_id = given_up.digest_id
        """,
        ids,
        state,
        error[:MOST_ERROR],
    )


async def drop_for_chat(connection: Connection, chat_id: int, error: str) -> None:
    """Nothing that waits for this chat can be delivered any more."""
    ids = await connection.fetch(
        "SELECT id FROM outbox WHERE chat_id = $1 AND state = 'pending'", chat_id
    )
    await _give_up(connection, [row["id"] for row in ids], "failed", error)


async def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """A group became a supergroup: what waits for it follows."""
    await connection.execute(
        """
        UPDATE outbox
        SET chat_id = $2, parameters = jsonb_set(parameters, '{chat_id}', to_jsonb($2::bigint))
        WHERE chat_id = $1 AND state IN ('pending', 'sending')
        """,
        old_chat_id,
        new_chat_id,
    )


async def expire(connection: Connection) -> None:
    """Give up messages that are no longer worth sending, and forget old ones."""
    rows = await connection.fetch(
        "SELECT id FROM outbox WHERE state = 'pending' AND expires_at < now()"
    )
    await _give_up(connection, [row["id"] for row in rows], "failed", "expired before it was sent")
    # What was said to somebody who is no reader any more was the goodbye.
    await connection.execute(
        """
        DELETE FROM outbox
        WHERE state NOT IN ('pending', 'sending')
          AND (created_at < now() - $1::interval
               OR chat_id <> 0
                  AND NOT EXISTS (SELECT FROM readers WHERE readers.chat_id = outbox.chat_id))
        """,
        KEPT,
    )


async def waiting_bulk(connection: Connection) -> int:
    """How many digests wait to be sent."""
    waiting: int = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE state = 'pending' AND priority = $1", Priority.BULK
    )
    return waiting


async def story_of_message(connection: Connection, chat_id: int, message_id: int) -> int | None:
    """The story that a message of ours was about, if it was about one."""
    # An edited message has several rows, of which those that edit name no story.
    story_id: int | None = await connection.fetchval(
        "SELECT max(story_id) FROM outbox WHERE chat_id = $1 AND message_id = $2",
        chat_id,
        message_id,
    )
    return story_id


async def digest_of_message(connection: Connection, chat_id: int, message_id: int) -> int | None:
    """The digest that a message of ours was part of, if it was part of one."""
    digest_id: int | None = await connection.fetchval(
        "SELECT max(digest_id) FROM outbox WHERE chat_id = $1 AND message_id = $2",
        chat_id,
        message_id,
    )
    return digest_id


@dataclass(frozen=True, slots=True)
class OutboxDepth:
    pending: int
    uncertain: int
    oldest_seconds: float


async def depth(connection: Connection) -> OutboxDepth:
    """How much waits or is in doubt, and for how long the oldest has waited."""
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state IN ('pending', 'sending')) AS pending,
               count(*) FILTER (WHERE state = 'uncertain') AS uncertain,
               coalesce(extract(epoch FROM now() - min(created_at)
                        FILTER (WHERE state IN ('pending', 'sending'))), 0)::float AS oldest
        FROM outbox WHERE state IN ('pending', 'sending', 'uncertain')
        """
    )
    return OutboxDepth(*row)


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of a message: its state, and its id at Telegram once that is known."""

    state: str
    message_id: int | None


async def fate(connection: Connection, key: str) -> Fate | None:
    row = await connection.fetchrow("SELECT state, message_id FROM outbox WHERE key = $1", key)
    return None if row is None else Fate(*row)


async def withdraw(connection: Connection, key: str) -> bool:
    """Take a message back that has not left; False when it has, or there is none."""
    withdrawn = await connection.fetchval(
        "DELETE FROM outbox WHERE key = $1 AND state = 'pending' RETURNING TRUE", key
    )
    return bool(withdrawn)
