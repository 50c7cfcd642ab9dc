"""SQL on what is known of readers: settings, interests, mutes, opinions and saved stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from app.database.connection import Connection
from app.readers.schedule import next_digest, next_weekly


@dataclass(frozen=True, slots=True)
class Reader:
    """One chat that gets digests, with its settings."""

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
    memory_paused: bool
    created_at: datetime
    paused_at: datetime | None
    unreachable_at: datetime | None
    next_digest_at: datetime | None
    next_weekly_at: datetime | None
    digest_wanted_at: datetime | None


COLUMNS = ", ".join(Reader.__dataclass_fields__)
# Settings on which the time of the next digest depends.
_SCHEDULE = frozenset({"timezone", "digest_time", "digest_days", "weekly_day", "paused_at"})
_CHANGEABLE = frozenset(
    {
        *_SCHEDULE,
        "language",
        "story_count",
        "style",
        "minimum_points",
        "alert_points",
        "alerts_per_day",
        "onboarding",
        "memory_paused",
        "digest_wanted_at",
        "next_digest_at",
        "next_weekly_at",
    }
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
        name,
        language,
        timezone,
    )
    return reader_from(row)


async def update(connection: Connection, reader: Reader, now: datetime, **settings: Any) -> Reader:
    """Change settings; the next digest's time follows those that it depends on."""
    if unknown := settings.keys() - _CHANGEABLE:
        raise ValueError(f"not settings of a reader: {sorted(unknown)}")
    names = list(settings)
    assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 2))
    values = [list(v) if isinstance(v, tuple) else v for v in settings.values()]
    row = await connection.fetchrow(
        f"UPDATE readers SET {assignments} WHERE chat_id = $1 RETURNING {COLUMNS}",
        reader.chat_id,
        *values,
    )
    changed = reader_from(row)
    if _SCHEDULE & settings.keys():
        return await plan_next(connection, changed, now)
    return changed


async def plan_next(connection: Connection, reader: Reader, now: datetime) -> Reader:
    """Set the times of the next digests after `now`; none for a reader who has paused."""
    row = await connection.fetchrow(
        f"""
        UPDATE readers SET next_digest_at = $2, next_weekly_at = $3 WHERE chat_id = $1
        RETURNING {COLUMNS}
        """,
        reader.chat_id,
        None if reader.paused_at else next_digest(reader, now),
        None if reader.paused_at else next_weekly(reader, now),
    )
    return reader_from(row)


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


async def mark_reachable(connection: Connection, chat_id: int) -> None:
    await connection.execute(
        "UPDATE readers SET unreachable_at = NULL, unreachable_reason = NULL WHERE chat_id = $1",
        chat_id,
    )


async def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """A group became a supergroup: everything known of it follows."""
    await connection.execute(
        f"""
        INSERT INTO readers (chat_id, {COLUMNS.removeprefix("chat_id, ")})
        SELECT $2, {COLUMNS.removeprefix("chat_id, ")} FROM readers WHERE chat_id = $1
        ON CONFLICT (chat_id) DO NOTHING
        """,
        old_chat_id,
        new_chat_id,
    )
    for table in (
        "interests",
        "mutes",
        "feedback",
        "saved_stories",
        "digests",
        "digest_stories",
        "questions",
    ):
        await connection.execute(
            f"UPDATE {table} SET chat_id = $2 WHERE chat_id = $1",  # noqa: S608 - names from above
            old_chat_id,
            new_chat_id,
        )
    await connection.execute("DELETE FROM readers WHERE chat_id = $1", old_chat_id)


# --- interests and mutes -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interest:
    """A phrase that a reader likes to read about (weight > 0) or not (weight < 0)."""

    phrase: str
    weight: float
    source: str
    reason: str | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """What decides, besides the settings, which stories a reader gets."""

    interests: tuple[Interest, ...] = ()
    muted_words: tuple[str, ...] = ()
    muted_sites: tuple[str, ...] = ()


async def load_tastes(connection: Connection, chat_ids: Sequence[int]) -> dict[int, Taste]:
    """The taste of each of `chat_ids`, empty where nothing is known."""
    interests: dict[int, list[Interest]] = {chat_id: [] for chat_id in chat_ids}
    words: dict[int, list[str]] = {chat_id: [] for chat_id in chat_ids}
    sites: dict[int, list[str]] = {chat_id: [] for chat_id in chat_ids}
    for row in await connection.fetch(
        """
        SELECT chat_id, phrase, weight::float, source, reason, alert
        FROM interests WHERE chat_id = ANY($1) ORDER BY added_at, phrase
        """,
        list(chat_ids),
    ):
        interests[row["chat_id"]].append(Interest(*tuple(row)[1:]))
    for row in await connection.fetch(
        "SELECT chat_id, kind, value FROM mutes WHERE chat_id = ANY($1) ORDER BY added_at, value",
        list(chat_ids),
    ):
        (sites if row["kind"] == "site" else words)[row["chat_id"]].append(row["value"])
    return {
        chat_id: Taste(tuple(interests[chat_id]), tuple(words[chat_id]), tuple(sites[chat_id]))
        for chat_id in chat_ids
    }


async def add_interests(connection: Connection, chat_id: int, phrases: Sequence[str]) -> None:
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase) SELECT $1, unnest($2::text[])
        ON CONFLICT (chat_id, phrase, source) DO NOTHING
        """,
        chat_id,
        list(phrases),
    )


async def remove_interest(connection: Connection, chat_id: int, phrase: str) -> bool:
    """Whether there was such an interest."""
    status = await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND phrase = $2", chat_id, phrase
    )
    return status != "DELETE 0"


async def mute(connection: Connection, chat_id: int, kind: str, value: str) -> None:
    """`kind` is word or site."""
    await connection.execute(
        "INSERT INTO mutes (chat_id, kind, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        chat_id,
        kind,
        value,
    )


async def unmute(connection: Connection, chat_id: int, value: str) -> bool:
    """Whether there was such a mute."""
    status = await connection.execute(
        "DELETE FROM mutes WHERE chat_id = $1 AND value = $2", chat_id, value
    )
    return status != "DELETE 0"


# --- opinions and saved stories ------------------------------------------------------------------


async def give_opinion(
    connection: Connection, chat_id: int, story_id: int, user_id: int, opinion: int
) -> None:
    """Keep a 👍 (1) or 👎 (-1); a later one of the same person replaces it."""
    await connection.execute(
        """
        INSERT INTO feedback (chat_id, story_id, user_id, opinion) VALUES ($1, $2, $3, $4)
        ON CONFLICT (chat_id, story_id, user_id) DO UPDATE SET opinion = $4, given_at = now()
        """,
        chat_id,
        story_id,
        user_id,
        opinion,
    )


async def toggle_saved(connection: Connection, chat_id: int, story_id: int) -> bool:
    """Save a story, or forget that it was saved. Returns whether it is saved now."""
    status = await connection.execute(
        "DELETE FROM saved_stories WHERE chat_id = $1 AND story_id = $2", chat_id, story_id
    )
    if status != "DELETE 0":
        return False
    await connection.execute(
        "INSERT INTO saved_stories (chat_id, story_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        chat_id,
        story_id,
    )
    return True
