"""The SQL of readers and their settings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from app.database.connection import Connection
from app.readers.schedule import Schedule, Slot, local_day


class ChatState(Enum):
    """Whether messages can be sent to a chat. Any update from it or about it makes it open."""

    OPEN = "open"
    REFUSING = "refusing"  # not for now: later digests are tried
    GONE = "gone"  # nothing is sent


@dataclass(frozen=True, slots=True)
class Reader:
    """A chat that receives digests, with its settings; times are UTC, weekdays are ISO's."""

    chat_id: int
    kind: str
    name: str | None
    language: str
    summary_language: str | None  # None: the interface's
    timezone: str
    digest_time: time
    digest_days: tuple[int, ...]
    story_count: int
    style: str
    look: str
    look_offered_at: datetime | None
    pictures: bool  # in the rich look
    minimum_points: int
    weekly_day: int | None
    weekly_time: time | None  # None: that of the daily digest
    alert_points: int
    alerts_per_day: int
    onboarding: str | None
    awaiting: str | None
    thread_id: int | None
    memory_paused: bool
    created_at: datetime
    paused_at: datetime | None
    unreachable_at: datetime | None
    refusing_since: datetime | None
    next_digest_at: datetime | None
    next_weekly_at: datetime | None
    last_digest_on: date | None
    last_weekly_on: date | None
    last_digest_due_at: datetime | None
    digest_wanted_at: datetime | None
    digest_wanted_in: int | None
    added_by: int | None  # the person who added the bot to this group or channel

    @property
    def state(self) -> ChatState:
        if self.unreachable_at is not None:
            return ChatState.GONE
        return ChatState.OPEN if self.refusing_since is None else ChatState.REFUSING

    @property
    def reads(self) -> str:
        """The language in which the reader wants summaries."""
        return self.summary_language or self.language

    @property
    def daily_plan(self) -> Schedule:
        return Schedule(self.timezone, self.digest_time, self.digest_days)

    @property
    def weekly_at(self) -> time:
        return self.digest_time if self.weekly_time is None else self.weekly_time

    @property
    def weekly_plan(self) -> Schedule:
        days = () if self.weekly_day is None else (self.weekly_day,)
        return Schedule(self.timezone, self.weekly_at, days)


COLUMNS = ", ".join(Reader.__dataclass_fields__)
# Settings that determine the time of the next digest.
SCHEDULE = frozenset(
    {"timezone", "digest_time", "digest_days", "weekly_day", "weekly_time", "paused_at"}
)
_SETTINGS = SCHEDULE | {
    "language",
    "summary_language",
    "story_count",
    "style",
    "look",
    "look_offered_at",
    "pictures",
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
    "followed_stories",
    "hn_names",
    "told_replies",
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
    added_by: int | None = None,
) -> Reader:
    """Create a reader with the default settings, or return the existing one."""
    row = await connection.fetchrow(
        f"""
        INSERT INTO readers (chat_id, kind, name, language, timezone, added_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (chat_id) DO UPDATE SET kind = $2, name = $3
        RETURNING {COLUMNS}
        """,
        chat_id,
        kind,
        name and name.replace("\0", ""),
        language,
        timezone,
        added_by,
    )
    return reader_from(row)


async def set_added_by(connection: Connection, chat_id: int, user_id: int) -> None:
    """Record the person who added the bot to a group or channel."""
    await connection.execute(
        "UPDATE readers SET added_by = $2 WHERE chat_id = $1", chat_id, user_id
    )


async def update(connection: Connection, reader: Reader, now: datetime, **settings: Any) -> Reader:
    """Change settings, and the next digest's time if it depends on them."""
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
    """Set the times of the next digests after `now`; none if the reader has paused."""
    taken = await days_with_digest(connection, [reader.chat_id], now)
    daily = next_daily(reader, now, taken.get((reader.chat_id, "daily"), ()))
    weekly = next_weekly(reader, now, taken.get((reader.chat_id, "weekly"), ()))
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


def next_daily(reader: Reader, now: datetime, taken: Collection[date]) -> Slot | None:
    """The slot of the next daily digest, even if the reader has paused."""
    day, at = reader.last_digest_on, reader.last_digest_due_at
    if day is None or at is None:
        return reader.daily_plan.next_slot(now, after_day=day or date.min, taken=taken)
    return reader.daily_plan.slot_after(Slot(day, at), now, taken)


def next_weekly(reader: Reader, now: datetime, taken: Collection[date]) -> Slot | None:
    """The slot of the next weekly digest, even if the reader has paused."""
    last = reader.last_weekly_on or date.min
    if last > local_day(reader.timezone, now) + timedelta(days=1):  # the clock was ahead
        return reader.weekly_plan.next_slot(now, taken={*taken, last})
    return reader.weekly_plan.next_slot(now, after_day=last, taken=taken)


async def days_with_digest(
    connection: Connection, chat_ids: Sequence[int], now: datetime
) -> dict[tuple[int, str], set[date]]:
    """The dates, from yesterday on, that have their scheduled digest, by chat and kind.

    Future dates have one if the clock was ahead.
    """
    rows = await connection.fetch(
        """
        SELECT chat_id, kind, local_day FROM digests
        WHERE chat_id = ANY($1) AND local_day >= $2 AND kind IN ('daily', 'weekly')
        """,
        list(chat_ids),
        (now - timedelta(days=1)).date(),
    )
    days: dict[tuple[int, str], set[date]] = {}
    for chat_id, kind, day in rows:
        days.setdefault((chat_id, kind), set()).add(day)
    return days


async def mark_unreachable(connection: Connection, chat_id: int, reason: str) -> None:
    """Record that the chat blocked the bot or is gone: nothing is sent until it returns."""
    await connection.execute(
        """
        UPDATE readers SET unreachable_at = coalesce(unreachable_at, now()), unreachable_reason = $2
        WHERE chat_id = $1
        """,
        chat_id,
        reason,
    )


async def mark_refusing(connection: Connection, chat_id: int, reason: str) -> None:
    """Record that the chat refuses messages for now: only later digests and broadcasts are
    tried.
    """
    await connection.execute(
        """
        UPDATE readers SET refusing_since = coalesce(refusing_since, now()), refusing_reason = $2
        WHERE chat_id = $1
        """,
        chat_id,
        reason,
    )


async def end_refusal(connection: Connection, chat_ids: Sequence[int]) -> None:
    """Record that these chats have accepted a message."""
    await connection.execute(
        """
        UPDATE readers SET refusing_since = NULL, refusing_reason = NULL
        WHERE chat_id = ANY($1) AND refusing_since IS NOT NULL
        """,
        chat_ids,
    )


async def mark_reachable(connection: Connection, reader: Reader, now: datetime) -> Reader:
    """Record that the chat has returned, with its old settings; missed digests are not sent."""
    await connection.execute(
        """
        UPDATE readers SET unreachable_at = NULL, unreachable_reason = NULL,
                           refusing_since = NULL, refusing_reason = NULL
        WHERE chat_id = $1
        """,
        reader.chat_id,
    )
    was_gone = reader.state is ChatState.GONE
    reader = replace(reader, unreachable_at=None, refusing_since=None)
    if not was_gone or (reader.next_digest_at is None and reader.next_weekly_at is None):
        return reader
    return await _plan_next(connection, reader, now)


async def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """Move everything about a group to the supergroup that it became.

    Rows that the new chat already has are replaced: they are newer than the migration.
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
    """The number of readers, when the first one came, and how many became unreachable or began to
    refuse messages within a day.
    """

    active: int
    paused: int
    unreachable: int
    refusing: int
    lost: int
    first_at: datetime | None


async def count(connection: Connection, now: datetime) -> ReaderCount:
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE unreachable_at IS NULL AND paused_at IS NULL) AS active,
               count(*) FILTER (WHERE unreachable_at IS NULL AND paused_at IS NOT NULL) AS paused,
               count(*) FILTER (WHERE unreachable_at IS NOT NULL) AS unreachable,
               count(*) FILTER (WHERE unreachable_at IS NULL AND refusing_since IS NOT NULL)
                 AS refusing,
               count(*) FILTER (WHERE unreachable_at > $1
                                OR unreachable_at IS NULL AND refusing_since > $1) AS lost,
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
    """Chats that can receive broadcasts in a language (None: all), in order of their ids."""
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
