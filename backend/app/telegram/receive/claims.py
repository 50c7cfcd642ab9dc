"""Claims updates: the oldest pending one of each chat, regardless of how many are postponed.

A pending update is ready or postponed. A postponed one has a `due_at` after its `received_at`: it
waits for its next attempt, or for something that it needs. Each kind has an index. A ready update
behind a postponed one of its chat is postponed too when a claim meets it, and made ready when the
first one is over, so postponed updates cost a claim nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from app.database.connection import Connection
from app.telegram.receive.inbox import MAX_CHAT, MAX_PUT_OFF, MIN_CHAT, ClaimedUpdate

# The most chats beginning with a postponed update that a claim skips.
MAX_PASSED = 100
_PUT_OFF = "state = 'pending' AND due_at > received_at"
_READY = "state = 'pending' AND due_at <= received_at"
_FIRST = """
    (SELECT update_id FROM inbox AS first
     WHERE first.chat_id = candidate.chat_id AND first.state = 'pending'
     ORDER BY first.update_id LIMIT 1)
"""


@dataclass(slots=True)
class ClaimedUpdates:
    """The locked updates, and the chats whose next update waits behind a postponed one."""

    updates: list[ClaimedUpdate] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)


async def claim(
    connection: Connection,
    limit: int,
    *,
    after_chat: int | None = None,
    only_chat: int | None = None,
) -> ClaimedUpdates:
    """Lock the oldest pending update of up to `limit` chats, in the order of chats after
    `after_chat` and then from the start, so that every chat gets its turn; or of `only_chat`.

    Call it in the transaction that handles them: the row locks are the claim, so a killed process
    releases it at once. An update waits for all earlier pending ones of its chat.
    """
    claimed = ClaimedUpdates()
    claimed.updates += await _claim_due_again(connection, limit // 2, only_chat)
    ranges = [(MIN_CHAT, MAX_CHAT)]
    if only_chat is not None:
        ranges = [(only_chat - 1, only_chat)]
    elif after_chat is not None:
        ranges = [(after_chat, MAX_CHAT), (MIN_CHAT, after_chat)]
    for behind_chat, last_chat in ranges:
        remaining = limit - len(claimed.updates)
        if remaining > 0:
            await _claim_ready(connection, claimed, remaining, behind_chat, last_chat)
    return claimed


async def _claim_due_again(
    connection: Connection, limit: int, only_chat: int | None
) -> list[ClaimedUpdate]:
    """The postponed updates that are due."""
    rows = await connection.fetch(
        f"""
        SELECT update_id, chat_id, payload, attempts, held_at IS NOT NULL FROM inbox
        WHERE update_id = ANY(ARRAY(
                SELECT update_id FROM inbox AS candidate
                WHERE {_PUT_OFF} AND due_at <= now() AND update_id = {_FIRST}
                  AND ($2::bigint IS NULL OR chat_id = $2)
                ORDER BY due_at LIMIT $1)) AND state = 'pending'
        ORDER BY due_at
        FOR UPDATE SKIP LOCKED
        """,
        limit,
        only_chat,
    )
    return [ClaimedUpdate(*row) for row in rows]


async def _claim_ready(
    connection: Connection, claimed: ClaimedUpdates, limit: int, behind_chat: int, last_chat: int
) -> None:
    # A loose index scan of ix_inbox_ready, chat by chat: its cost depends neither on the number of
    # pending updates nor on the planner's statistics.
    rows = await connection.fetch(
        f"""
        WITH RECURSIVE walk AS (
          SELECT $2::bigint AS chat_id, 0::bigint AS update_id, NULL::boolean AS free,
                 0 AS found, 0 AS passed
          UNION ALL
          SELECT next.chat_id, next.update_id, next.free,
                 found + next.free::int, passed + (NOT next.free)::int
          FROM walk, LATERAL (
            SELECT chat_id, update_id, update_id = {_FIRST} AS free
            FROM inbox AS candidate
            WHERE {_READY} AND chat_id > walk.chat_id AND chat_id <= $3
            ORDER BY chat_id, update_id LIMIT 1) AS next
          WHERE found < $1 AND passed < {MAX_PASSED}
        ), locked AS (
          SELECT update_id, chat_id, payload, attempts, held_at IS NOT NULL AS held FROM inbox
          WHERE update_id = ANY(ARRAY(SELECT update_id FROM walk WHERE free)) AND state = 'pending'
          FOR UPDATE SKIP LOCKED)
        SELECT FALSE AS behind, * FROM locked
        UNION ALL SELECT TRUE, 0, chat_id, NULL, 0, FALSE FROM walk WHERE NOT free
        ORDER BY chat_id
        """,
        limit,
        behind_chat,
        last_chat,
    )
    claimed.updates += [ClaimedUpdate(*row[1:]) for row in rows if not row["behind"]]
    claimed.behind += [row["chat_id"] for row in rows if row["behind"]]


async def put_off_behind(connection: Connection, chat_ids: Collection[int]) -> int:
    """Postpone the updates of these chats behind a postponed one, until the same time. Returns
    their number.
    """
    rows = await connection.fetch(
        f"""
        WITH behind AS MATERIALIZED (
          SELECT later.update_id, head.due_at
          FROM unnest($1::bigint[]) AS chat (id), LATERAL (
            SELECT update_id, due_at, received_at FROM inbox
            WHERE chat_id = chat.id AND state = 'pending' ORDER BY update_id LIMIT 1) AS head,
          LATERAL (
            SELECT update_id FROM inbox
            WHERE {_READY} AND chat_id = chat.id AND update_id > head.update_id
            ORDER BY update_id LIMIT {MAX_PUT_OFF} FOR UPDATE SKIP LOCKED) AS later
          WHERE head.due_at > head.received_at AND head.due_at > now())
        UPDATE inbox SET due_at = greatest(behind.due_at, received_at + interval '1 millisecond')
        FROM behind WHERE inbox.update_id = behind.update_id AND state = 'pending'
        RETURNING 1
        """,
        list(chat_ids),
    )
    return len(rows)
