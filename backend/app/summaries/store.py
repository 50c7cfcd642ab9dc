"""The SQL of `summaries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection

LLM = "llm"
EXTRACTIVE = "extractive"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story that lacks a summary in a style, or has one that may become better."""

    story_id: int
    style: str
    attempts: int  # this one included
    title: str
    url: str | None
    text: str | None  # HN's own HTML
    article_state: str


@dataclass(frozen=True, slots=True)
class Made:
    """A summary in plain text, and what it was made from.

    `reason` says why there is no better one; `due_at` when a better one is tried, None never.
    """

    sentences: str
    key_points: tuple[str, ...]
    topics: tuple[str, ...]
    method: str
    basis: str
    model: str | None = None
    reason: str | None = None
    due_at: datetime | None = None


async def want(
    connection: Connection, story_ids: Sequence[int], styles: Sequence[str], *, has_key: bool
) -> None:
    """Make rows for the stories whose page was tried.

    Those are due again whose page was read only later, and those that wait for a key since there
    is one.
    """
    await connection.execute(
        """
        INSERT INTO summaries (story_id, style, due_at)
        SELECT id, style, now() FROM stories, unnest($2::text[]) AS style
        WHERE id = ANY($1) AND (article_state <> 'pending' OR article_attempts > 0)
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        list(styles),
    )
    await connection.execute(
        """
        UPDATE summaries SET due_at = now(), attempts = 0
        FROM stories
        WHERE stories.id = story_id AND story_id = ANY($1) AND state = 'ready' AND due_at IS NULL
          AND (summaries.article_state <> 'read' AND stories.article_state = 'read'
               OR $2 AND reason = 'no_key')
        """,
        list(story_ids),
        has_key,
    )


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Wanted]:
    """Take what is due of these stories, in their order; what readers lack altogether first."""
    rows = await connection.fetch(
        """
        WITH next AS (
          SELECT story_id, style FROM summaries
          WHERE due_at <= now() AND story_id = ANY($1)
            AND (claimed_until IS NULL OR claimed_until < now())
          ORDER BY state = 'ready', style <> 'basic', array_position($1, story_id)
          LIMIT $2
          FOR UPDATE SKIP LOCKED)
        UPDATE summaries SET claimed_until = now() + $3::interval, attempts = attempts + 1
        FROM next JOIN stories ON stories.id = next.story_id
        WHERE summaries.story_id = next.story_id AND summaries.style = next.style
        RETURNING next.story_id, next.style, attempts, title, url, text,
                  stories.article_state
        """,
        list(story_ids),
        limit,
        lease,
    )
    return [Wanted(*row) for row in rows]


async def finish(connection: Connection, wanted: Wanted, made: Made) -> None:
    """Keep a summary, and give the row back."""
    await connection.execute(
        """
        UPDATE summaries
        SET state = 'ready', sentences = $3, key_points = $4, topics = $5, method = $6, basis = $7,
            model = $8, reason = $9, due_at = $10, article_state = $11, made_at = now(),
            claimed_until = NULL
        WHERE story_id = $1 AND style = $2
        """,
        wanted.story_id,
        wanted.style,
        made.sentences,
        list(made.key_points),
        list(made.topics),
        made.method,
        made.basis,
        made.model,
        made.reason,
        made.due_at,
        wanted.article_state,
    )


async def postpone(
    connection: Connection, wanted: Wanted, reason: str, due_at: datetime | None
) -> None:
    """Give the row back as it is, with the reason and the time of the next attempt."""
    await connection.execute(
        """
        UPDATE summaries SET reason = $3, due_at = $4, article_state = $5, claimed_until = NULL
        WHERE story_id = $1 AND style = $2
        """,
        wanted.story_id,
        wanted.style,
        reason,
        due_at,
        wanted.article_state,
    )
