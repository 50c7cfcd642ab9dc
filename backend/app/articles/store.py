"""The SQL of the `article_` columns of stories: the state of reading their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.articles.reasons import Reason
from app.database.connection import Connection, Pool
from app.database.leases import is_free


@dataclass(frozen=True, slots=True)
class Unread:
    """A claimed story whose page is due; `attempts` includes this one."""

    story_id: int
    url: str
    title: str
    attempts: int


@dataclass(frozen=True, slots=True)
class SamePageStory:
    """Another story whose page had the same text."""

    story_id: int
    url: str
    title: str


async def claim(
    connection: Connection | Pool, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Unread]:
    """Claim stories to read, in the given order; unfinished ones are free again after `lease`."""
    rows = await connection.fetch(
        f"""
        UPDATE stories
        SET article_claimed_until = now() + $3::interval, article_attempts = article_attempts + 1
        WHERE id IN (
            SELECT id FROM stories
            WHERE article_state = 'pending' AND article_due_at <= now() AND id = ANY($1::bigint[])
              AND {is_free("article_claimed_until")}
            ORDER BY array_position($1::bigint[], id)
            LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        RETURNING id, url, title, article_attempts
        """,
        story_ids,
        limit,
        lease,
    )
    return [Unread(*row) for row in rows]


async def save_read(
    connection: Connection | Pool,
    story: Unread,
    words: int,
    *,
    partial: bool = False,
    fingerprint: int | None = None,
    picture: str = "",
) -> None:
    """Record that the page was read, unless the story links to another page now."""
    await connection.execute(
        """
        UPDATE stories
        SET article_state = 'read', article_reason = $4, article_words = $2,
            article_fingerprint = $5, article_picture = $6, article_claimed_until = NULL
        WHERE id = $1 AND url = $3
        """,
        story.story_id,
        words,
        story.url,
        Reason.PARTIAL if partial else None,
        fingerprint,
        picture or None,
    )


async def same_page_stories(
    connection: Connection | Pool, story: Unread, fingerprint: int
) -> list[SamePageStory]:
    """Other stories of the last days whose texts have this fingerprint."""
    rows = await connection.fetch(
        """
        SELECT id, url, title FROM stories
        WHERE article_fingerprint = $2 AND id <> $1 AND url IS NOT NULL
          AND first_seen_at > now() - interval '7 days'
        ORDER BY id LIMIT 20
        """,
        story.story_id,
        fingerprint,
    )
    return [SamePageStory(*row) for row in rows]


async def reject_articles(
    connection: Connection | Pool, story_ids: Sequence[int], wait: timedelta
) -> None:
    """Discard what was read of these stories, because it is not their article; they are retried."""
    await connection.execute(
        """
        UPDATE stories
        SET article_state = 'pending', article_reason = $2, article_words = NULL,
            article_picture = NULL, article_due_at = now() + $3::interval
        WHERE id = ANY($1) AND article_state = 'read'
        """,
        list(story_ids),
        Reason.SAME_TEXT,
        wait,
    )


async def save_failure(
    connection: Connection | Pool, story: Unread, reason: Reason, wait: timedelta | None
) -> None:
    """Record a failure; the page is retried after `wait`, or never if that is None.

    No effect if the story links to another page now.
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


async def page_of(connection: Connection | Pool, story_id: int) -> tuple[str, str] | None:
    """The address of a story's page, if it was ever readable, and the story's title."""
    row = await connection.fetchrow(
        "SELECT url, title FROM stories WHERE id = $1 AND article_state = 'read'", story_id
    )
    return (row["url"], row["title"]) if row else None
