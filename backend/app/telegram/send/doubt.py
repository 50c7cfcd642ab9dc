"""Messages in doubt: the request left and no answer came, so Telegram may have accepted it.

The Bot API has no idempotency key. The rule: a message in doubt is sent again, after doubling
pauses, until it expires, because two copies are better than none. One that expires in doubt becomes
`uncertain`, and the operator decides. Calls that create no message are simply repeated.

Until then the row is `pending`, for compatibility with the previous release.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.database.connection import Connection
from app.telegram.send.claims import Claimant, QueuedMessage
from app.telegram.send.transitions import MAX_ERROR

# The pause before the first repetition; it doubles each time, up to half an hour.
FIRST_PAUSE = 2.0
MAX_PAUSE = 1800.0
# When a message without an expiry of its own expires after it came into doubt.
MAX_DOUBT_HOURS = 24

# All methods that create messages have these names; other calls can be repeated without harm.
_MAKES_MESSAGE = "method ~ '^(send|forward|copy)' AND method !~ '(ChatAction|Draft)$'"
_PAUSE = f"make_interval(secs => least({MAX_PAUSE}, {FIRST_PAUSE} * power(2, least(doubts, 16))))"
_DOUBT = f"""
    state = 'pending', claimed_by = NULL, claimed_until = NULL,
    doubts = doubts + ({_MAKES_MESSAGE})::int,
    doubt_since = CASE WHEN {_MAKES_MESSAGE} THEN coalesce(doubt_since, now()) END,
    expires_at = coalesce(expires_at, now() + interval '{MAX_DOUBT_HOURS} hours')
"""


@dataclass(frozen=True, slots=True)
class DoubtfulMessage:
    """A message whose outcome is unknown, for the operator."""

    id: int
    chat_id: int
    key: str
    waits: bool  # it will be repeated; otherwise it has expired
    doubts: int
    since: datetime
    error: str | None


_COLUMNS = """
    id, chat_id, key, state <> 'uncertain' AS waits, doubts,
    coalesce(doubt_since, sending_at, created_at) AS since, error
"""
_DOUBTFUL = "(state = 'uncertain' OR state IN ('pending', 'sending') AND doubt_since IS NOT NULL)"


async def mark_in_doubt(connection: Connection, message: QueuedMessage, error: str) -> None:
    """Record that no answer came: the message is sent again after a pause.

    No effect if another instance has become the leader and decided about the message.
    """
    await connection.execute(
        f"""
        UPDATE outbox SET {_DOUBT}, error = $3, due_at = now() + {_PAUSE}
        WHERE id = $1 AND state = 'sending' AND attempts = $2
        """,
        message.id,
        message.attempts,
        error[:MAX_ERROR],
    )


async def take_over(
    connection: Connection,
    claimant: Claimant,
    at_work: Collection[int],
    requested: Collection[int],
) -> int:
    """Decide about every row that is leaving. Returns the number in doubt.

    Args:
        claimant: the new sender. Rows that it marked itself and that are not in `requested` have
            not left.
        at_work: ids that it is still working on.
        requested: ids whose request it has begun.
    """
    await connection.execute(
        """
        UPDATE outbox SET state = 'pending', claimed_by = NULL, claimed_until = NULL
        WHERE state = 'sending' AND claimed_by = $1 AND id <> ALL($2::bigint[])
        """,
        claimant.token,
        list(requested),
    )
    rows = await connection.fetch(
        f"""
        UPDATE outbox SET {_DOUBT}, error = 'the process ended while this was being sent',
                          due_at = now() + {_PAUSE}
        WHERE state = 'sending' AND id <> ALL($1::bigint[])
        RETURNING 1
        """,
        list(at_work),
    )
    return len(rows) + await _adopt(connection)


async def _adopt(connection: Connection) -> int:
    """Repeat messages that the previous release gave up in doubt, as it did with digests, unless
    they have expired or their reader has had a later digest. Returns their number.
    """
    rows = await connection.fetch(
        f"""
        UPDATE outbox SET {_DOUBT}, due_at = now()
        WHERE state = 'uncertain'
          AND coalesce(expires_at, created_at + interval '{MAX_DOUBT_HOURS} hours') > now()
          AND NOT EXISTS (
            SELECT FROM digests
            WHERE digests.chat_id = outbox.chat_id AND digests.id > outbox.digest_id)
        RETURNING digest_id
        """
    )
    await connection.execute(
        "UPDATE digest_stories SET seen = TRUE WHERE digest_id = ANY($1) AND NOT seen",
        [row["digest_id"] for row in rows],
    )
    return len(rows)


async def doubtful(connection: Connection, limit: int) -> list[DoubtfulMessage]:
    """Messages whose outcome is unknown, expired ones first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM outbox WHERE {_DOUBTFUL} ORDER BY waits, id LIMIT $1", limit
    )
    return [DoubtfulMessage(*row) for row in rows]


async def count(connection: Connection) -> int:
    """The number of messages whose outcome is unknown."""
    number: int = await connection.fetchval(f"SELECT count(*) FROM outbox WHERE {_DOUBTFUL}")
    return number


async def resend(connection: Connection, row_id: int | None) -> int:
    """Send one of them again now, or all (None), although copies may exist. Returns the number."""
    rows = await connection.fetch(
        f"""
        UPDATE outbox
        SET state = 'pending', due_at = now(), doubt_since = coalesce(doubt_since, now()),
            expires_at = greatest(expires_at, now() + interval '{MAX_DOUBT_HOURS} hours')
        WHERE {_DOUBTFUL} AND state <> 'sending' AND ($1::bigint IS NULL OR id = $1)
        RETURNING 1
        """,
        row_id,
    )
    return len(rows)


async def drop(connection: Connection, row_id: int) -> int:
    """Give up one of them. Returns the number; the stories of a digest still count as seen."""
    rows = await connection.fetch(
        f"""
        UPDATE outbox SET state = 'failed', error = 'dropped by the operator'
        WHERE {_DOUBTFUL} AND state <> 'sending' AND id = $1
        RETURNING 1
        """,
        row_id,
    )
    return len(rows)
