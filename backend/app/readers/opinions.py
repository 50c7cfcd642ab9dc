"""The SQL of readers' opinions: 👍, 👎 and saved stories, from which tastes are learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.database.connection import Connection
from app.readers.memory import relearn
from app.readers.store import Reader


async def give_opinion(
    connection: Connection, reader: Reader, story_id: int, user_id: int, opinion: int
) -> None:
    """Store a 👍 (1) or 👎 (-1); it replaces an earlier one of the same person."""
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


async def toggle_opinion(
    connection: Connection, reader: Reader, story_id: int, user_id: int, opinion: int
) -> bool:
    """Give an opinion, or remove the same one. Returns whether it is given now."""
    status = await connection.execute(
        """
        DELETE FROM feedback
        WHERE chat_id = $1 AND story_id = $2 AND user_id = $3 AND opinion = $4
        """,
        reader.chat_id,
        story_id,
        user_id,
        opinion,
    )
    if status == "DELETE 0":
        await give_opinion(connection, reader, story_id, user_id, opinion)
        return True
    await relearn(connection, reader.chat_id)
    return False


@dataclass(frozen=True, slots=True)
class StoryOpinions:
    """The opinions of a chat's members about a story, and whether it is saved there."""

    likes: int
    dislikes: int
    saved: bool


async def story_opinions(connection: Connection, chat_id: int, story_id: int) -> StoryOpinions:
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE opinion > 0) AS likes,
               count(*) FILTER (WHERE opinion < 0) AS dislikes,
               EXISTS (SELECT FROM saved_stories WHERE chat_id = $1 AND story_id = $2) AS saved
        FROM feedback WHERE chat_id = $1 AND story_id = $2
        """,
        chat_id,
        story_id,
    )
    return StoryOpinions(*row)


async def toggle_saved(connection: Connection, reader: Reader, story_id: int) -> bool:
    """Save a story, or remove it from the saved ones. Returns whether it is saved now."""
    status = await connection.execute(
        "DELETE FROM saved_stories WHERE chat_id = $1 AND story_id = $2", reader.chat_id, story_id
    )
    saved = status == "DELETE 0"
    if saved:
        await _save(connection, reader, story_id)
    await relearn(connection, reader.chat_id)
    return saved


async def save(connection: Connection, reader: Reader, story_id: int) -> None:
    """Save a story, unless it is saved already."""
    await _save(connection, reader, story_id)
    await relearn(connection, reader.chat_id)


async def unsave(connection: Connection, reader: Reader, story_id: int) -> None:
    """Remove a story from the saved ones, if it is saved."""
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
