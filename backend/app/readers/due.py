"""Finds readers whose digest is due, and claims them row by row for several instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.database.connection import Connection
from app.readers.schedule import SOON, Slot, local_day
from app.readers.store import (
    COLUMNS,
    Reader,
    days_with_digest,
    next_daily,
    next_weekly,
    reader_from,
)

# Daily and weekly digests are scheduled; asked ones are requested by /digest.
DigestKind = Literal["daily", "weekly", "asked"]
_DUE_COLUMN = {
    "daily": "next_digest_at",
    "weekly": "next_weekly_at",
    "asked": "digest_wanted_at",
}
_LAST_COLUMNS = {
    "daily": "last_digest_on = planned.last_day, last_digest_due_at = planned.last_at",
    "weekly": "last_weekly_on = planned.last_day",
}


async def claim(
    connection: Connection, kind: DigestKind, now: datetime, limit: int
) -> list[Reader]:
    """Lock up to `limit` readers whose digest is due, until the transaction ends.

    A reader has a single due time, so after an outage one late digest is sent, not all that were
    missed.
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
    """The date, in the reader's zone, of a digest made at `now`."""
    match kind:
        case "daily":
            return reader.daily_plan.slot_of_digest(now).day
        case "weekly":
            return reader.weekly_plan.slot_of_digest(now).day
        case _:
            return local_day(reader.timezone, now)


async def plan_after(
    connection: Connection, kind: DigestKind, readers: Sequence[Reader], now: datetime
) -> None:
    """Set when the next digest of this kind is due, after the current one."""
    if kind == "asked":
        await connection.execute(
            "UPDATE readers SET digest_wanted_at = NULL WHERE chat_id = ANY($1)",
            [reader.chat_id for reader in readers],
        )
        return
    plans = [reader.daily_plan if kind == "daily" else reader.weekly_plan for reader in readers]
    taken = await days_with_digest(connection, [reader.chat_id for reader in readers], now)
    lasts = [
        _later(plan.slot_of_digest(now), kind, reader, now)
        for plan, reader in zip(plans, readers, strict=True)
    ]
    following = [
        plan.slot_after(last, now, taken.get((reader.chat_id, kind), ()))
        for plan, last, reader in zip(plans, lasts, readers, strict=True)
    ]
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


def _later(made: Slot, kind: DigestKind, reader: Reader, now: datetime) -> Slot:
    """The later of two slots: that of this digest, and one made earlier while the clock was
    ahead.
    """
    day, at = reader.last_digest_on, reader.last_digest_due_at
    ahead = kind == "daily" and day is not None and at is not None and at > now + SOON
    return Slot(day, at) if ahead and day and at else made


async def adapt_to_clock(
    connection: Connection, now: datetime, after_chat_id: int | None, limit: int
) -> int | None:
    """Reschedule digests whose time is too late because the clock was ahead; due ones stay due.
    Checks the `limit` readers after `after_chat_id`.

    Returns:
        The last checked chat; None at the end.
    """
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM readers
        WHERE ($1::bigint IS NULL OR chat_id > $1)
        ORDER BY chat_id LIMIT $2
        FOR UPDATE
        """,
        after_chat_id,
        limit,
    )
    readers = [reader_from(row) for row in rows]
    taken = await days_with_digest(connection, [reader.chat_id for reader in readers], now)
    for reader in readers:
        daily = next_daily(reader, now, taken.get((reader.chat_id, "daily"), ()))
        weekly = next_weekly(reader, now, taken.get((reader.chat_id, "weekly"), ()))
        planned = reader.next_digest_at, reader.next_weekly_at
        earlier = _earlier(planned[0], daily), _earlier(planned[1], weekly)
        if earlier != planned:
            await connection.execute(
                "UPDATE readers SET next_digest_at = $2, next_weekly_at = $3 WHERE chat_id = $1",
                reader.chat_id,
                *earlier,
            )
    return readers[-1].chat_id if len(readers) == limit else None


def _earlier(planned: datetime | None, slot: Slot | None) -> datetime | None:
    return slot.at if planned and slot and slot.at < planned else planned


@dataclass(frozen=True, slots=True)
class AlertPreferences:
    """A reader's wish for alerts: stories with this many points (0: none), or with a
    phrase and at least the points that the reader wants of any story.
    """

    chat_id: int
    points: int
    phrases: tuple[str, ...]
    min_points: int = 0


async def alert_preferences(connection: Connection) -> list[AlertPreferences]:
    """The wishes of all readers who have any and can be reached."""
    rows = await connection.fetch(
        """
        SELECT chat_id, alert_points, coalesce(phrases, '{}') AS phrases, minimum_points
        FROM readers LEFT JOIN (
            SELECT chat_id, array_agg(phrase) AS phrases FROM interests WHERE alert GROUP BY chat_id
        ) AS wanted USING (chat_id)
        WHERE (alert_points > 0 OR phrases IS NOT NULL) AND alerts_per_day > 0
          AND unreachable_at IS NULL AND refusing_since IS NULL AND paused_at IS NULL
        """
    )
    return [
        AlertPreferences(
            row["chat_id"], row["alert_points"], tuple(row["phrases"]), row["minimum_points"]
        )
        for row in rows
    ]


async def lock_for_alerts(connection: Connection, chat_ids: Sequence[int]) -> list[Reader]:
    """Lock the readers who still want alerts and are not locked by another instance, until the
    transaction ends.
    """
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM readers
        WHERE chat_id = ANY($1) AND unreachable_at IS NULL AND refusing_since IS NULL
          AND paused_at IS NULL
        ORDER BY chat_id
        FOR UPDATE SKIP LOCKED
        """,
        list(chat_ids),
    )
    return [reader_from(row) for row in rows]
