"""SQL on what readers think of stories: 👍, 👎 and saved ones; their taste is learned from it."""

from __future__ import annotations

from app.database.connection import Connection
from app.readers.memory import relearn
from app.readers.store import Reader


async def give_opinion(
    connection: Connection, reader: Reader, story_id: int, user_id: int, opinion: int
) -> None:
    """Keep a 👍 (1) or 👎 (-1); a later one of the same person replaces it."""
    await connection.execute(
        """
        INSERT INTO feedback (chat_id, story_id, user_id, opinion, remembered)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (chat_id, story_id, user_id)
        DO UPDATE SET opinion = $4, given_at = now(), remembered = $5
        """,
        reader.chat_id,
        story_id,
        user_id,
        opinion,
        not reader.memory_paused,
    )
    await relearn(connection, reader.chat_id)


async def toggle_saved(connection: Connection, reader: Reader, story_id: int) -> bool:
    """Save a story, or forget that it was saved. Returns whether it is saved now."""
    status = await connection.execute(
        "DELETE FROM saved_stories WHERE chat_id = $1 AND story_id = $2", reader.chat_id, story_id
    )
    saved = status == "DELETE 0"
    if saved:
        await _save(connection, reader, story_id)
    await relearn(connection, reader.chat_id)
    return saved


async def unsave(connection: Connection, reader: Reader, story_id: int) -> None:
    """Forget that a story was saved, if it was."""
    await connection.execute(
        "DELETE FROM saved_stories WHERE chat_id = $1 AND story_id = $2", reader.chat_id, story_id
    )
    await relearn(connection, reader.chat_id)


async def _save(connection: Connection, reader: Reader, story_id: int) -> None:
    await connection.execute(
        """
        INSERT INTO saved_stories (chat_id, story_id, remembered) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING
        """,
        reader.chat_id,
        story_id,
        not reader.memory_paused,
    )


async def is_saved(connection: Connection, chat_id: int, story_id: int) -> bool:
    saved: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM saved_stories WHERE chat_id = $1 AND story_id = $2)",
        chat_id,
        story_id,
    )
    return saved
