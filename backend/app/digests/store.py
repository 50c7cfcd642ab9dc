"""SQL on the digests that were made and what was in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.database.connection import Connection
from app.digests.select import Choice


async def seen_stories(connection: Connection, chat_id: int) -> set[int]:
    """The stories that a reader has been sent, or whose original or re-post has been."""
    rows = await connection.fetch(
        """
        SELECT digest_stories.story_id, stories.duplicate_of
        FROM digest_stories JOIN stories ON stories.id = digest_stories.story_id
        WHERE chat_id = $1 AND seen
        """,
        chat_id,
    )
    return {number for row in rows for number in row if number is not None}


async def add_digest(
    connection: Connection, chat_id: int, kind: str, day: date, choices: Sequence[Choice]
) -> int | None:
    """Keep a digest. None when the reader already has the one of this kind for this day."""
    digest_id: int | None = await connection.fetchval(
        """
        INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, $2, $3)
        ON CONFLICT (chat_id, kind, local_day) WHERE kind IN ('daily', 'weekly') DO NOTHING
        RETURNING id
        """,
        chat_id,
        kind,
        day,
    )
    if digest_id is not None:
        await connection.execute(
            """
            INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score, reasons)
            SELECT $1, story_id, $2, position, score, reasons
            FROM unnest($3::bigint[], $4::numeric[], $5::jsonb[])
                 WITH ORDINALITY AS chosen (story_id, score, reasons, position)
            """,
            digest_id,
            chat_id,
            [choice.candidate.id for choice in choices],
            [round(choice.score, 4) for choice in choices],
            [{name: round(value, 4) for name, value in choice.terms.items()} for choice in choices],
        )
    return digest_id


async def reasons(connection: Connection, chat_id: int, story_id: int) -> dict[str, float] | None:
    """The terms of the score with which a story was last chosen for a reader, if it was."""
    found: dict[str, float] | None = await connection.fetchval(
        """
        SELECT reasons FROM digest_stories WHERE chat_id = $1 AND story_id = $2
        ORDER BY digest_id DESC LIMIT 1
        """,
        chat_id,
        story_id,
    )
    return found


async def is_saved(connection: Connection, chat_id: int, story_id: int) -> bool:
    saved: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM saved_stories WHERE chat_id = $1 AND story_id = $2)",
        chat_id,
        story_id,
    )
    return saved
