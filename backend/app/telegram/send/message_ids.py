"""Queries on the message ids that Telegram has assigned.

An account has one counter for the messages of all its private chats and basic groups, and each
supergroup and channel counts for itself
(https://docs.telethon.dev/en/stable/concepts/chats-vs-channels.html#message-identifiers).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.database.connection import Connection

# Chat ids below this are supergroups and channels.
FIRST_SUPERGROUP = -1_000_000_000_000
# Longer than any request: a message that has not arrived by then never will.
SETTLING_SECONDS = 30.0
# A message that left this much later usually has a greater id.
MIN_LATER_SECONDS = 2.0
# The most ids probed for one message, and the most unknown ids before some are found for other
# messages in doubt.
MAX_CANDIDATES, MAX_UNKNOWN = 20, 60
# A restore takes longer, so ids this recent are the newest ones of a restored database.
MIN_RESTORE_SECONDS = 10.0
# How many ids may have been assigned since the greatest known one, besides those in doubt.
MAX_BEYOND = 4

_MADE = "message_id IS NOT NULL AND method LIKE 'send%'"
# SQL for the greatest id in the sequence of the row's chat. Ids assigned before $SINCE do not
# count: a restored database lacks the messages sent after the dump.
GREATEST_KNOWN = f"""
    CASE WHEN chat_id > {FIRST_SUPERGROUP} THEN (
      SELECT CASE WHEN last.sent_at >= $SINCE THEN last.message_id END FROM outbox AS last
      WHERE last.chat_id > {FIRST_SUPERGROUP} AND {_MADE} ORDER BY last.message_id DESC LIMIT 1)
    ELSE (
      SELECT CASE WHEN last.sent_at >= $SINCE THEN last.message_id END FROM outbox AS last
      WHERE last.chat_id = outbox.chat_id AND {_MADE} ORDER BY last.message_id DESC LIMIT 1)
    END
"""

# SQL for the number of messages in doubt that left before the row did, but after the message with
# the greatest id known then.
AHEAD = f"""
    (SELECT count(*) FROM outbox AS other
     WHERE other.state = 'pending' AND other.doubts > 0
       AND (other.sending_at, other.id) < (outbox.sending_at, outbox.id)
       AND (other.chat_id = outbox.chat_id
            OR other.chat_id > {FIRST_SUPERGROUP} AND outbox.chat_id > {FIRST_SUPERGROUP})
       AND (other.known_message_id = outbox.known_message_id
            OR (other.sending_at, other.id) > (
              SELECT sending_at, id FROM outbox AS known
              WHERE known.message_id = outbox.known_message_id AND known.chat_id <> 0
                AND (known.chat_id = outbox.chat_id
                     OR known.chat_id > {FIRST_SUPERGROUP} AND outbox.chat_id > {FIRST_SUPERGROUP})
              ORDER BY sending_at DESC LIMIT 1)))
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that has left and may exist, with an id above `known_message_id`. `ahead` others in
    doubt left before it, with the same `known_message_id`.
    """

    id: int
    chat_id: int
    attempts: int
    known_message_id: int
    left_at: datetime
    ahead: int = 0

    @property
    def scope(self) -> int:
        """The sequence of the chat's message ids: the account's (0), or the chat's own."""
        return 0 if self.chat_id > FIRST_SUPERGROUP else self.chat_id


@dataclass(frozen=True, slots=True)
class Candidates:
    """Unknown ids that the message may have, usually one up to `likely_end`. Unless they are
    `complete`, it may also have a greater id. Unless it is `settled`, the message itself may still
    arrive.
    """

    ids: list[int]
    settled: bool
    complete: bool
    likely_end: int


@dataclass(frozen=True, slots=True)
class ControlIds:
    """Ids with known results for probes: a message of the bot, if possible in the same chat, as
    chat and id; and an id in another chat.
    """

    own: tuple[int, int]
    elsewhere: int


# The chats with the same sequence of ids as the chat $1.
_SCOPE = f"(chat_id = $1 OR $1::bigint > {FIRST_SUPERGROUP} AND chat_id > {FIRST_SUPERGROUP})"
# Messages of people since an hour before $2.
_RECEIVED = """
    SELECT (said.part ->> 'message_id')::bigint AS id, chat_id, received_at,
           to_timestamp((said.part ->> 'date')::bigint) AS said_at
    FROM inbox, LATERAL (
      SELECT coalesce(payload -> 'message', payload -> 'channel_post') AS part) AS said
    WHERE received_at > $2::timestamptz - interval '1 hour' AND said.part ? 'message_id'
"""


async def candidates(connection: Connection, doubt: Doubt) -> Candidates | None:
    """The ids that the message may have, one more than can be probed if there are too many. A bot
    sees few messages of supergroups and channels, so there a later one must be known: None until
    then.
    """
    row: Any = await connection.fetchrow(
        f"""
        WITH settled AS (SELECT $2::timestamptz + make_interval(secs => {SETTLING_SECONDS}) AS at),
        left_at AS (SELECT $2::timestamptz + make_interval(secs => {MIN_LATER_SECONDS}) AS at),
        given AS (
          SELECT message_id AS id, doubts = 0 AND sending_at >= settled.at AS later,
                 doubts = 0 AND sending_at >= left_at.at AS probably_later
          FROM outbox, settled, left_at
          WHERE created_at > $2::timestamptz - interval '1 day' AND message_id > $3
            AND {_MADE} AND {_SCOPE}
          UNION ALL
          SELECT id, received_at >= settled.at AND said_at >= settled.at,
                 said_at >= left_at.at
          FROM ({_RECEIVED}) AS received, settled, left_at WHERE id > $3 AND {_SCOPE})
        SELECT (SELECT at FROM settled) <= now(), min(id) FILTER (WHERE later),
               min(id) FILTER (WHERE probably_later),
               coalesce(max(id), $3), {MAX_BEYOND} + (
                 SELECT count(*) FROM outbox
                 WHERE doubt_since > $2::timestamptz - interval '1 hour')
        FROM given
        """,
        doubt.chat_id,
        doubt.left_at,
        doubt.known_message_id,
    )
    settled, end, probable_end, greatest, beyond = row
    likely_end = min(greatest, probable_end or greatest)
    if not settled:
        end, greatest = None, likely_end
        beyond = 0 if probable_end else beyond
    if end is None and doubt.chat_id < FIRST_SUPERGROUP:
        return None
    rows = await connection.fetch(
        f"""
        SELECT id FROM generate_series($3::bigint + 1, least($4, $3 + 100000) - 1) AS id
        WHERE id NOT IN (SELECT message_id FROM outbox
                         WHERE message_id BETWEEN $3 AND $4 AND {_SCOPE})
          AND id NOT IN (SELECT received.id FROM ({_RECEIVED}) AS received WHERE {_SCOPE})
        ORDER BY id LIMIT {MAX_UNKNOWN + 1}
        """,
        doubt.chat_id,
        doubt.left_at,
        doubt.known_message_id,
        end or greatest + 1 + beyond,
    )
    ids = [row["id"] for row in rows]
    return Candidates(ids if end else ids[:MAX_UNKNOWN], settled, end is not None, likely_end)


async def has_other_doubts(connection: Connection, doubt: Doubt) -> bool:
    """Whether a copy of another message that was recently in doubt may exist in the chat."""
    found: bool = await connection.fetchval(
        """
        SELECT EXISTS (
          SELECT FROM outbox
          WHERE doubt_since > $2::timestamptz - interval '1 hour' AND chat_id = $1 AND id <> $3
            AND (state <> 'sent' OR attempts > 1))
        """,
        doubt.chat_id,
        doubt.left_at,
        doubt.id,
    )
    return found


async def confirmed_own_ids(connection: Connection, doubt: Doubt) -> set[int]:
    """Messages of the bot in the chat that somebody has tapped, or replied to if there is no other
    bot.
    """
    rows = await connection.fetch(
        """
        SELECT (payload #>> '{callback_query,message,message_id}')::bigint AS tapped,
               CASE WHEN payload #>> '{message,reply_to_message,from,is_bot}' = 'true'
                         AND chat_id > 0
                    THEN payload #>> '{message,reply_to_message,message_id}' END::bigint AS replied
        FROM inbox WHERE chat_id = $1 AND received_at > $2::timestamptz
        """,
        doubt.chat_id,
        doubt.left_at,
    )
    return {one for row in rows for one in row.values() if one is not None}


async def control_ids(connection: Connection, doubt: Doubt) -> ControlIds | None:
    """Ids with known results, or None if too few messages were sent."""
    sent = f"message_id > 0 AND state = 'sent' AND {_MADE}"
    own = await connection.fetchrow(
        f"""
        (SELECT chat_id, message_id FROM outbox WHERE chat_id = $1 AND {sent}
         ORDER BY message_id DESC LIMIT 1)
        UNION ALL
        (SELECT chat_id, message_id FROM (
           SELECT chat_id, message_id FROM outbox
           WHERE chat_id > {FIRST_SUPERGROUP} AND chat_id <> $1 AND {sent}
           ORDER BY message_id DESC LIMIT {MAX_CANDIDATES}) AS late
         -- Different ones for messages that are probed together: each chat is probed once a second.
         ORDER BY (message_id + $2) % {MAX_CANDIDATES} LIMIT 1)
        LIMIT 1
        """,
        doubt.chat_id,
        doubt.id,
    )
    elsewhere = await connection.fetchval(
        f"""
        SELECT message_id FROM outbox
        WHERE chat_id > {FIRST_SUPERGROUP} AND chat_id <> $1 AND {sent}
        ORDER BY message_id DESC LIMIT 1
        """,
        doubt.chat_id if doubt.scope == 0 else 0,
    )
    return None if own is None or elsewhere is None else ControlIds(tuple(own), elsewhere)
