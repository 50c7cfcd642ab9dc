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
# A word in more titles or summaries than this does not narrow a search: reading all stories that an
# index finds takes longer than trying those of one reader, the latest first.
FREQUENT = 20_000
# This many matches, the latest, are ordered by relevance; older ones follow by age. The words of a
# story are not stored, so it takes 0.1 ms to rank one.
RANKED = 100
_LEXEME = "$$'(?:[^']|'')+'$$"
# The words may be spread over a story and its summaries, so no single index can match the query,
# but the indexes find the stories with one word. Without alternatives and exclusions, a match has
# every word, and the rarest one is looked up. Otherwise it has any of the words, unless the query
# matches an empty document.
SEARCH_SEEN = f"""
    WITH asked AS MATERIALIZED (
        SELECT query, ''::tsvector @@ query AS matches_nothing,
               regexp_replace(query::text, {_LEXEME}, '', 'g') !~ '[|!]' AS all_required
        FROM websearch_to_tsquery('english', $2) AS query
    ), words AS MATERIALIZED (
        SELECT DISTINCT quoted[1]::tsquery AS word
        FROM asked CROSS JOIN regexp_matches(query::text, {_LEXEME}, 'g') AS quoted
    ), narrowing AS MATERIALIZED (
        SELECT ids, cardinality(ids) > $5 AS frequent
        FROM words CROSS JOIN LATERAL (SELECT ARRAY(
            (SELECT id FROM stories WHERE ({STORY_WORDS}) @@ word LIMIT $5::int + 1)
            UNION ALL
            (SELECT story_id FROM summaries WHERE {SUMMARY_WORDS} @@ word LIMIT $5::int + 1)
        ) AS ids OFFSET 0) AS having_word
        ORDER BY cardinality(ids) LIMIT (SELECT CASE WHEN all_required THEN 1 END FROM asked)
    ), matches AS MATERIALIZED (
        SELECT {_STORY}, at, document
        FROM (
            SELECT story_id, max(at) AS at FROM (
                SELECT story_id, created_at AS at
                FROM digest_stories JOIN digests ON digests.id = digest_id
                WHERE digest_stories.chat_id = $1 AND seen
                UNION ALL
                SELECT story_id, saved_at FROM saved_stories WHERE chat_id = $1
            ) AS all_known GROUP BY story_id
            ORDER BY at DESC, story_id OFFSET 0  -- so that the rest ends with enough matches
        ) AS known
        JOIN stories ON stories.id = story_id
        CROSS JOIN LATERAL (
            SELECT ({STORY_WORDS}) || to_tsvector('english', coalesce(
                (SELECT string_agg(sentences || ' ' || topics::text, ' ') FROM summaries
                 WHERE summaries.story_id = stories.id), '')) AS document
            OFFSET 0  -- so that it is made once for each story
        ) AS searched
        WHERE ((SELECT bool_or(frequent) FROM narrowing) OR (SELECT matches_nothing FROM asked)
               OR stories.id IN (SELECT unnest(ids) FROM narrowing)
               OR position(lower($2) IN lower(title)) > 0)
          AND (document @@ (SELECT query FROM asked) OR position(lower($2) IN lower(title)) > 0)
        ORDER BY at DESC, story_id LIMIT greatest($6::int, $3::int + $4::int)
    )
    SELECT id, title, url, site, points, comment_count, at
    FROM (SELECT *, row_number() OVER (ORDER BY at DESC, id) AS place FROM matches) AS placed
    ORDER BY CASE WHEN place <= $6 THEN ts_rank(document, (SELECT query FROM asked)) END
             DESC NULLS LAST, at DESC, id
    LIMIT $3 OFFSET $4
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
    """The stories sent to or saved by a reader that match `words`: of the `RANKED` latest, the best
    match first, then the older ones by age.

    The syntax is that of web searches ("…" for a phrase, - to exclude, or). Words match in English
    stemming, and also literally in titles.
    """
    rows = await connection.fetch(
        SEARCH_SEEN, chat_id, words.replace("\0", ""), limit, offset, FREQUENT, RANKED
    )
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
