"""Deletes old rows in batches."""

from __future__ import annotations

from datetime import timedelta

from app.database.connection import Connection

# Thirteen months, so that a month can be compared with the same month a year before.
HISTORY = timedelta(days=400)
# Rows in one transaction, which then holds its locks for a few milliseconds.
BATCH = 1000


async def delete_older(
    connection: Connection,
    table: str,
    at: str,
    age: timedelta,
    limit: int,
    *,
    which: str = "TRUE",
) -> int:
    """Delete up to `limit` of the oldest rows, except rows that another transaction has locked.

    Args:
        table: the table's name.
        at: the column that holds a row's time.
        which: an SQL condition that the rows must meet.

    Returns:
        The number of deleted rows.
    """
    rows = await connection.fetch(
        f"""
        DELETE FROM {table} WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM {table} WHERE {at} < now() - $1::interval AND {which}
          ORDER BY {at} LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING 1
        """,
        age,
        limit,
    )
    return len(rows)
