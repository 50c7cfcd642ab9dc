"""The SQL of `comments`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.database.connection import Connection, Pool
from app.hackernews.items import Comment
from app.hackernews.store import THREAD

MAX_DISCUSSION = 60  # comments that are kept for each story


@dataclass(frozen=True, slots=True)
class PlacedComment:
    """A comment with its place on the page: `position` counts from 0, depth first."""

    comment: Comment
    position: int
    depth: int


async def discussions_due(connection: Connection | Pool, story_ids: Sequence[int]) -> list[int]:
    """The stories among `story_ids` whose comments are due for fetching, in the given order.

    A discussion is due if it was never fetched, or after six hours. It is due after half an hour if
    it has more than doubled since (and is still small), or has lost half of its comments.
    """
    rows = await connection.fetch(
        """
        SELECT id
        FROM stories,
             LATERAL (SELECT count(*) AS stored FROM comments WHERE story_id = stories.id) AS kept
        WHERE id = ANY($1::bigint[]) AND (comment_count > 0 OR stored > 0)
          AND (discussion_fetched_at IS NULL
               OR discussion_fetched_at < now() - CASE
                   WHEN least(comment_count, $2) > 2 * stored OR 2 * comment_count < stored
                   THEN interval '30 minutes' ELSE interval '6 hours' END)
        ORDER BY array_position($1::bigint[], id)
        """,
        story_ids,
        MAX_DISCUSSION,
    )
    return [row["id"] for row in rows]


async def first_answers(connection: Connection | Pool, story_id: int) -> list[int]:
    """The ids of a story's stored top-level comments."""
    rows = await connection.fetch(
        "SELECT id FROM comments WHERE story_id = $1 AND depth = 0 ORDER BY position", story_id
    )
    return [row["id"] for row in rows]


async def save_discussion(
    pool: Pool, story_id: int, comments: Iterable[PlacedComment] | None
) -> list[int]:
    """Replace the stored comments of a story. None: fetching failed; the stored ones are kept.

    Returns:
        The stories from which most of the stored comments were moved to this one.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE stories SET discussion_fetched_at = now() WHERE id = $1", story_id
        )
        if comments is None:
            return []
        comments = list(comments)
        emptied = await connection.fetch(
            """
            SELECT story_id FROM comments JOIN stories ON stories.id = story_id
            WHERE story_id IN (SELECT story_id FROM comments
                               WHERE id = ANY($2::bigint[]) AND story_id <> $1)
            GROUP BY story_id, comment_count
            -- more than half of the stored ones, and of all that the story has
            HAVING 2 * count(*) FILTER (WHERE comments.id = ANY($2::bigint[]))
                   > greatest(count(*), least(comment_count, $3))
            """,
            story_id,
            [placed.comment.id for placed in comments],
            MAX_DISCUSSION,
        )
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
        return [row["story_id"] for row in emptied]


async def comments_of(connection: Connection | Pool, story_id: int) -> list[PlacedComment]:
    """The stored comments of a story, in page order, wherever its discussion is now."""
    rows = await connection.fetch(
        f"""
        SELECT id, parent_id, author, text, posted_at, position, depth
        FROM comments
        WHERE story_id = (SELECT {THREAD} FROM stories WHERE stories.id = $1)
        ORDER BY position
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
    """Delete the comments of unsaved stories whose discussions have not been fetched for `age`, of
    at most `limit` stories at once. Returns the number of stories.
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
        max(1, limit // MAX_DISCUSSION),
    )
    return len(rows)
