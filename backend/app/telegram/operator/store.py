"""The SQL of processes, the host's reports, and the day's numbers, for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection

# A process that was not seen for this long has ended or cannot reach the database.
ALIVE = timedelta(seconds=60)
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process of the app as it last reported; `state` was written by `Watch`."""

    id: str
    commit: str
    started_at: datetime
    seen_at: datetime
    leads: bool
    polled_at: datetime | None
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """The last report of one of the host's timers."""

    at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """Numbers since the operator's midnight, and the size of the database in bytes."""

    digests: int
    messages: int
    stories: int
    questions: int
    database_bytes: int
    postgresql: str


async def last_seen(connection: Connection) -> datetime | None:
    """When any process last reported."""
    at: datetime | None = await connection.fetchval("SELECT max(seen_at) FROM instances")
    return at


async def record(connection: Connection, instance: Instance) -> None:
    """Store the report of a process, and delete those of processes long gone."""
    await connection.execute(
        """
        INSERT INTO instances (id, commit, started_at, seen_at, leads, polled_at, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET seen_at = $4, leads = $5, polled_at = $6, state = $7
        """,
        instance.id,
        instance.commit,
        instance.started_at,
        instance.seen_at,
        instance.leads,
        instance.polled_at,
        instance.state,
    )
    await connection.execute("DELETE FROM instances WHERE seen_at < $1", instance.seen_at - KEPT)


async def instances(connection: Connection) -> list[Instance]:
    """The processes of the last days, the one seen last first."""
    rows = await connection.fetch(
        """
        SELECT id, commit, started_at, seen_at, leads, polled_at, state
        FROM instances ORDER BY seen_at DESC, id
        """
    )
    return [Instance(*row) for row in rows]


async def host_reports(connection: Connection) -> dict[str, Report]:
    """The last success as `backup` and `drill`, a failure as `backup_failure`, `drill_failure`."""
    rows = await connection.fetch("SELECT kind, at, detail FROM host_reports")
    return {row["kind"]: Report(row["at"], row["detail"]) for row in rows}


async def count_since(connection: Connection, since: datetime) -> Day:
    row: Any = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM digests WHERE created_at >= $1) AS digests,
               (SELECT count(*) FROM outbox WHERE created_at >= $1 AND state = 'sent') AS messages,
               (SELECT count(*) FROM summaries
                WHERE made_at >= $1 AND state = 'ready' AND style = 'basic') AS stories,
               (SELECT count(*) FROM questions WHERE asked_at >= $1) AS questions,
               pg_database_size(current_database()) AS database_bytes,
               current_setting('server_version') AS postgresql
        """,
        since,
    )
    return Day(*row)
