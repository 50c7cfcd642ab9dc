"""Maintenance: while it is on, updates are stored and answered with a notice, and handled after it.

Its state is one row, which remains after the end. Only the operator's chat is served meanwhile. An
update that waits stays pending; `held_at` says that its sender was answered and its admission paid,
so at the end nothing is refused that was accepted before.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection, Pool
from app.telegram.receive.inbox import ClaimedUpdate

# The shortest time between two notices to a chat.
NOTICE_EVERY = timedelta(minutes=10)
MAX_DURATION = timedelta(days=30)

_ON = "maintenance.ended_at IS NULL AND (maintenance.until IS NULL OR maintenance.until > now())"
_LENGTH = re.compile(r"(\d{1,4})\s*(d|h|m)[a-z]*")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The maintenance that is on, or the last one."""

    since: datetime
    until: datetime | None
    ended_at: datetime | None
    set_by: str
    is_on: bool

    @property
    def over_at(self) -> datetime | None:
        """When it ended; None while it is on."""
        return None if self.is_on else self.ended_at or self.until


_COLUMNS = f"since, until, ended_at, set_by, ({_ON}) AS is_on"


def parse_length(words: str) -> timedelta | None:
    """A length such as `2h`, `90 min`, `1h 30m` or `for 1 day`; None for no words.

    Raises:
        ValueError: it is no length, or longer than `MAX_DURATION`.
    """
    said = words.lower().strip().removeprefix("for").strip()
    if not said:
        return None
    if re.sub(r"[\s,]", "", _LENGTH.sub("", said)):
        raise ValueError(words)
    length = sum((int(n) * _UNITS[unit] for n, unit in _LENGTH.findall(said)), timedelta())
    if not timedelta() < length <= MAX_DURATION:
        raise ValueError(words)
    return length


async def load(connection: Connection) -> Maintenance | None:
    """The state; None if there was never any maintenance."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM maintenance")
    return None if row is None else Maintenance(**dict(row))


async def is_on(connection: Connection) -> bool:
    on: bool = await connection.fetchval(f"SELECT EXISTS (SELECT FROM maintenance WHERE {_ON})")
    return on


async def begin(connection: Connection, set_by: str, length: timedelta | None) -> Maintenance:
    """Begin maintenance for `length`, or until `end`; one that is on gets the new end."""
    row = await connection.fetchrow(
        f"""
        INSERT INTO maintenance (set_by, until) VALUES ($1, now() + $2::interval)
        ON CONFLICT (only_row) DO UPDATE SET
          since = CASE WHEN {_ON} THEN maintenance.since ELSE now() END,
          until = now() + $2::interval, ended_at = NULL, set_by = $1
        RETURNING {_COLUMNS}
        """,
        set_by,
        length,
    )
    assert row is not None
    return Maintenance(**dict(row))


async def end(connection: Connection) -> Maintenance | None:
    """End maintenance now. Returns the one that was on, or None."""
    return await _end(connection, _ON)


async def end_expired(connection: Connection) -> Maintenance | None:
    """Note the end of maintenance whose time is up. Returns it, once."""
    return await _end(connection, "ended_at IS NULL AND until <= now()")


async def _end(connection: Connection, which: str) -> Maintenance | None:
    row = await connection.fetchrow(
        f"""
        UPDATE maintenance SET ended_at = least(now(), until) WHERE {which} RETURNING {_COLUMNS}
        """
    )
    return None if row is None else Maintenance(**dict(row))


async def not_held(
    connection: Connection, served_chat: int | None, limit: int
) -> list[ClaimedUpdate]:
    """Lock the oldest updates that wait without having been held, except those of the served
    chat.
    """
    rows = await connection.fetch(
        """
        SELECT update_id, chat_id, payload, attempts, FALSE AS held FROM inbox
        WHERE state = 'pending' AND held_at IS NULL AND chat_id IS DISTINCT FROM $1
        ORDER BY update_id LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        served_chat,
        limit,
    )
    return [ClaimedUpdate(*row) for row in rows]


async def hold(connection: Connection, update_ids: Collection[int]) -> None:
    """Note that these updates wait for the end of maintenance."""
    await connection.execute(
        "UPDATE inbox SET held_at = now() WHERE update_id = ANY($1) AND state = 'pending'",
        list(update_ids),
    )


async def may_notify(connection: Connection, chat_ids: Collection[int]) -> set[int]:
    """The chats that have had no notice for a while; they count as notified from now on."""
    rows = await connection.fetch(
        """
        INSERT INTO maintenance_notices AS known (chat_id)
        SELECT DISTINCT unnest($1::bigint[]) ORDER BY 1
        ON CONFLICT (chat_id) DO UPDATE SET told_at = now()
          WHERE known.told_at NOT BETWEEN now() - $2::interval AND now()
        RETURNING chat_id
        """,
        list(chat_ids),
        NOTICE_EVERY,
    )
    return {row["chat_id"] for row in rows}


async def forget_notices(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old notices. Returns their number."""
    return await delete_older(connection, "maintenance_notices", "told_at", age, limit)


def unless_maintenance(
    pool: Pool, step: Callable[[], Awaitable[int]]
) -> Callable[[], Awaitable[int]]:
    """The step, which does nothing while maintenance is on."""

    async def guarded() -> int:
        async with pool.acquire() as connection:
            if await is_on(connection):
                return 0
        return await step()

    return guarded
