"""The SQL of followed stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from app.database.aging import delete_older
from app.database.connection import Connection, Pool

MAX_FOLLOWED = 30
# Hacker News closes a discussion after two weeks.
FOLLOWED_FOR = timedelta(days=30)
GROWS_FOR = timedelta(days=14)
# The most followed stories whose discussions are kept up to date.
MAX_REFRESHED = 300


class Following(Enum):
    """The result of a request to follow a story."""

    BEGUN = "begun"
    KNOWN = "known"  # the reader follows it already
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class FollowedStories:
    """The stories that any reader follows, the most recently followed first."""

    pool: Pool

    async def __call__(self) -> list[int]:
        rows = await self.pool.fetch(
            """
            SELECT story_id FROM followed_stories WHERE followed_at > now() - $1::interval
            GROUP BY story_id ORDER BY max(followed_at) DESC, story_id LIMIT $2
            """,
            GROWS_FOR,
            MAX_REFRESHED,
        )
        return [row["story_id"] for row in rows]


async def follow(
    connection: Connection, chat_id: int, story_id: int, comment_count: int
) -> Following:
    """Follow a story, which has `comments` comments now, unless the reader follows `MAX_FOLLOWED`
    already.
    """
    # Serialises two taps at the same time.
    await connection.execute("SELECT FROM readers WHERE chat_id = $1 FOR UPDATE", chat_id)
    if await is_followed(connection, chat_id, story_id):
        return Following.KNOWN
    status = await connection.execute(
        """
        INSERT INTO followed_stories (chat_id, story_id, comment_count)
        SELECT $1, $2, $3
        WHERE (SELECT count(*) FROM followed_stories WHERE chat_id = $1) < $4
        """,
        chat_id,
        story_id,
        comment_count,
        MAX_FOLLOWED,
    )
    return Following.TOO_MANY if status == "INSERT 0 0" else Following.BEGUN


async def unfollow(connection: Connection, chat_id: int, story_id: int) -> bool:
    """Unfollow a story. Returns whether it was followed."""
    status = await connection.execute(
        "DELETE FROM followed_stories WHERE chat_id = $1 AND story_id = $2", chat_id, story_id
    )
    return status != "DELETE 0"


async def is_followed(connection: Connection, chat_id: int, story_id: int) -> bool:
    followed: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM followed_stories WHERE chat_id = $1 AND story_id = $2)
        """,
        chat_id,
        story_id,
    )
    return followed


async def forget_follows(connection: Connection, age: timedelta, limit: int) -> int:
    """End follows that are older than `age`, at most `limit` at once. Returns their number."""
    return await delete_older(connection, "followed_stories", "followed_at", age, limit)
