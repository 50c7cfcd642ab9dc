"""Claims messages of the outbox, and marks them as being sent.

The life of a row:

- `pending`: it waits. With a `claimed_by` and a `claimed_until` in the future it is claimed: a
  process will send it next. Nothing has been sent, so the leader may claim it again when the lease
  has expired; the same process may do so at once, for example if the answer to its claim was lost.
- `sending`: it is being sent. This is committed just before the first byte of the request, so only
  these rows are in doubt after a crash; see `app.telegram.send.doubt`.
- `sent`, `failed`, or `uncertain`: it is finished; see `app.telegram.send.transitions`.

A chat's messages are sent in order, so only its first waiting one can be claimed. A claim that
reads the others marks them as `blocked`, and a trigger (migration 0007) unblocks the next one when
the first is finished. So a claim reads each waiting message of a chat only once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.database.connection import Connection
from app.database.leases import is_free
from app.database.locks import HELD_BY, Lock
from app.telegram.send.message_ids import GREATEST_KNOWN
from app.telegram.send.outbox import Parameters

# The length of a claim's lease.
LEASE_SECONDS = 10.0
# Claims are short; one without an answer delays every message.
MAX_STATEMENT_SECONDS = 5.0
# A message that was in doubt more often than this, which takes about a minute, no longer delays the
# later ones of its chat. Migration 0007 contains the same number.
MAX_DOUBTS_IN_ORDER = 5
# How many messages behind others one claim skips before they are marked.
MAX_PASSED = 100


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A row of the outbox; `attempts` counts how often the message has left."""

    id: int
    chat_id: int
    method: str
    parameters: Parameters = field(repr=False)
    priority: int
    attempts: int
    digest_id: int | None


@dataclass(frozen=True, slots=True)
class Claimant:
    """A process that claims: its token, the PostgreSQL backend that holds the leader's lock for it,
    and since when.

    Nothing is claimed and nothing leaves unless that backend holds the lock. None: no other process
    can be the leader.
    """

    token: str
    lead_pid: int | None = None
    since: datetime | None = None


_LEADS = f"($PID::int IS NULL OR {HELD_BY.format(pid='$PID::int', key=Lock.TELEGRAM.value)})"

# Nothing is lost with a claim, so its commit does not wait for the disk.
_NOT_DURABLE = "set_config('synchronous_commit', 'off', TRUE) <> ''"
# A scan of ix_outbox_claimable that stops when it has enough rows: for the first `limit` of a
# sorted set, the planner would sort all pending messages for each claim.
_CLAIM = f"""
    WITH RECURSIVE walk AS (
      SELECT -1 AS priority, 0::bigint AS id, FALSE AS free, FALSE AS behind,
             0 AS found, 0 AS passed
      UNION ALL
      SELECT later.priority, later.id, later.free AND NOT later.behind, later.behind,
             found + (later.free AND NOT later.behind)::int, passed + later.behind::int
      FROM walk, LATERAL (
        SELECT priority::integer, id,
               due_at <= now()
                 AND ({is_free()} OR claimed_by = $3 AND id <> ALL($4::bigint[]))
                 AND (chat_id = 0 OR chat_id <> ALL($2::bigint[]) AND chat_id <> ALL(ARRAY(
                      SELECT chat_id FROM outbox WHERE state = 'sending'))) AS free,
               chat_id <> 0 AND doubts <= {MAX_DOUBTS_IN_ORDER} AND id <> (
                 SELECT id FROM outbox AS first
                 WHERE first.chat_id = candidate.chat_id AND first.state IN ('pending', 'sending')
                   AND first.doubts <= {MAX_DOUBTS_IN_ORDER}
                 ORDER BY first.priority, first.id LIMIT 1) AS behind
        FROM outbox AS candidate
        WHERE state = 'pending' AND NOT blocked
          AND (priority::integer, id) > (walk.priority, walk.id)
        ORDER BY priority::integer, id LIMIT 1) AS later
      WHERE found < $1 AND passed < {MAX_PASSED}
    ), claimed AS (
      UPDATE outbox
      SET claimed_by = $3, claimed_until = now() + make_interval(secs => {LEASE_SECONDS})
      WHERE id = ANY(ARRAY(SELECT id FROM walk WHERE free)) AND state = 'pending'
        AND ({is_free()} OR claimed_by = $3)
        AND {_LEADS.replace("$PID", "$5")}
        AND {_NOT_DURABLE}
      RETURNING id, chat_id, method, parameters, priority, attempts, digest_id)
    SELECT FALSE AS behind, * FROM claimed
    UNION ALL SELECT TRUE, id, 0, '', NULL, 0, 0, 0 FROM walk WHERE behind
"""


async def claim(
    connection: Connection,
    claimant: Claimant,
    limit: int,
    *,
    busy_chats: Collection[int] = (),
    excluded: Collection[int] = (),
) -> list[QueuedMessage]:
    """Claim up to `limit` messages, at most one per chat and none of `busy_chats`.

    Rows that the claimant has already claimed are returned again, except the ids `excluded`.
    """
    while True:
        rows = await connection.fetch(
            _CLAIM,
            limit,
            list(busy_chats),
            claimant.token,
            list(excluded),
            claimant.lead_pid,
            timeout=MAX_STATEMENT_SECONDS,
        )
        claimed = [QueuedMessage(*row[1:]) for row in rows if not row["behind"]]
        behind = [row["id"] for row in rows if row["behind"]]
        blocked = await _block(connection, behind) if behind else 0
        if claimed or not blocked:
            return sorted(claimed, key=lambda message: (message.priority, message.id))


async def _block(connection: Connection, ids: list[int]) -> int:
    """Mark messages that wait behind others of their chat. Returns the number of marked ones.

    The first message of the chat is locked meanwhile: when it is over, the trigger finds the next
    one marked and unblocks it.
    """
    rows = await connection.fetch(
        f"""
        WITH first AS MATERIALIZED (
          SELECT chat.chat_id, (
            SELECT id FROM outbox
            WHERE outbox.chat_id = chat.chat_id AND state IN ('pending', 'sending')
              AND doubts <= {MAX_DOUBTS_IN_ORDER}
            ORDER BY priority, id LIMIT 1) AS id
          FROM (SELECT DISTINCT chat_id FROM outbox WHERE id = ANY($1)) AS chat
        ), held AS MATERIALIZED (
          SELECT chat_id, id FROM outbox
          WHERE id = ANY(ARRAY(SELECT id FROM first)) AND state IN ('pending', 'sending')
            AND doubts <= {MAX_DOUBTS_IN_ORDER}
          FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE outbox SET blocked = TRUE FROM held
        WHERE outbox.id = ANY($1) AND outbox.chat_id = held.chat_id AND outbox.id <> held.id
          AND outbox.state = 'pending'
        RETURNING outbox.id
        """,
        ids,
        timeout=MAX_STATEMENT_SECONDS,
    )
    return len(rows)


async def leave(
    connection: Connection, claimant: Claimant, messages: Sequence[QueuedMessage]
) -> list[QueuedMessage]:
    """Commit that claimed messages are leaving; returns those that may, in the given order.

    The others have expired, were withdrawn, or are claimed by another process.
    """
    rows = await connection.fetch(
        f"""
        UPDATE outbox
        SET state = 'sending', sending_at = now(), attempts = attempts + 1, claimed_until = NULL,
            known_message_id =
              coalesce(known_message_id, {GREATEST_KNOWN.replace("$SINCE", "$4::timestamptz")})
        WHERE id = ANY($1) AND state = 'pending' AND claimed_by = $2
          AND (expires_at IS NULL OR expires_at > now())
          AND {_LEADS.replace("$PID", "$3")}
        RETURNING id, attempts
        """,
        [message.id for message in messages],
        claimant.token,
        claimant.lead_pid,
        claimant.since,
        timeout=MAX_STATEMENT_SECONDS,
    )
    attempts: dict[int, Any] = {row["id"]: row["attempts"] for row in rows}
    return [
        replace(message, attempts=attempts[message.id])
        for message in messages
        if message.id in attempts
    ]


async def give_back(connection: Connection, claimant: Claimant, ids: Collection[int]) -> None:
    """Release messages that were claimed or about to leave, and certainly did not."""
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', claimed_by = NULL, claimed_until = NULL
        WHERE id = ANY($1) AND claimed_by = $2 AND state IN ('pending', 'sending')
        """,
        list(ids),
        claimant.token,
    )


async def recently_sent(connection: Connection, seconds: float) -> list[tuple[int, float]]:
    """The messages that left within the last `seconds`, from any process: their chats, and how many
    seconds ago each had certainly arrived, the oldest first.
    """
    # Messages are rarely sent long after their creation, which is indexed.
    rows = await connection.fetch(
        """
        SELECT chat_id, extract(epoch FROM now() - least(sent_at, now()))::float AS ago
        FROM outbox
        WHERE created_at > now() - interval '1 hour' AND chat_id <> 0
          -- Those that left later did so while the clock was ahead.
          AND sending_at BETWEEN now() - make_interval(secs => $1)
                             AND now() + make_interval(secs => $1)
        ORDER BY ago DESC
        """,
        seconds,
    )
    return [(row["chat_id"], row["ago"]) for row in rows]
