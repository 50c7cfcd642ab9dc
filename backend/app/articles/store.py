"""How the reading of a story's page stands: the SQL of the `article_` columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.articles.reasons import Reason
from app.database.connection import Connection, Pool


@dataclass(frozen=True, slots=True)
class Unread:
    """A story whose page is to be read; `attempts` counts this one too."""

    story_id: int
    url: str
    attempts: int


async def claim(
    connection: Connection | Pool, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Unread]:
    """Take stories to read, in the order given; unfinished ones are free again after `lease`."""
    rows = await connection.fetch(
        """
        UPDATE stories
        SET article_claimed_until = now() + $3::interval, article_attempts = article_attempts + 1
        WHERE id IN (
            SELECT id FROM stories
            WHERE article_state = 'pending' AND article_due_at <= now() AND id = ANY($1::bigint[])
              AND (article_claimed_until IS NULL OR article_claimed_until < now())
            ORDER BY array_position($1::bigint[], id)
            LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        RETURNING id, url, article_attempts
        """,
        story_ids,
        limit,
        lease,
    )
    return [Unread(row["id"], row["url"], row["article_attempts"]) for row in rows]


async def save_read(connection: Connection | Pool, story: Unread, words: int) -> None:
    """The page was read and its text is in the article cache, unless the story has another now."""
    await connection.execute(
        """
        UPDATE stories
        SET article_state = 'read', article_reason = NULL, article_words = $2,
            article_claimed_until = NULL
        WHERE id = $1 AND url = $3
        """,
        story.story_id,
        words,
        story.url,
    )


async def save_failure(
    connection: Connection | Pool, story: Unread, reason: Reason, wait: timedelta | None
) -> None:
    """The page gave no text; it is tried again after `wait`, or never when that is None.

    What is known of another page, which the story has meanwhile, stays.
    """
    await connection.execute(
        """
        UPDATE stories
        SET article_state = CASE WHEN $3::interval IS NULL THEN 'unreadable' ELSE 'pending' END,
            article_reason = $2, article_due_at = now() + coalesce($3::interval, interval '0'),
            article_claimed_until = NULL
        WHERE id = $1 AND url = $4
        """,
        story.story_id,
        reason,
        wait,
        story.url,
    )


async def url_of(connection: Connection | Pool, story_id: int) -> str | None:
    """The address of a story's page, if it was ever readable."""
    url: str | None = await connection.fetchval(
        "SELECT url FROM stories WHERE id = $1 AND article_state = 'read'", story_id
    )
    return url
