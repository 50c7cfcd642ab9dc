"""Whose digest is due: claimed row by row, so that several instances share the work."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.database.connection import Connection
from app.readers.schedule import next_digest, next_weekly
from app.readers.store import COLUMNS, Reader, reader_from
from app.readers.times import when
from app.wording import Html, text

Kind = Literal["daily", "weekly", "asked"]
_DUE_COLUMN = {
    "daily": "next_digest_at",
    "weekly": "next_weekly_at",
    "asked": "digest_wanted_at",
}


async def claim(connection: Connection, kind: Kind, now: datetime, limit: int) -> list[Reader]:
    """Lock up to `limit` readers whose digest is due, until the transaction ends.

    However long nothing ran, a reader has one time that is due, so an outage costs one late digest and is
    not followed by all those that were missed.
    """
    column = _DUE_COLUMN[kind]
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM readers
        WHERE {column} <= $1 AND unreachable_at IS NULL
          AND (paused_at IS NULL OR {column} = digest_wanted_at)
        ORDER BY {column} LIMIT $2
        FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [reader_from(row) for row in rows]


async def plan_after(connection: Connection, kind: Kind, reader: Reader, now: datetime) -> Reader:
    """Set when the next digest of this kind is due, now that this one is made."""
    following = {
        "daily": next_digest(reader, now),
        "weekly": next_weekly(reader, now),
        "asked": None,
    }
    row = await connection.fetchrow(
        f"UPDATE readers SET {_DUE_COLUMN[kind]} = $2 WHERE chat_id = $1 RETURNING {COLUMNS}",
        reader.chat_id,
        following[kind],
    )
    return reader_from(row)


def empty_text(reader: Reader, now: datetime) -> str:
    """What to say when there is nothing new for a reader."""
    if reader.next_digest_at is None:
        return text("digest.empty_unscheduled", reader.language)
    return text(
        "digest.empty", reader.language, when=Html(when(reader, reader.next_digest_at, now))
    )
