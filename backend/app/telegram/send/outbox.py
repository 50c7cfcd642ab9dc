"""The outbox: every message is stored before it is sent.

`app.telegram.send.claims` describes how a message is sent and what can happen to it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any

from app.database.connection import Connection

Parameters = dict[str, Any]
# https://core.telegram.org/bots/api#ephemeralmessageparameters
EPHEMERAL = "ephemeral_message_parameters"
# Its field for the tap that caused the message.
QUERY = "callback_query_id"


class Priority(IntEnum):
    """The order in which messages leave; lower numbers first."""

    REPLY = 0
    ALERT = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class BotCall:
    """A method of the Bot API with its parameters."""

    method: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One call of a Bot API method, to be stored.

    `key` is an idempotency key: enqueueing the same key again has no effect.
    """

    key: str
    chat_id: int
    method: str
    parameters: Parameters
    priority: Priority = Priority.REPLY
    digest_id: int | None = None
    story_id: int | None = None
    lifetime: timedelta | None = None
    # What is made instead if Telegram refuses the call: calls in order; and if it refuses the first
    # of them, those that come next.
    fallbacks: Sequence[Sequence[BotCall]] = ()


async def enqueue(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Store messages in order, in the transaction that causes them."""
    if not messages:
        return
    await connection.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable,
                            digest_id, story_id, expires_at, fallback)
        SELECT key, chat_id, method, parameters, priority, TRUE, digest_id, story_id,
               now() + lifetime, fallback
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[], $5::smallint[],
                    $6::bigint[], $7::bigint[], $8::interval[], $9::jsonb[])
             WITH ORDINALITY AS new (key, chat_id, method, parameters, priority, digest_id,
                                     story_id, lifetime, fallback, position)
        ORDER BY position
        ON CONFLICT (key) DO NOTHING
        """,
        [message.key for message in messages],
        [message.chat_id for message in messages],
        [message.method for message in messages],
        [message.parameters for message in messages],
        [message.priority for message in messages],
        [message.digest_id for message in messages],
        [message.story_id for message in messages],
        [message.lifetime for message in messages],
        [_fallback(message.fallbacks) for message in messages],
    )


# With this many pending replies a chat gets no repeated reply, or no new reply at all.
CROWDED, FULL = 20, 60


def _fallback(fallbacks: Sequence[Sequence[BotCall]]) -> dict[str, Any] | None:
    if not fallbacks:
        return None
    first, *others = fallbacks
    then = _fallback(others)
    calls = {"calls": [[call.method, call.parameters] for call in first]}
    return calls if then is None else calls | {"then": then}


async def waiting_replies(connection: Connection, chat_ids: Sequence[int]) -> dict[int, int]:
    """The number of pending replies of each crowded chat."""
    rows = await connection.fetch(
        """
        SELECT chat_id, count(*) AS waiting FROM outbox
        WHERE chat_id = ANY($1) AND state IN ('pending', 'sending') AND priority = $2
        GROUP BY chat_id HAVING count(*) >= $3
        """,
        chat_ids,
        Priority.REPLY,
        CROWDED,
    )
    return {row["chat_id"]: row["waiting"] for row in rows}


async def without_repetitions(
    connection: Connection, messages: Sequence[OutgoingMessage], crowded: Collection[int]
) -> list[OutgoingMessage]:
    """The messages without those that repeat a pending reply of a crowded chat."""
    suspects = [message for message in messages if message.chat_id in crowded]
    if not suspects:
        return list(messages)
    rows = await connection.fetch(
        """
        SELECT key FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[])
                        AS new (key, chat_id, method, parameters)
        WHERE EXISTS (
          SELECT FROM outbox AS waiting
          WHERE waiting.chat_id = new.chat_id AND waiting.state = 'pending'
            AND waiting.method = new.method AND waiting.method LIKE 'send%'
            AND waiting.parameters - 'reply_parameters' = new.parameters - 'reply_parameters')
        """,
        [message.key for message in suspects],
        [message.chat_id for message in suspects],
        [message.method for message in suspects],
        [message.parameters for message in suspects],
    )
    repeated = {row["key"] for row in rows}
    return [message for message in messages if message.key not in repeated]


async def drop_stale_edits(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Delete pending edits of messages that are edited again: only the last one matters."""
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
    """Move pending messages of a group to its supergroup, which has a new sequence of ids."""
    await connection.execute(
        """
        UPDATE outbox
        SET chat_id = $2, parameters = jsonb_set(parameters, '{chat_id}', to_jsonb($2::bigint)),
            known_message_id = NULL
        WHERE chat_id = $1 AND state IN ('pending', 'sending')
        """,
        old_chat_id,
        new_chat_id,
    )


async def waiting_bulk(connection: Connection) -> int:
    """The number of pending digests."""
    waiting: int = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE state = 'pending' AND priority = $1", Priority.BULK
    )
    return waiting


async def story_of_message(connection: Connection, chat_id: int, message_id: int) -> int | None:
    """The story that a message of the bot is about, or None."""
    # An edited message has several rows; those of the edits have no story.
    story_id: int | None = await connection.fetchval(
        "SELECT max(story_id) FROM outbox WHERE chat_id = $1 AND message_id = $2",
        chat_id,
        message_id,
    )
    return story_id


async def digest_of_message(connection: Connection, chat_id: int, message_id: int) -> int | None:
    """The digest that a message of the bot belongs to, or None."""
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
    doubted_lately: int  # messages that came into doubt within the last hour
    oldest_seconds: float


# Each state has an index, so that rows of sent messages are not read.
DEPTH = """
    SELECT count(*) AS pending,
           (SELECT count(*) FROM outbox WHERE state = 'uncertain') AS uncertain,
           (SELECT count(*) FROM outbox WHERE doubt_since > now() - interval '1 hour') AS doubted,
           coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS oldest
    FROM outbox WHERE state IN ('pending', 'sending')
"""


async def depth(connection: Connection) -> OutboxDepth:
    """The number of messages that are pending or in doubt, and how long the oldest has waited."""
    row: Any = await connection.fetchrow(DEPTH)
    return OutboxDepth(*row)


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """A message's state, and its id at Telegram if known."""

    state: str
    message_id: int | None


async def delivery_state(connection: Connection, key: str) -> DeliveryState | None:
    row = await connection.fetchrow("SELECT state, message_id FROM outbox WHERE key = $1", key)
    return None if row is None else DeliveryState(*row)


async def withdraw(connection: Connection, key: str) -> bool:
    """Withdraw a message that has not left; False if it has, or does not exist."""
    withdrawn = await connection.fetchval(
        "DELETE FROM outbox WHERE key = $1 AND state = 'pending' RETURNING TRUE", key
    )
    return bool(withdrawn)
