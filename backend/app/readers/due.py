"""Whose digest is due: claimed row by row, so that several instances share the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.database.connection import Connection
from app.readers.schedule import local_day
from app.readers.store import COLUMNS, Reader, reader_from

# Daily and weekly ones are scheduled, asked ones answer /digest.
Kind = Literal["daily", "weekly", "asked"]
_DUE_COLUMN = {
    "daily": "next_digest_at",
    "weekly": "next_weekly_at",
    "asked": "digest_wanted_at",
}
_LAST_COLUMNS = {
    "daily": "last_digest_on = planned.last_day, last_digest_due_at = planned.last_at",
    "weekly": "last_weekly_on = planned.last_day",
}


async def claim(connection: Connection, kind: Kind, now: datetime, limit: int) -> list[Reader]:
    """Lock up to `limit` readers whose digest is due, until the transaction ends.

    However long nothing ran, a reader has one time that is due, so an outage costs one late digest
    and is not followed by all those that were missed.
    """
    column = _DUE_COLUMN[kind]
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM readers
        WHERE {column} <= $1 AND unreachable_at IS NULL
        ORDER BY {column} LIMIT $2
        FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [reader_from(row) for row in rows]


def digest_day(reader: Reader, kind: str, now: datetime) -> date:
    """The reader's own date that a digest made at `now` is for."""
    match kind:
        case "daily":
            return reader.daily_plan.slot_of_digest(now).day
        case "weekly":
            return reader.weekly_plan.slot_of_digest(now).day
        case _:
            return local_day(reader.timezone, now)


async def plan_after(
    connection: Connection, kind: Kind, readers: Sequence[Reader], now: datetime
) -> None:
    """Set when the next digest of this kind is due, now that the present one is dealt with."""
    if kind == "asked":
        await connection.execute(
            "UPDATE readers SET digest_wanted_at = NULL WHERE chat_id = ANY($1)",
            [reader.chat_id for reader in readers],
        )
        return
    plans = [reader.daily_plan if kind == "daily" else reader.weekly_plan for reader in readers]
    lasts = [plan.slot_of_digest(now) for plan in plans]
    following = [plan.slot_after(last, now) for plan, last in zip(plans, lasts, strict=True)]
    await connection.execute(
        f"""
        UPDATE readers SET {_DUE_COLUMN[kind]} = planned.at, {_LAST_COLUMNS[kind]}
        FROM unnest($1::bigint[], $2::timestamptz[], $3::date[], $4::timestamptz[])
             AS planned (chat_id, at, last_day, last_at)
        WHERE readers.chat_id = planned.chat_id
        """,
        [reader.chat_id for reader in readers],
        [slot.at if slot else None for slot in following],
        [last.day for last in lasts],
        [last.at for last in lasts],
    )


@dataclass(frozen=True, slots=True)
class AlertWish:
    """Of what a reader wants to hear at once: stories with so many points (0: none) or a phrase."""

    chat_id: int
    points: int
    phrases: tuple[str, ...]


async def alert_wishes(connection: Connection) -> list[AlertWish]:
    """The wishes of all readers who have any and can be reached."""
    rows = await connection.fetch(
        """
        SELECT chat_id, alert_points, coalesce(phrases, '{}') AS phrases
        FROM readers LEFT JOIN (
            SELECT chat_id, array_agg(phrase) AS phrases FROM interests WHERE alert GROUP BY chat_id
        ) AS wanted USING (chat_id)
        WHERE (alert_points > 0 OR phrases IS NOT NULL) AND alerts_per_day > 0
          AND unreachable_at IS NULL AND paused_at IS NULL
        """
    )
    return [AlertWish(row["chat_id"], row["alert_points"], tuple(row["phrases"])) for row in rows]


async def lock_for_alerts(connection: Connection, chat_ids: Sequence[int]) -> list[Reader]:
    """Those of the readers who still want alerts and whom no other instance is at work for, locked
    until the end.
    """
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM readers
        WHERE chat_id = ANY($1) AND unreachable_at IS NULL AND paused_at IS NULL
        ORDER BY chat_id
        FOR UPDATE SKIP LOCKED
        """,
        list(chat_ids),
    )
    return [reader_from(row) for row in rows]
