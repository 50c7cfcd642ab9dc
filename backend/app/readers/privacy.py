"""Deletes everything about a reader.

The tables are found through the database's catalogue, so that later tables are included. No index
finds the person in other chats' messages, so an `Eraser` searches for them after the handler.
"""

from __future__ import annotations

from app.database.connection import Connection, Pool
from app.readers.personal_data import INBOX, OUTBOX, columns_by_table

# Rows per transaction; each may have about 16 KB.
BATCH = 500
# The group itself is kept.
_ADDED = "UPDATE readers SET added_by = NULL WHERE added_by = $1"


async def delete_everything(connection: Connection, chat_id: int) -> None:
    """Delete every row about a chat, and the person's rows in other chats.

    Handled updates are kept without their content, because Telegram may deliver them again. Pending
    updates are kept and handled: they were sent after the deletion was requested.
    """
    # A worker that is making a digest for this reader holds its lock; the rows that it adds must be
    # deleted too.
    await connection.execute("SELECT FROM readers WHERE chat_id = $1 FOR UPDATE", chat_id)
    for table, names in (await columns_by_table(connection)).items():
        # A private chat has its person's id.
        condition = " OR ".join(f"{name} = $1::bigint" for name in names if name != "added_by")
        if table != INBOX:
            await connection.execute(f"DELETE FROM {table} WHERE {condition}", chat_id)
    await connection.execute(_ADDED, chat_id)
    await connection.execute(
        """
        INSERT INTO erasures (person_id) VALUES ($1)
        ON CONFLICT (person_id) DO UPDATE SET asked_at = now()
        """,
        chat_id,
    )


class Eraser:
    """Searches the queues for deleted persons; several may run, for different persons."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def step(self) -> int:
        """Erase one person from the queues. Returns the number of persons."""
        async with self._pool.acquire() as connection:
            person_id = await connection.fetchval("SELECT person_id FROM erasures LIMIT 1")
            if person_id is None:
                return 0
            for table, key, erase in (
                (INBOX, "update_id", _ERASE_FROM_INBOX),
                (OUTBOX, "id", _ERASE_FROM_OUTBOX),
            ):
                await _in_batches(connection, table, key, erase, person_id)
            await connection.execute("DELETE FROM erasures WHERE person_id = $1", person_id)
        return 1


# Each takes the person's id and the first and last key of a batch. Messages to the person are
# already deleted, except the goodbye, which is deleted after sending.
_ERASE_FROM_INBOX = """
    UPDATE inbox SET chat_id = 0, payload = '{}', error = NULL
    FROM erasures
    WHERE person_id = $1 AND update_id BETWEEN $2 AND $3
      AND state <> 'pending' AND received_at <= asked_at AND payload <> '{}'
      AND (chat_id = $1
           OR jsonb_path_exists(payload, '$.**.id ? (@ == $id)', jsonb_build_object('id', $1)))
"""
_ERASE_FROM_OUTBOX = """
    DELETE FROM outbox USING erasures
    WHERE person_id = $1 AND outbox.id BETWEEN $2 AND $3
      AND created_at <= asked_at AND chat_id <> $1
      AND parameters::text ~ ('(^|[^0-9])' || $1 || '([^0-9]|$)')
"""


async def _in_batches(
    connection: Connection, table: str, key: str, erase: str, person_id: int
) -> None:
    last: int | None = None
    while True:
        bounds = await connection.fetchrow(
            f"""
            SELECT min({key}) AS first, max({key}) AS last FROM (
              SELECT {key} FROM {table} WHERE $1::bigint IS NULL OR {key} > $1
              ORDER BY {key} LIMIT $2) AS batch
            """,
            last,
            BATCH,
        )
        if bounds is None or bounds["last"] is None:
            return
        last = bounds["last"]
        await connection.execute(erase, person_id, bounds["first"], last)
