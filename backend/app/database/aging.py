"""Deleting rows that are older than an age, a batch at a time."""

from __future__ import annotations

from datetime import timedelta

from app.database.connection import Connection

# Thirteen months, so that a month can be held against the same one a year before.
HISTORY = timedelta(days=400)
# Rows in one transaction: some milliseconds of work, which is how long it holds locks.
BATCH = 1000


async def delete_older(
    connection: Connection,
    table: str,
    key: str,
    at: str,
    age: timedelta,
    limit: int,
    *,
    which: str = "TRUE",
) -> int:
    """Delete up to `limit` of the oldest rows, but none that somebody else works on.

    Args:
        table: its name.
        key: the column of its primary key.
        at: the column with a row's time.
        which: SQL that is true for the rows that may go.

    Returns:
        How many were deleted.
    """
    rows = await connection.fetch(
        f"""
        DELETE FROM {table} WHERE {key} = ANY(ARRAY(
          SELECT {key} FROM {table} WHERE {at} < now() - $1::interval AND {which}
          ORDER BY {at} LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING 1
        """,
        age,
        limit,
    )
    return len(rows)
