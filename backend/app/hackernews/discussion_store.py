"""The SQL of `comments`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.database.connection import Connection, Pool
from app.hackernews.items import Comment

LARGEST_DISCUSSION = 60  # comments that are kept of a story


@dataclass(frozen=True, slots=True)
class PlacedComment:
    """A comment with its place on the page: `position` counts depth first from 0."""

    comment: Comment
    position: int
    depth: int


async def discussions_due(connection: Connection | Pool, story_ids: Sequence[int]) -> list[int]:
    """Those of the stories whose comments should be fetched, in their order.

    They were never fetched, or six hours ago; half an hour ago is enough while a discussion is
    young and has more than doubled since.
    """
    rows = await connection.fetch(
        """
        SELECT id
        FROM stories
        WHERE id = ANY($1::bigint[]) AND comment_count > 0
          AND (discussion_fetched_at IS NULL
               OR discussion_fetched_at < now() - CASE
                   WHEN least(comment_count, $2) > 2 * (
                       SELECT count(*) FROM comments WHERE story_id = stories.id
                   ) THEN interval '30 minutes' ELSE interval '6 hours' END)
        ORDER BY array_position($1::bigint[], id)
        """,
        story_ids,
        LARGEST_DISCUSSION,
    )
    return [row["id"] for row in rows]


async def save_discussion(
    pool: Pool, story_id: int, comments: Iterable[PlacedComment] | None
) -> None:
    """Replace the comments of a story; None: they were asked for in vain, and stay as they are."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE stories SET discussion_fetched_at = now() WHERE id = $1", story_id
        )
        if comments is None:
            return
        await connection.execute("DELETE FROM comments WHERE story_id = $1", story_id)
        await connection.executemany(
            """
            INSERT INTO comments (id, story_id, parent_id, position, depth, author, text, posted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET  -- moderators move threads from story to story
                story_id = excluded.story_id, parent_id = excluded.parent_id,
                position = excluded.position, depth = excluded.depth, text = excluded.text
            """,
            [
                (
                    placed.comment.id,
                    story_id,
                    placed.comment.parent_id,
                    placed.position,
                    placed.depth,
                    placed.comment.author,
                    placed.comment.text,
                    placed.comment.posted_at,
                )
                for placed in comments
            ],
        )


async def comments_of(connection: Connection | Pool, story_id: int) -> list[PlacedComment]:
    """The stored comments of a story, in the order of its page."""
    rows = await connection.fetch(
        """
        SELECT id, parent_id, author, text, posted_at, position, depth
        FROM comments WHERE story_id = $1 ORDER BY position
        """,
        story_id,
    )
    return [
        PlacedComment(
            Comment(row["id"], row["parent_id"], row["author"], row["text"], row["posted_at"]),
            row["position"],
            row["depth"],
        )
        for row in rows
    ]


async def forget_discussions(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete the comments of stories that nobody has saved and whose discussions were not asked for
    since; about so many comments at once. Returns of how many stories.
    """
    rows = await connection.fetch(
        """
        WITH old AS (
          SELECT id FROM stories
          WHERE discussion_fetched_at < now() - $1::interval
            AND NOT EXISTS (SELECT FROM saved_stories WHERE story_id = stories.id)
          ORDER BY discussion_fetched_at LIMIT $2
          FOR UPDATE SKIP LOCKED
        ), forgotten AS (
          DELETE FROM comments WHERE story_id IN (SELECT id FROM old)
        )
        UPDATE stories SET discussion_fetched_at = NULL WHERE id IN (SELECT id FROM old)
        RETURNING 1
        """,
        age,
        max(1, limit // LARGEST_DISCUSSION),
    )
    return len(rows)
