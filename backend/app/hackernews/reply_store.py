"""The SQL of `hn_users` and `hn_replies`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.database.leases import is_free

# The interval between two checks of a user.
REST = timedelta(minutes=10)
# The interval after a check in which Hacker News did not answer every request.
RETRY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class WatchedUser:
    """A claimed user.

    Attributes:
        after_id: replies with greater ids are new; None at the first check.
        named_at: when the first of the readers named the user.
        closed_id: submissions up to this id are too old for replies.
    """

    name: str
    after_id: int | None
    named_at: datetime
    closed_id: int


@dataclass(frozen=True, slots=True)
class FoundReply:
    """A checked comment; `text` is None if it is not sent."""

    comment_id: int
    author: str | None
    about: str
    text: str | None
    posted_at: datetime | None


async def update_watched_users(connection: Connection) -> None:
    """Update the watched users to those whom readers have named; the data of others is deleted."""
    await connection.execute(
        """
        INSERT INTO hn_users (name) SELECT DISTINCT name FROM hn_names ON CONFLICT DO NOTHING
        """
    )
    await connection.execute(
        """
        DELETE FROM hn_users
        WHERE NOT EXISTS (SELECT FROM hn_names WHERE hn_names.name = hn_users.name)
        """
    )


async def claim(connection: Connection, limit: int, lease: timedelta) -> list[WatchedUser]:
    """Claim users who are due, the one who has waited longest first."""
    rows = await connection.fetch(
        f"""
        WITH next AS (
          SELECT name FROM hn_users WHERE due_at <= now() AND NOT unknown AND {is_free()}
          ORDER BY due_at, name LIMIT $1 FOR UPDATE SKIP LOCKED)
        UPDATE hn_users SET claimed_until = now() + $2::interval
        FROM next WHERE hn_users.name = next.name
        RETURNING hn_users.name, after_id,
                  coalesce((SELECT min(since) FROM hn_names WHERE hn_names.name = hn_users.name),
                           now()),
                  closed_id
        """,
        limit,
        lease,
    )
    return [WatchedUser(*row) for row in rows]


async def mark_unknown(connection: Connection, name: str) -> None:
    """Record that Hacker News has no user of this name."""
    await connection.execute(
        "UPDATE hn_users SET unknown = TRUE, claimed_until = NULL WHERE name = $1", name
    )


async def unchecked_comments(connection: Connection, comment_ids: Sequence[int]) -> list[int]:
    """The ids that are not stored yet, in the given order."""
    rows = await connection.fetch(
        "SELECT comment_id FROM hn_replies WHERE comment_id = ANY($1::bigint[])", comment_ids
    )
    known = {row["comment_id"] for row in rows}
    return [one for one in comment_ids if one not in known]


async def finish(
    connection: Connection,
    user: WatchedUser,
    after_id: int | None,
    closed_id: int,
    found: Sequence[FoundReply],
    rest: timedelta,
) -> None:
    """Store the found replies, and release the user for `rest`."""
    async with connection.transaction():
        status = await connection.execute(
            """
            UPDATE hn_users SET after_id = $2, closed_id = $3, due_at = now() + $4::interval,
                                claimed_until = NULL
            WHERE name = $1
            """,
            user.name,
            after_id,
            closed_id,
            rest,
        )
        if status == "UPDATE 0":
            return  # no reader names the user any more
        await connection.executemany(
            """
            INSERT INTO hn_replies (comment_id, name, author, about, text, posted_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            [
                (one.comment_id, user.name, one.author, one.about, one.text, one.posted_at)
                for one in found
            ],
        )


async def put_off(connection: Connection, users: Sequence[WatchedUser]) -> None:
    """Release users who could not be checked."""
    await connection.execute(
        """
        UPDATE hn_users SET due_at = now() + $2::interval, claimed_until = NULL
        WHERE name = ANY($1)
        """,
        [user.name for user in users],
        RETRY,
    )


async def forget_replies(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old replies. Returns the number of rows."""
    return await delete_older(connection, "hn_replies", "found_at", age, limit)
