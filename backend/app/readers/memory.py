"""The SQL of learned tastes: recomputed with every opinion, and deletable."""

from __future__ import annotations

from app.database.connection import Connection
from app.readers.interests.corrections import Correction
from app.readers.learning import Opinion, corrections, learn
from app.readers.tastes import FEEDBACK, READER, Interest, load_tastes

# Tastes change: older opinions do not count.
MAX_OPINIONS = 200
SAVED_VALUE = 0.5


async def relearn(connection: Connection, chat_id: int) -> None:
    """Recompute the taste from all opinions that may be remembered."""
    rows = await connection.fetch(
        """
        SELECT value, given_at, title, site, ARRAY(
                 SELECT DISTINCT topic
                 FROM summaries, jsonb_array_elements_text(summaries.topics) AS topic
                 WHERE summaries.story_id = stories.id) AS topics
        FROM (
            SELECT story_id, opinion::float AS value, given_at FROM feedback
            WHERE chat_id = $1 AND remembered
            UNION ALL
            SELECT story_id, $2::float, saved_at FROM saved_stories
            WHERE chat_id = $1 AND remembered
        ) AS opinions JOIN stories ON stories.id = story_id
        ORDER BY given_at DESC LIMIT $3
        """,
        chat_id,
        SAVED_VALUE,
        MAX_OPINIONS,
    )
    forgotten = await connection.fetch(
        "SELECT phrase, added_at FROM interests WHERE chat_id = $1 AND source = 'forgotten'",
        chat_id,
    )
    taste = (await load_tastes(connection, [chat_id]))[chat_id]
    named = [interest.phrase for interest in taste.interests if interest.source == READER]
    opinions = [Opinion(**row) for row in rows]
    learned = learn(opinions, {row["phrase"]: row["added_at"] for row in forgotten})
    await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND source IN ('feedback', 'sense')", chat_id
    )
    await connection.executemany(
        """
        INSERT INTO interests (chat_id, phrase, source, weight, reason)
        VALUES ($1, $2, 'sense', 0, $3) ON CONFLICT DO NOTHING
        """,
        [(chat_id, one.phrase, one.title) for one in corrections(opinions, named)],
    )
    await connection.executemany(
        """
        INSERT INTO interests (chat_id, phrase, source, weight, reason)
        VALUES ($1, $2, 'feedback', $3, $4)
        """,
        [(chat_id, one.phrase, round(one.weight, 3), one.reason) for one in learned],
    )


async def learned(connection: Connection, chat_id: int) -> list[Interest]:
    """The learned phrases, the strongest first, each with the title it was learned from."""
    taste = (await load_tastes(connection, [chat_id]))[chat_id]
    known = [interest for interest in taste.interests if interest.source == FEEDBACK]
    return sorted(known, key=lambda interest: (-abs(interest.weight), interest.phrase))


async def corrected(connection: Connection, chat_id: int) -> tuple[Correction, ...]:
    """The senses in which the reader's interests are not meant."""
    return (await load_tastes(connection, [chat_id]))[chat_id].corrections


async def forget(connection: Connection, chat_id: int, phrase: str) -> bool:
    """Delete one learned phrase; only later opinions can teach it again.

    Returns whether it existed.
    """
    status = await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND phrase = $2 AND source = 'feedback'",
        chat_id,
        phrase,
    )
    if status == "DELETE 0":
        return False
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase, source) VALUES ($1, $2, 'forgotten')
        ON CONFLICT (chat_id, phrase, source) DO UPDATE SET added_at = now()
        """,
        chat_id,
        phrase,
    )
    return True


async def clear(connection: Connection, chat_id: int) -> None:
    """Delete everything learned; saved stories stay saved, but do not count any more."""
    await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND source <> 'reader'", chat_id
    )
    await connection.execute("DELETE FROM feedback WHERE chat_id = $1", chat_id)
    await connection.execute(
        "UPDATE saved_stories SET remembered = FALSE WHERE chat_id = $1", chat_id
    )
