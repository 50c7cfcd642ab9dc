"""Counts attempts to handle updates, so that a killed process cannot undo the count.

A row is committed on a separate connection before an update is handled, and is deleted in the
transaction that handles it. While that transaction holds the update's row in the inbox, no other
process can claim the update. A process that claims an update and finds a row here therefore knows
that another one ended while handling it.
"""

from __future__ import annotations

from collections.abc import Collection

from app.database.connection import Connection

# How often handling an update may end the process before it becomes a dead letter. Only attempts
# to handle it alone count, because among several updates the cause is unknown.
MAX_ALONE = 2


async def begin(connection: Connection, update_ids: Collection[int]) -> set[int]:
    """Record that the updates are about to be handled together.

    Returns:
        The ids that may be. The others were interrupted before, and must be handled alone.
    """
    rows = await connection.fetch(
        """
        INSERT INTO inbox_attempts (update_id) SELECT unnest($1::bigint[])
        ON CONFLICT (update_id) DO NOTHING RETURNING update_id
        """,
        list(update_ids),
    )
    return {row["update_id"] for row in rows}


async def begin_alone(connection: Connection, update_id: int) -> int:
    """Record that an update is about to be handled alone. Returns the number of such attempts
    without an end, including this one.
    """
    alone: int = await connection.fetchval(
        """
        INSERT INTO inbox_attempts AS known (update_id, alone) VALUES ($1, 1)
        ON CONFLICT (update_id) DO UPDATE SET alone = known.alone + 1 RETURNING alone
        """,
        update_id,
    )
    return alone


async def end(connection: Connection, update_ids: Collection[int]) -> None:
    """Delete the attempts: the process has survived handling the updates, with any outcome."""
    await connection.execute(
        "DELETE FROM inbox_attempts WHERE update_id = ANY($1)", list(update_ids)
    )


async def discount(connection: Connection, update_ids: Collection[int]) -> None:
    """Do not count attempts that something else interrupted.

    It does not wait for locks: those of a lost connection end with that connection.
    """
    await connection.execute(
        """
        DELETE FROM inbox_attempts WHERE update_id IN (
          SELECT update_id FROM inbox_attempts WHERE update_id = ANY($1) FOR UPDATE SKIP LOCKED)
        """,
        list(update_ids),
    )
