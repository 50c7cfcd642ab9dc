"""The SQL of `ledes`: one per day and language, shared by all readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.database.connection import Connection

# Time zones further west receive the day's digest this much later.
MAX_AGE = timedelta(hours=20)
# How long before the first digest that needs it a lede is made.
AHEAD = timedelta(minutes=20)
# New readers get their first digest within minutes, after a few questions.
NEWCOMER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lede:
    """Two sentences about a day, in plain text, and the stories that they mention."""

    text: str
    story_ids: frozenset[int]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LedeJob:
    """A claimed lede; `attempts` includes this one."""

    day: date
    language: str
    attempts: int


async def languages_without(
    connection: Connection, day: date, languages: Sequence[str], now: datetime
) -> list[str]:
    """The languages among these in which a digest is due soon and that have no lede yet."""
    rows = await connection.fetch(
        """
        SELECT language FROM unnest($2::text[]) AS language
        WHERE NOT EXISTS (SELECT FROM ledes
                          WHERE day = $1 AND ledes.language = language.language
                            AND (state = 'ready' OR due_at IS NULL))
          AND EXISTS (SELECT FROM readers
                      WHERE coalesce(summary_language, readers.language) = language.language
                        AND unreachable_at IS NULL
                        AND (next_digest_at <= $3 OR digest_wanted_at IS NOT NULL
                             OR (onboarding IS NOT NULL AND created_at > $4)))
        """,
        day,
        list(languages),
        now + AHEAD,
        now - NEWCOMER,
    )
    return [row["language"] for row in rows]


async def claim(
    connection: Connection, day: date, languages: Sequence[str], lease: timedelta
) -> list[LedeJob]:
    """Claim the ledes of a day that are due in these languages."""
    await connection.execute(
        """
        INSERT INTO ledes (day, language, due_at) SELECT $1, unnest($2::text[]), now()
        ON CONFLICT DO NOTHING
        """,
        day,
        list(languages),
    )
    rows = await connection.fetch(
        """
        WITH next AS (
          SELECT day, language FROM ledes
          WHERE day = $1 AND language = ANY($2) AND state = 'pending' AND due_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
          FOR UPDATE SKIP LOCKED)
        UPDATE ledes SET claimed_until = now() + $3::interval, attempts = attempts + 1
        FROM next WHERE ledes.day = next.day AND ledes.language = next.language
        RETURNING ledes.day, ledes.language, attempts
        """,
        day,
        list(languages),
        lease,
    )
    return [LedeJob(*row) for row in rows]


async def finish(
    connection: Connection, job: LedeJob, text: str, story_ids: Sequence[int], model: str
) -> None:
    """Store a lede."""
    await connection.execute(
        """
        UPDATE ledes SET state = 'ready', text = $3, story_ids = $4, model = $5, due_at = NULL,
                         reason = NULL, claimed_until = NULL, made_at = now()
        WHERE day = $1 AND language = $2
        """,
        job.day,
        job.language,
        text,
        list(story_ids),
        model,
    )


async def give_back(
    connection: Connection, job: LedeJob, reason: str, due_at: datetime | None
) -> None:
    """Record a failed attempt and the time of the next one; None: the day gets no lede."""
    await connection.execute(
        """
        UPDATE ledes SET reason = $3, due_at = $4, claimed_until = NULL
        WHERE day = $1 AND language = $2
        """,
        job.day,
        job.language,
        reason,
        due_at,
    )


async def lede_of(connection: Connection, day: date, language: str) -> Lede | None:
    """The lede of a day in a language, if it is made."""
    row = await connection.fetchrow(
        """
        SELECT text, story_ids, made_at FROM ledes
        WHERE day = $1 AND language = $2 AND state = 'ready'
        """,
        day,
        language,
    )
    return Lede(row["text"], frozenset(row["story_ids"]), row["made_at"]) if row else None


async def present_ledes(connection: Connection, now: datetime) -> dict[str, Lede]:
    """The latest lede of each language, unless it is too old."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (language) language, text, story_ids, made_at FROM ledes
        WHERE state = 'ready' AND made_at > $1 ORDER BY language, made_at DESC
        """,
        now - MAX_AGE,
    )
    return {
        row["language"]: Lede(row["text"], frozenset(row["story_ids"]), row["made_at"])
        for row in rows
    }


async def forget_ledes(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old ledes. Returns the number of rows."""
    rows = await connection.fetch(
        """
        DELETE FROM ledes WHERE (day, language) IN (
          SELECT day, language FROM ledes WHERE day < (now() - $1::interval)::date LIMIT $2)
        RETURNING 1
        """,
        age,
        limit,
    )
    return len(rows)
