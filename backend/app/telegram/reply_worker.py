"""Sends readers the replies to their posts on Hacker News."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from app.database.connection import Connection, Pool
from app.digests import store as digests
from app.digests.addresses import hn_link
from app.readers import due, hn_names
from app.readers import store as readers
from app.readers.hn_names import Reply
from app.readers.store import Reader
from app.telegram.send import outbox
from app.telegram.send.messages import destination, text_message
from app.telegram.send.outbox import OutgoingMessage, Priority
from app.text.telegram_html import link, size, without_links
from app.wording import Html, text

MAX_READERS = 100
# Only the latest replies are shown; the others are counted.
MAX_SHOWN = 5
MAX_TEXT = 500
MAX_ABOUT = 80
MAX_AUTHOR = 40
# A later message contains nothing about a reply that was not sent.
LIFETIME = timedelta(days=3)
PROFILE = "https://news.ycombinator.com/threads?id="


class ReplyWorker:
    """Sends replies to readers; any number of instances may run."""

    def __init__(self, pool: Pool, on_enqueued: Callable[[], None]) -> None:
        self._pool = pool
        self._on_enqueued = on_enqueued

    async def step(self) -> int:
        """Send new replies to some readers. Returns the number of messages."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            messages = await _unknown(connection, now)
            messages += await _replies(connection, now)
            await outbox.enqueue(connection, messages)
        if messages:
            self._on_enqueued()
        return len(messages)


async def _unknown(connection: Connection, now: datetime) -> list[OutgoingMessage]:
    """Messages to readers who named a user that does not exist on Hacker News."""
    named = dict(await hn_names.delete_unknown_names(connection))
    known = await readers.load(connection, list(named))
    return [
        _message(
            reader,
            f"hn:{reader.chat_id}:{now.timestamp()}",
            text("replies.no_such_user", reader.language, name=named[reader.chat_id]),
        )
        for reader in known.values()
    ]


async def _replies(connection: Connection, now: datetime) -> list[OutgoingMessage]:
    chat_ids = await hn_names.readers_with_new_replies(connection, MAX_READERS)
    locked = await due.lock_for_alerts(connection, chat_ids)
    days = {reader.chat_id: due.digest_day(reader, "alert", now) for reader in locked}
    told = await digests.count_alerts(connection, days)
    # Checked again under the lock: another instance may have sent them meanwhile.
    new = await hn_names.new_replies(connection, list(days))
    messages = []
    for reader in locked:
        replies = new.get(reader.chat_id)
        if not replies or told[reader.chat_id] >= reader.alerts_per_day:
            continue
        day = days[reader.chat_id]
        await hn_names.mark_sent(connection, reader.chat_id, replies, day, now)
        key = f"replies:{reader.chat_id}:{replies[-1].comment_id}"
        messages.append(_message(reader, key, compose_replies(replies, reader.language)))
    return messages


def compose_replies(replies: Sequence[Reply], language: str) -> str:
    """The latest replies, oldest first, and the number of the others."""
    name = replies[0].name
    heading = text("replies.heading", language, count=len(replies), name=name)
    blocks = [_reply(one, language) for one in replies[-MAX_SHOWN:]]
    while True:
        parts = [heading, *blocks]
        if more := len(replies) - len(blocks):
            words = text("replies.more", language, count=more)
            parts.append(link(f"{PROFILE}{name}", words))
        html = "\n\n".join(parts)
        if size(html).fits or len(blocks) == 1:
            return html
        blocks = blocks[1:]


def _reply(reply: Reply, language: str) -> str:
    to = text(
        "replies.to",
        language,
        author=Html(without_links(reply.author, MAX_AUTHOR, None)),
        about=Html(without_links(reply.about, MAX_ABOUT, None)),
    )
    said = without_links(reply.text, MAX_TEXT, None)
    there = link(hn_link(reply.comment_id), text("replies.open", language))
    return f"{to}\n<blockquote expandable>{said}</blockquote>\n{there}"


def _message(reader: Reader, key: str, html: str) -> OutgoingMessage:
    return OutgoingMessage(
        key=key,
        chat_id=reader.chat_id,
        method="sendMessage",
        parameters=destination(reader.chat_id, reader.kind, reader.thread_id) | text_message(html),
        priority=Priority.ALERT,
        lifetime=LIFETIME,
    )
