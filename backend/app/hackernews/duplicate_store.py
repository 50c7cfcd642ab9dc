"""The SQL of submissions that may be the same story, and of the stored duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection, Pool
from app.hackernews.store import LIVELY_SINCE

# Stories of this age are checked for duplicates: slightly longer than a story can be chosen.
LOOKED_AT = timedelta(days=8)
# A later submission of the same page is another story, as on Hacker News.
SAME_STORY_WITHIN = timedelta(days=365)

# The present and former addresses of each story's page.
_PAGES = """
    SELECT id AS story_id, canonical_url FROM stories WHERE canonical_url IS NOT NULL
    UNION ALL SELECT story_id, canonical_url FROM story_pages
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """The fields that decide which of several submissions of one page is the original."""

    id: int
    title: str
    url: str | None
    pages: tuple[str, ...]
    points: int
    comment_count: int
    dead: bool
    duplicate_of: int | None
    posted_at: datetime


async def linking_comments(connection: Connection | Pool) -> list[tuple[int, str | None, str]]:
    """Top-level comments on followed stories that link to an item: story id, author and text."""
    rows = await connection.fetch(
        f"""
        SELECT story_id, comments.author, comments.text
        FROM comments JOIN stories ON stories.id = story_id
        WHERE depth = 0 AND comments.text LIKE '%item?id=%'
          AND {LIVELY_SINCE} > now() - $1::interval
        """,
        LOOKED_AT,
    )
    return [(row["story_id"], row["author"], row["text"]) for row in rows]


async def possibly_same_stories(connection: Connection | Pool) -> set[int]:
    """The followed stories that share a page with others, or that commenters call the same,
    together with those others, transitively.
    """
    lively = {
        row["id"]
        for row in await connection.fetch(
            f"SELECT id FROM stories WHERE {LIVELY_SINCE} > now() - $1::interval", LOOKED_AT
        )
    }
    found: set[int] = set()
    asked, known = lively, set(lively)
    while asked:
        pairs = await _related_pairs(connection, sorted(asked))
        found |= {story_id for pair in pairs for story_id in pair}
        asked = found - known
        known |= asked
    # Also the stored duplicates that are no longer related to any other story.
    return found | {
        row["id"]
        for row in await connection.fetch(
            "SELECT id FROM stories WHERE id = ANY($1::bigint[]) AND duplicate_of IS NOT NULL",
            sorted(lively),
        )
    }


async def _related_pairs(
    connection: Connection | Pool, story_ids: Sequence[int]
) -> list[tuple[int, int]]:
    rows = await connection.fetch(
        f"""
        WITH pages AS NOT MATERIALIZED ({_PAGES}), pairs AS (
            SELECT one.story_id, other.story_id AS other_id
            FROM pages AS one JOIN pages AS other USING (canonical_url)
            WHERE one.story_id = ANY($1::bigint[]) AND other.story_id <> one.story_id
            UNION
            SELECT story_id, target_id FROM same_stories WHERE story_id = ANY($1::bigint[])
            UNION
            SELECT target_id, story_id FROM same_stories WHERE target_id = ANY($1::bigint[])
        )
        SELECT pairs.story_id, other_id FROM pairs JOIN stories ON stories.id = other_id
        WHERE {LIVELY_SINCE} > now() - $2::interval
        """,
        story_ids,
        SAME_STORY_WITHIN,
    )
    return [(row["story_id"], row["other_id"]) for row in rows]


async def submissions(connection: Connection | Pool, story_ids: Iterable[int]) -> list[Submission]:
    """The stored submissions among `story_ids`."""
    rows = await connection.fetch(
        f"""
        WITH pages AS NOT MATERIALIZED ({_PAGES})
        SELECT id, title, url, points, comment_count, dead, duplicate_of, posted_at,
               ARRAY(SELECT DISTINCT pages.canonical_url FROM pages
                     WHERE pages.story_id = stories.id) AS pages
        FROM stories WHERE id = ANY($1::bigint[])
        ORDER BY id
        """,
        sorted(story_ids),
    )
    return [
        Submission(
            id=row["id"],
            title=row["title"],
            url=row["url"],
            pages=tuple(row["pages"]),
            points=row["points"],
            comment_count=row["comment_count"],
            dead=row["dead"],
            duplicate_of=row["duplicate_of"],
            posted_at=row["posted_at"],
        )
        for row in rows
    ]


async def save_same_stories(
    connection: Connection | Pool, pairs: Iterable[tuple[int, int, bool]]
) -> None:
    """Store pairs of the same story; true: the first one's discussion moved to the second."""
    await connection.executemany(
        """
        INSERT INTO same_stories (story_id, target_id, moved) VALUES ($1, $2, $3)
        ON CONFLICT (story_id, target_id) DO UPDATE SET moved = TRUE
        WHERE excluded.moved AND NOT same_stories.moved
        """,
        sorted(pairs),
    )


async def same_stories(
    connection: Connection | Pool, story_ids: Iterable[int]
) -> list[tuple[int, int, bool]]:
    """The stored pairs whose first story is one of these, as `save_same_stories` takes them."""
    rows = await connection.fetch(
        "SELECT story_id, target_id, moved FROM same_stories WHERE story_id = ANY($1::bigint[])",
        sorted(story_ids),
    )
    return [(row["story_id"], row["target_id"], row["moved"]) for row in rows]


async def add_page(connection: Connection | Pool, story_id: int, url: str, page: str) -> None:
    """Store another address of a story's page, if the story still links to `url`."""
    await connection.execute(
        """
        INSERT INTO story_pages (story_id, canonical_url)
        SELECT id, $3 FROM stories
        WHERE id = $1 AND url = $2 AND canonical_url IS DISTINCT FROM $3
        ON CONFLICT DO NOTHING
        """,
        story_id,
        url,
        page,
    )


async def save_duplicates(
    connection: Connection | Pool, originals: Mapping[int, int | None]
) -> None:
    """Set the original of each of these stories; None: the story is not a duplicate."""
    await connection.executemany(
        "UPDATE stories SET duplicate_of = $2 WHERE id = $1", sorted(originals.items())
    )
