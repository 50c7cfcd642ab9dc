"""The SQL of the stories that readers have seen and saved: searches and statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.database.connection import Connection


@dataclass(frozen=True, slots=True)
class PastStory:
    """A story that a reader saw or saved, with the time."""

    id: int
    title: str
    url: str | None
    site: str | None
    points: int
    comment_count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers about a reader's use."""

    since: datetime
    digests: int
    stories: int
    opened: int
    liked: int
    disliked: int
    saved: int
    questions: int
    favourite_sites: tuple[str, ...]


_STORY = "stories.id, title, url, site, points, stories.comment_count"

# The same expressions as in the indexes ix_stories_words and ix_summaries_words.
STORY_WORDS = """
    setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(site, ''))
"""
SUMMARY_WORDS = "to_tsvector('english', (sentences || ' ') || topics::text)"
# The words may be spread over a story and its summaries, so no single index can match the query.
# Each index finds the rows with any of the words; the query on all words is applied to those only.
# All other rows match only if the query matches an empty document, as with excluded words only.
SEARCH_SEEN = f"""
    WITH known AS (
        SELECT story_id, max(at) AS at FROM (
            SELECT story_id, created_at AS at
            FROM digest_stories JOIN digests ON digests.id = digest_id
            WHERE digest_stories.chat_id = $1 AND seen
            UNION ALL
            SELECT story_id, saved_at FROM saved_stories WHERE chat_id = $1
        ) AS all_known GROUP BY story_id
    ), asked AS MATERIALIZED (
        SELECT websearch_to_tsquery('english', $2) AS query,
               (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery
                FROM unnest(to_tsvector('english', $2))) AS any_word
    ), having_any AS MATERIALIZED (
        SELECT stories.id FROM asked JOIN stories ON ({STORY_WORDS}) @@ any_word
        UNION
        SELECT story_id FROM asked JOIN summaries ON {SUMMARY_WORDS} @@ any_word
    ), candidates AS MATERIALIZED (
        SELECT {_STORY}, at, query, position(lower($2) IN lower(title)) > 0 AS named
        FROM known JOIN stories ON stories.id = story_id CROSS JOIN asked
        WHERE stories.id IN (SELECT id FROM having_any) OR ''::tsvector @@ query
           OR position(lower($2) IN lower(title)) > 0
    ), searched AS MATERIALIZED (
        SELECT candidates.*,
               ({STORY_WORDS}) || to_tsvector('english', coalesce(
                 (SELECT string_agg(sentences || ' ' || topics::text, ' ') FROM summaries
                  WHERE summaries.story_id = candidates.id), '')) AS document
        FROM candidates
    )
    SELECT id, title, url, site, points, comment_count, at FROM searched
    WHERE document @@ query OR named
    ORDER BY ts_rank(document, query) DESC, at DESC, id LIMIT $3 OFFSET $4
"""


async def saved_stories(
    connection: Connection, chat_id: int, *, limit: int, offset: int = 0
) -> list[PastStory]:
    """The stories that a reader saved, the latest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_STORY}, saved_at FROM saved_stories JOIN stories ON stories.id = story_id
        WHERE chat_id = $1 ORDER BY saved_at DESC, stories.id LIMIT $2 OFFSET $3
        """,
        chat_id,
        limit,
        offset,
    )
    return [PastStory(*row) for row in rows]


async def count_saved(connection: Connection, chat_id: int) -> int:
    number: int = await connection.fetchval(
        "SELECT count(*) FROM saved_stories WHERE chat_id = $1", chat_id
    )
    return number


async def followed_stories(connection: Connection, chat_id: int) -> list[PastStory]:
    """The stories that a reader follows, the latest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_STORY}, followed_at FROM followed_stories JOIN stories ON stories.id = story_id
        WHERE chat_id = $1 ORDER BY followed_at DESC, stories.id
        """,
        chat_id,
    )
    return [PastStory(*row) for row in rows]


async def search_seen(
    connection: Connection, chat_id: int, words: str, *, limit: int, offset: int = 0
) -> list[PastStory]:
    """The stories sent to or saved by a reader that match `words`, the best match first.

    The syntax is that of web searches ("…" for a phrase, - to exclude, or). Words match in English
    stemming, and also literally in titles.
    """
    rows = await connection.fetch(SEARCH_SEEN, chat_id, words.replace("\0", ""), limit, offset)
    return [PastStory(*row) for row in rows]


async def seen_earlier(
    connection: Connection, chat_id: int, story_ids: Sequence[int], *, limit: int
) -> list[tuple[PastStory, list[str]]]:
    """The latest stories of a reader's digests before the first digest with any of `story_ids`,
    each with its topics.
    """
    rows = await connection.fetch(
        f"""
        WITH known AS (
            SELECT story_id, max(created_at) AS at
            FROM digest_stories JOIN digests ON digests.id = digest_id
            WHERE digest_stories.chat_id = $1 AND seen AND story_id <> ALL($2)
              AND NOT EXISTS (SELECT FROM digest_stories AS this
                              WHERE this.chat_id = $1 AND this.story_id = ANY($2)
                                AND this.digest_id <= digest_stories.digest_id)
            GROUP BY story_id ORDER BY at DESC LIMIT $3)
        SELECT {_STORY}, at, coalesce(topics, '[]') AS topics
        FROM known JOIN stories ON stories.id = known.story_id
             LEFT JOIN summaries ON summaries.story_id = known.story_id AND style = 'basic'
        WHERE duplicate_of IS NULL OR duplicate_of <> ALL($2)
        ORDER BY at DESC, stories.id
        """,
        chat_id,
        list(story_ids),
        limit,
    )
    return [(PastStory(*tuple(row)[:-1]), row["topics"]) for row in rows]


async def mark_opened(connection: Connection, chat_id: int, story_id: int) -> None:
    """Record that a reader opened the card of a story from a digest."""
    await connection.execute(
        """
        UPDATE digest_stories SET opened_at = now()
        WHERE chat_id = $1 AND story_id = $2 AND opened_at IS NULL
        """,
        chat_id,
        story_id,
    )


async def statistics(connection: Connection, chat_id: int, since: datetime) -> Statistics:
    """A reader's statistics since `since`, which should be within the retention period."""
    row: Any = await connection.fetchrow(
        """
        SELECT $2::timestamptz AS since,
               (SELECT count(*) FROM digests
                WHERE chat_id = $1 AND kind <> 'alert') AS digests,
               (SELECT count(DISTINCT story_id) FROM digest_stories
                WHERE chat_id = $1 AND seen) AS stories,
               (SELECT count(DISTINCT story_id) FROM digest_stories
                WHERE chat_id = $1 AND opened_at IS NOT NULL) AS opened,
               (SELECT count(*) FROM feedback
                WHERE chat_id = $1 AND opinion > 0 AND given_at >= $2) AS liked,
               (SELECT count(*) FROM feedback
                WHERE chat_id = $1 AND opinion < 0 AND given_at >= $2) AS disliked,
               (SELECT count(*) FROM saved_stories WHERE chat_id = $1) AS saved,
               (SELECT count(*) FROM questions
                WHERE chat_id = $1 AND state <> 'open') AS questions,
               ARRAY(SELECT site FROM feedback JOIN stories ON stories.id = story_id
                     WHERE chat_id = $1 AND opinion > 0 AND site IS NOT NULL
                     GROUP BY site ORDER BY count(*) DESC, site LIMIT 3) AS favourite_sites
        """,
        chat_id,
        since,
    )
    values = dict(row)
    values["favourite_sites"] = tuple(values["favourite_sites"])
    return Statistics(**values)
