"""The SQL of data exports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.database.leases import is_free

DATA, MARKDOWN, BOOKMARKS = "data", "markdown", "bookmarks"
# The most exports of each kind per person and chat within `PERIOD`.
MAX_ASKED = {DATA: 1, MARKDOWN: 3, BOOKMARKS: 3}
PERIOD = timedelta(days=1)
# After a process has ended while making a file, the next attempt is due.
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ExportJob:
    """An export to make; `attempts` includes this one."""

    id: int
    chat_id: int
    user_id: int
    kind: str
    attempts: int

    @property
    def recipient(self) -> int:
        """The chat that receives the file: personal data goes only to that person."""
        return self.user_id if self.kind == DATA else self.chat_id

    @property
    def key(self) -> str:
        """The key of the message with the file."""
        return f"export:{self.id}"


async def ask(connection: Connection, chat_id: int, user_id: int, kind: str) -> bool:
    """Queue an export. Returns False if this person has requested too many already."""
    asked: int = await connection.fetchval(
        """
        SELECT count(*) FROM data_exports
        WHERE chat_id = $1 AND kind = $2 AND user_id = $3 AND state <> 'failed'
          AND asked_at > now() - $4::interval
        """,
        chat_id,
        kind,
        user_id,
        PERIOD,
    )
    if asked >= MAX_ASKED[kind]:
        return False
    await connection.execute(
        "INSERT INTO data_exports (chat_id, user_id, kind) VALUES ($1, $2, $3)",
        chat_id,
        user_id,
        kind,
    )
    return True


async def claim(connection: Connection, lease: timedelta) -> ExportJob | None:
    """Claim the export that has waited longest; it is free again after `lease`."""
    row = await connection.fetchrow(
        f"""
        UPDATE data_exports SET claimed_until = now() + $1::interval, attempts = attempts + 1
        WHERE id = (
          SELECT id FROM data_exports
          WHERE state = 'pending' AND {is_free()}
          ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, chat_id, user_id, kind, attempts
        """,
        lease,
    )
    return None if row is None else ExportJob(*row)


async def take_over(connection: Connection) -> None:
    """Release the claims of the previous leader, which makes no files any more."""
    await connection.execute("UPDATE data_exports SET claimed_until = NULL WHERE state = 'pending'")


async def release(connection: Connection, job: ExportJob) -> None:
    """Release an export whose attempt failed."""
    await connection.execute(
        "UPDATE data_exports SET claimed_until = NULL WHERE id = $1 AND attempts = $2",
        job.id,
        job.attempts,
    )


async def finish(connection: Connection, job: ExportJob, file: str | None) -> bool:
    """Record the name of the file; None: no file can be made.

    Returns:
        False if another process has claimed the job, or its reader was deleted.
    """
    finished = await connection.fetchval(
        """
        UPDATE data_exports SET state = $3, file = $4, claimed_until = NULL
        WHERE id = $1 AND attempts = $2 AND state = 'pending' RETURNING TRUE
        """,
        job.id,
        job.attempts,
        "failed" if file is None else "made",
        file,
    )
    return bool(finished)


async def waiting_files(connection: Connection, names: Collection[str]) -> set[str]:
    """The files among `names` that are still to be sent."""
    rows = await connection.fetch(
        """
        SELECT file FROM data_exports JOIN outbox ON key = 'export:' || data_exports.id
        WHERE file = ANY($1) AND outbox.state NOT IN ('sent', 'failed')
        """,
        list(names),
    )
    return {row["file"] for row in rows}


async def forget(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old exports. Returns the number of rows."""
    return await delete_older(connection, "data_exports", "asked_at", age, limit)
