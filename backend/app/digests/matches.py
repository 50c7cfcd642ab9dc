"""The SQL that checks whether there are stories about an interest."""

from __future__ import annotations

from collections.abc import Sequence

from app.database.connection import Connection
from app.digests.history import STORY_WORDS, SUMMARY_WORDS
from app.readers.interests.vocabulary import meaning_of

# Each phrase costs a few milliseconds; further ones are not checked.
MAX_PHRASES = 20

_ANY_STORY = "SELECT EXISTS (SELECT FROM stories WHERE first_seen_at > now() - interval '30 days')"
# A phrase that consists of stop words matches nothing.
_MATCHED = f"""
    WITH asked AS MATERIALIZED (
        SELECT string_agg(format('(%s)', query), ' | ')::tsquery AS query
        FROM (SELECT phraseto_tsquery('english', name) AS query FROM unnest($1::text[]) AS name)
             AS queries
        WHERE numnode(query) > 0
    )
    SELECT query IS NULL
        OR EXISTS (SELECT FROM stories
                   WHERE ({STORY_WORDS}) @@ query AND first_seen_at > now() - interval '30 days')
        OR EXISTS (SELECT FROM summaries JOIN stories ON stories.id = story_id
                   WHERE {SUMMARY_WORDS} @@ query
                     AND first_seen_at > now() - interval '30 days')
    FROM asked
"""


async def without_stories(connection: Connection, phrases: Sequence[str]) -> list[str] | None:
    """The interests without a story in the last 30 days; None if there are no stories at all."""
    if not await connection.fetchval(_ANY_STORY):
        return None
    return [phrase for phrase in phrases[:MAX_PHRASES] if not await _is_matched(connection, phrase)]


async def _is_matched(connection: Connection, phrase: str) -> bool:
    matched: bool = await connection.fetchval(_MATCHED, [phrase, *meaning_of(phrase).names])
    return matched
