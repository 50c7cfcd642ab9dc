"""Finds news about followed stories, and enqueues it in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from app.database.connection import Pool
from app.digests.candidates import load_story
from app.digests.follow_message import compose_follow_news
from app.digests.follow_news import find_follow_ups, make_follow_news
from app.telegram.digest_worker import LIFETIME
from app.telegram.send import outbox
from app.telegram.send.messages import destination, text_message
from app.telegram.send.outbox import OutgoingMessage, Priority


class FollowWorker:
    """Sends news to readers who follow a story; any number of instances may run."""

    def __init__(self, pool: Pool, on_enqueued: Callable[[], None]) -> None:
        self._pool = pool
        self._on_enqueued = on_enqueued

    async def step(self) -> int:
        """Send due news to some readers. Returns the number of messages."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            further = await find_follow_ups(connection, now)
            async with connection.transaction():
                messages = []
                for reader, digest_id, news in await make_follow_news(connection, further, now):
                    story = await load_story(connection, news.id)
                    composed = compose_follow_news(news, story, reader, now)
                    messages.append(
                        OutgoingMessage(
                            key=f"follow:{digest_id}",
                            chat_id=reader.chat_id,
                            method="sendMessage",
                            parameters=destination(reader.chat_id, reader.kind, reader.thread_id)
                            | text_message(composed.html, composed.buttons),
                            priority=Priority.ALERT,
                            digest_id=digest_id,
                            story_id=news.id,
                            lifetime=LIFETIME[Priority.ALERT],
                        )
                    )
                await outbox.enqueue(connection, messages)
        if messages:
            self._on_enqueued()
        return len(messages)
