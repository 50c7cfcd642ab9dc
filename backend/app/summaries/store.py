"""SQL on summaries and what they are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story that lacks a summary in a style."""

    story_id: int
    style: str
    title: str
    text: str | None  # HN's own HTML
    article_state: str


async def want(connection: Connection, story_ids: Sequence[int], styles: Sequence[str]) -> None:
    """Make pending rows for the stories whose page was tried, and again for those read only
    later.
    """
    await connection.execute(
        """
        INSERT INTO summaries (story_id, style)
        SELECT id, style FROM stories, unnest($2::text[]) AS style
        WHERE id = ANY($1) AND (article_state <> 'pending' OR article_attempts > 0)
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        list(styles),
    )
    await connection.execute(
        """
        UPDATE summaries SET state = 'pending', due_at = now()
        FROM stories
        WHERE stories.id = story_id AND story_id = ANY($1)
          AND state = 'ready' AND basis <> 'article' AND article_state = 'read'
        """,
        list(story_ids),
    )


async def claim(connection: Connection, limit: int, lease: timedelta) -> list[Wanted]:
    rows = await connection.fetch(
        """
        WITH next AS (
          SELECT story_id, style FROM summaries
          WHERE state = 'pending' AND due_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
          ORDER BY due_at LIMIT $1
          FOR UPDATE SKIP LOCKED)
        UPDATE summaries SET claimed_until = now() + $2::interval, attempts = attempts + 1
        FROM next JOIN stories ON stories.id = next.story_id
        WHERE summaries.story_id = next.story_id AND summaries.style = next.style
        RETURNING next.story_id, next.style, stories.title, stories.text, stories.article_state
        """,
        limit,
        lease,
    )
    return [Wanted(*row) for row in rows]


async def finish(
    connection: Connection, wanted: Wanted, sentences: str, *, method: str, basis: str
) -> None:
    await connection.execute(
        """
        UPDATE summaries SET state = 'ready', sentences = $3, method = $4, basis = $5,
                             made_at = now(), claimed_until = NULL
        WHERE story_id = $1 AND style = $2
        """,
        wanted.story_id,
        wanted.style,
        sentences,
        method,
        basis,
    )
