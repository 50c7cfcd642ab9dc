"""When a conversation starts, continues and expires."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.conversations import store
from app.conversations.store import Conversation
from app.database.connection import Connection

# After this time without a question, typed words are about no story.
IDLE = timedelta(minutes=20)
MAX_TURNS = 12


async def active_conversation(
    connection: Connection, chat_id: int, user_id: int, now: datetime
) -> Conversation | None:
    """The person's conversation, unless it has expired."""
    spoken = await store.conversation(connection, chat_id, user_id)
    if spoken is None or now - spoken.last_at > IDLE or spoken.turns >= MAX_TURNS:
        return None
    return spoken


async def count_turn(
    connection: Connection, chat_id: int, user_id: int, story_id: int, now: datetime
) -> None:
    """Start a conversation about the question's story, or continue it."""
    spoken = await active_conversation(connection, chat_id, user_id, now)
    turns = spoken.turns if spoken is not None and spoken.story_id == story_id else 0
    await store.save_turn(connection, chat_id, user_id, story_id, turns=turns + 1, now=now)
