"""What the database knows of submissions that may be one story, and which of them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.database.connection import Connection, Pool

DUPLICATES_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Submission:
    """What decides which of several submissions of one page stands for all of them."""

    id: int
    title: str
    canonical_url: str | None
    points: int
    comment_count: int
    dead: bool
    duplicate_of: int | None


async def linking_comments(connection: Connection | Pool) -> list[tuple[int, str | None, str]]:
    """Recent answers to stories that link to another item: the story's id, author and text."""
    rows = await connection.fetch(
        """
        SELECT story_id, comments.author, comments.text
        FROM comments JOIN stories ON stories.id = story_id
        WHERE depth = 0 AND comments.text LIKE '%item?id=%'
          AND first_seen_at > now() - $1::interval
        """,
        DUPLICATES_WITHIN,
    )
    return [(row["story_id"], row["author"], row["text"]) for row in rows]


async def submissions(connection: Connection | Pool, named: Sequence[int]) -> list[Submission]:
    """Recent stories that share their page with another one, and those that are `named`."""
    rows = await connection.fetch(
        """
        WITH recent AS (
            SELECT id, title, canonical_url, points, comment_count, dead, duplicate_of
            FROM stories WHERE first_seen_at > now() - $2::interval
        )
        SELECT * FROM recent
        WHERE id = ANY($1::bigint[]) OR duplicate_of IS NOT NULL OR canonical_url IN (
            SELECT canonical_url FROM recent GROUP BY canonical_url HAVING count(*) > 1
        )
        ORDER BY id
        """,
        named,
        DUPLICATES_WITHIN,
    )
    return [Submission(**dict(row)) for row in rows]


async def save_duplicates(
    connection: Connection | Pool, originals: Mapping[int, int | None]
) -> None:
    """Set which story each of these stands behind; None: it stands for itself."""
    await connection.executemany(
        "UPDATE stories SET duplicate_of = $2 WHERE id = $1", sorted(originals.items())
    )
