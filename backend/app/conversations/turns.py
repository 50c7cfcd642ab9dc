"""How long a conversation lasts by itself, and how much a person may ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.conversations import store
from app.conversations.store import Conversation
from app.database.connection import Connection
from app.readers.schedule import zone
from app.readers.store import Reader

# After this plain words are about nothing in particular again.
IDLE = timedelta(minutes=20)
MOST_TURNS = 12


def midnight(reader: Reader, now: datetime) -> datetime:
    """When the reader's day began."""
    local = now.astimezone(zone(reader.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


async def under_way(
    connection: Connection, chat_id: int, user_id: int, now: datetime
) -> Conversation | None:
    """The conversation that a person is in, if it has not ended by itself."""
    spoken = await store.conversation(connection, chat_id, user_id)
    if spoken is None or now - spoken.last_at > IDLE or spoken.turns >= MOST_TURNS:
        return None
    return spoken


async def take_turn(
    connection: Connection, chat_id: int, user_id: int, story_id: int, now: datetime
) -> None:
    """A question begins a conversation about its story, or goes on with it."""
    spoken = await under_way(connection, chat_id, user_id, now)
    turns = spoken.turns if spoken is not None and spoken.story_id == story_id else 0
    await store.speak_of(connection, chat_id, user_id, story_id, turns=turns + 1, now=now)
