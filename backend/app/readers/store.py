"""SQL on the readers and their settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from app.database.connection import Connection
from app.readers.schedule import Plan, Slot


@dataclass(frozen=True, slots=True)
class Reader:
    """One chat that gets digests, with its settings; times are UTC, weekdays are ISO's."""

    chat_id: int
    kind: str
    name: str | None
    language: str
    timezone: str
    digest_time: time
    digest_days: tuple[int, ...]
    story_count: int
    style: str
    minimum_points: int
    weekly_day: int | None
    alert_points: int
    alerts_per_day: int
    onboarding: str | None
    awaiting: str | None
    thread_id: int | None
    memory_paused: bool
    created_at: datetime
    paused_at: datetime | None
    unreachable_at: datetime | None
    next_digest_at: datetime | None
    next_weekly_at: datetime | None
    last_digest_on: date | None
    last_weekly_on: date | None
    last_digest_due_at: datetime | None
    digest_wanted_at: datetime | None
    digest_wanted_in: int | None

    @property
    def daily_plan(self) -> Plan:
        return Plan(self.timezone, self.digest_time, self.digest_days)

    @property
    def weekly_plan(self) -> Plan:
        days = () if self.weekly_day is None else (self.weekly_day,)
        return Plan(self.timezone, self.digest_time, days)


COLUMNS = ", ".join(Reader.__dataclass_fields__)
# Settings on which the time of the next digest depends.
SCHEDULE = frozenset({"timezone", "digest_time", "digest_days", "weekly_day", "paused_at"})
_SETTINGS = SCHEDULE | {
    "language",
    "story_count",
    "style",
    "minimum_points",
    "alert_points",
    "alerts_per_day",
    "onboarding",
    "awaiting",
    "thread_id",
    "memory_paused",
    "digest_wanted_at",
    "digest_wanted_in",
}
_TABLES_OF_A_READER = (
    "interests",
    "mutes",
    "feedback",
    "saved_stories",
    "digests",
    "digest_stories",
    "conversations",
    "questions",
)


def reader_from(row: Any) -> Reader:
    """A row of `COLUMNS` as a `Reader`."""
    values = dict(row)
    values["digest_days"] = tuple(values["digest_days"])
    return Reader(**values)


async def load(connection: Connection, chat_ids: Sequence[int]) -> dict[int, Reader]:
    """The readers among `chat_ids`."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM readers WHERE chat_id = ANY($1)", list(chat_ids)
    )
    return {row["chat_id"]: reader_from(row) for row in rows}


async def create(
    connection: Connection,
    *,
    chat_id: int,
    kind: str,
    name: str | None,
    language: str,
    timezone: str,
) -> Reader:
    """Make a reader with the default settings, or return the one that is there already."""
    row = await connection.fetchrow(
        f"""
        INSERT INTO readers (chat_id, kind, name, language, timezone) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (chat_id) DO UPDATE SET kind = $2, name = $3
        RETURNING {COLUMNS}
        """,
        chat_id,
        kind,
        name and name.replace("\0", ""),
        language,
        timezone,
    )
    return reader_from(row)


async def update(connection: Connection, reader: Reader, now: datetime, **settings: Any) -> Reader:
    """Change settings; the next digest's time follows those that it depends on."""
    if unknown := settings.keys() - _SETTINGS:
        raise ValueError(f"not settings of a reader: {sorted(unknown)}")
    assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(settings, 2))
    values = [list(v) if isinstance(v, tuple) else v for v in settings.values()]
    row = await connection.fetchrow(
        f"UPDATE readers SET {assignments} WHERE chat_id = $1 RETURNING {COLUMNS}",
        reader.chat_id,
        *values,
    )
    changed = reader_from(row)
    if SCHEDULE & settings.keys():
        return await _plan_next(connection, changed, now)
    return changed


async def _plan_next(connection: Connection, reader: Reader, now: datetime) -> Reader:
    """Set the times of the next digests after `now`; none for a reader who has paused."""
    daily = _next_daily(reader, now)
    weekly = reader.weekly_plan.next_slot(now, after_day=reader.last_weekly_on or date.min)
    row = await connection.fetchrow(
        f"""
        UPDATE readers SET next_digest_at = $2, next_weekly_at = $3 WHERE chat_id = $1
        RETURNING {COLUMNS}
        """,
        reader.chat_id,
        daily.at if daily and not reader.paused_at else None,
        weekly.at if weekly and not reader.paused_at else None,
    )
    return reader_from(row)


def _next_daily(reader: Reader, now: datetime) -> Slot | None:
    day, at = reader.last_digest_on, reader.last_digest_due_at
    if day is None or at is None:
        return reader.daily_plan.next_slot(now, after_day=day or date.min)
    return reader.daily_plan.slot_after(Slot(day, at), now)


async def mark_unreachable(connection: Connection, chat_id: int, reason: str) -> None:
    """The chat blocked the bot, or is gone: nothing is sent there until it comes back."""
    await connection.execute(
        """
        UPDATE readers SET unreachable_at = coalesce(unreachable_at, now()), unreachable_reason = $2
        WHERE chat_id = $1
        """,
        chat_id,
        reason,
    )


async def mark_reachable(connection: Connection, reader: Reader, now: datetime) -> Reader:
    """The chat is back: its settings are as they were, and what it missed is not made up for."""
    await connection.execute(
        "UPDATE readers SET unreachable_at = NULL, unreachable_reason = NULL WHERE chat_id = $1",
        reader.chat_id,
    )
    if reader.next_digest_at is None and reader.next_weekly_at is None:
        return replace(reader, unreachable_at=None)
    return await _plan_next(connection, reader, now)


async def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """A group became a supergroup: everything known of it follows.

    What the new chat may have by itself is younger than the news of the move, and gives way.
    """
    others = COLUMNS.removeprefix("chat_id, ")
    if not await connection.fetchval("SELECT TRUE FROM readers WHERE chat_id = $1", old_chat_id):
        return
    await connection.execute("DELETE FROM readers WHERE chat_id = $1", new_chat_id)
    await connection.execute(
        f"""
        INSERT INTO readers (chat_id, {others})
        SELECT $2, {others} FROM readers WHERE chat_id = $1
        """,
        old_chat_id,
        new_chat_id,
    )
    for table in _TABLES_OF_A_READER:
        await connection.execute(
            f"UPDATE {table} SET chat_id = $2 WHERE chat_id = $1", old_chat_id, new_chat_id
        )
    await connection.execute("DELETE FROM readers WHERE chat_id = $1", old_chat_id)


@dataclass(frozen=True, slots=True)
class ReaderCount:
    """How many readers there are, when the first came, and how many were lost within a day."""

    active: int
    paused: int
    unreachable: int
    lost: int
    first_at: datetime | None


async def count(connection: Connection, now: datetime) -> ReaderCount:
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE unreachable_at IS NULL AND paused_at IS NULL) AS active,
               count(*) FILTER (WHERE unreachable_at IS NULL AND paused_at IS NOT NULL) AS paused,
               count(*) FILTER (WHERE unreachable_at IS NOT NULL) AS unreachable,
               count(*) FILTER (WHERE unreachable_at > $1) AS lost,
               min(created_at) AS first_at
        FROM readers
        """,
        now - timedelta(days=1),
    )
    return ReaderCount(*row)


async def reachable(
    connection: Connection,
    *,
    language: str | None,
    known_before: datetime | None = None,
    after_chat_id: int | None = None,
    limit: int | None = None,
) -> list[int]:
    """The chats that want to hear from us, of all languages when that is None, in their order."""
    rows = await connection.fetch(
        """
        SELECT chat_id FROM readers
        WHERE unreachable_at IS NULL AND paused_at IS NULL
          AND ($1::text IS NULL OR language = $1)
          AND ($2::timestamptz IS NULL OR created_at <= $2)
          AND ($3::bigint IS NULL OR chat_id > $3)
        ORDER BY chat_id LIMIT $4
        """,
        language,
        known_before,
        after_chat_id,
        limit,
    )
    return [row["chat_id"] for row in rows]
