"""The outbox: what is to be said is a row before it is said, and is said once.

How it is sent, and what may come of that, is told in `app.telegram.outbox_claims`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any

from app.database.connection import Connection

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


# Of all that was sent lately only what is asked about is read: each state has its index.
DEPTH = """
    SELECT count(*) AS pending,
           (SELECT count(*) FROM outbox WHERE state = 'uncertain') AS uncertain,
           coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS oldest
    FROM outbox WHERE state IN ('pending', 'sending')
"""


async def depth(connection: Connection) -> OutboxDepth:
    """How much waits or is in doubt, and for how long the oldest has waited."""
    row: Any = await connection.fetchrow(DEPTH)
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
