"""SQL on what readers have seen and saved, to find it again and to count it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.database.connection import Connection


@dataclass(frozen=True, slots=True)
class PastStory:
    """A story that a reader saw or saved, and when."""

    id: int
    title: str
    url: str | None
    site: str | None
    points: int
    comment_count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Statistics:
    """A reader's reading in numbers."""

    since: datetime
    digests: int
    stories: int
    opened: int
    liked: int
    disliked: int
    saved: int
    questions: int
    favourite_sites: tuple[str, ...]


_STORY = "stories.id, title, url, site, points, comment_count"

# Both as the indexes ix_stories_words and ix_summaries_words have them.
_STORY_WORDS = """
    setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(site, ''))
"""
_SUMMARY_WORDS = "to_tsvector('english', (sentences || ' ') || topics::text)"
# Words may stand in a story and in its summaries, so no index knows what they find together. But
# both know who has any of them, and to all others a query says what it says to nothing at all.
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
        SELECT stories.id FROM asked JOIN stories ON ({_STORY_WORDS}) @@ any_word
        UNION
        SELECT story_id FROM asked JOIN summaries ON {_SUMMARY_WORDS} @@ any_word
    ), candidates AS MATERIALIZED (
        SELECT {_STORY}, at, query, position(lower($2) IN lower(title)) > 0 AS named
        FROM known JOIN stories ON stories.id = story_id CROSS JOIN asked
        WHERE stories.id IN (SELECT id FROM having_any) OR ''::tsvector @@ query
           OR position(lower($2) IN lower(title)) > 0
    ), searched AS MATERIALIZED (
        SELECT candidates.*,
               ({_STORY_WORDS}) || to_tsvector('english', coalesce(
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


async def search_seen(
    connection: Connection, chat_id: int, words: str, *, limit: int, offset: int = 0
) -> list[PastStory]:
    """The stories that a reader was sent or saved and that `words` find, the best match first.

    The words are searched as a web search does: "…" for a phrase, - for without, or for either;
    in English, as the stories are, and besides that as they stand in a title.
    """
    rows = await connection.fetch(SEARCH_SEEN, chat_id, words.replace("\0", ""), limit, offset)
    return [PastStory(*row) for row in rows]


async def mark_opened(connection: Connection, chat_id: int, story_id: int) -> None:
    """A reader looked at a story that a digest brought."""
    await connection.execute(
        """
        UPDATE digest_stories SET opened_at = now()
        WHERE chat_id = $1 AND story_id = $2 AND opened_at IS NULL
        """,
        chat_id,
        story_id,
    )


async def statistics(connection: Connection, chat_id: int, since: datetime) -> Statistics:
    """What a reader got and did; `since` is as far back as that is remembered."""
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
