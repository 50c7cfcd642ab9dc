"""Digests on their way: made when they are due or asked for, and put into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from app.database.connection import OUTAGES, Connection, Pool
from app.digests.alerts import make_alerts
from app.digests.candidates import enough_ready
from app.digests.compose import nothing_new
from app.digests.make import Digest, Rounds, make_digests
from app.readers import due
from app.readers.due import AlertWish
from app.readers.store import Reader
from app.telegram import outbox
from app.telegram.messages import text_message
from app.telegram.outbox import OutgoingMessage, Parameters, Priority

log = logging.getLogger(__name__)

ALERT_EVERY = timedelta(minutes=1)
ALERT_BATCH = 100

BATCH = 50
# Digests wait in PostgreSQL anyway; making them long before they can be sent would only make them
# older.
MOST_WAITING = 600
# A digest that could not be sent for so long gives way to the next one, and its stories with it.
LIFETIME = {
    Priority.ALERT: timedelta(hours=6),
    Priority.REPLY: timedelta(hours=20),
    Priority.BULK: timedelta(hours=20),
}


def digest_messages(
    reader: Reader, thread_id: int | None, digest: Digest, priority: Priority
) -> list[OutgoingMessage]:
    """A digest's messages for the outbox. They are never sent twice: a digest in doubt is not
    repeated.
    """
    return [
        OutgoingMessage(
            key=f"digest:{digest.id}:{number}",
            chat_id=reader.chat_id,
            method="sendMessage",
            parameters=_place(reader, thread_id) | text_message(message.html, message.buttons),
            priority=priority,
            repeatable=False,
            digest_id=digest.id,
            lifetime=LIFETIME[priority],
        )
        for number, message in enumerate(digest.messages)
    ]


class Delivery:
    """Makes the digests that are due; any number of instances may."""

    def __init__(self, pool: Pool, stories_per_day: int, on_enqueued: Callable[[], None]) -> None:
        self._pool = pool
        self._stories_per_day = stories_per_day
        self._on_enqueued = on_enqueued
        self._rounds = Rounds()
        self._alerted_at = datetime.min.replace(tzinfo=UTC)
        # Whose alerts are still to be looked at in this minute.
        self._wishes: list[AlertWish] = []

    async def step(self) -> int:
        """Make the digests of up to `BATCH` readers. Returns for how many readers something was
        done.
        """
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            if not await enough_ready(connection, self._stories_per_day):
                return 0
            done = 0
            for kind in "asked", "daily", "weekly":
                if kind != "asked" and await outbox.waiting_bulk(connection) > MOST_WAITING:
                    break
                done += await self._deliver(connection, kind, now)
            done += await self._alert(connection, now)
        if done:
            self._on_enqueued()
        return done

    async def _deliver(self, connection: Connection, kind: due.Kind, now: datetime) -> int:
        claimed: list[Reader] = []
        try:
            async with connection.transaction():
                claimed = await due.claim(connection, kind, now, BATCH)
                await self._make(connection, kind, claimed, now)
        except OUTAGES:
            raise
        except Exception:
            log.exception("A batch of %d %s digests failed; one by one", len(claimed), kind)
            for reader in claimed:
                await self._make_alone(connection, kind, reader, now)
        return len(claimed)

    async def _alert(self, connection: Connection, now: datetime) -> int:
        """Tell some of those who asked for it of stories that have just become what they want."""
        if not self._wishes and now - self._alerted_at >= ALERT_EVERY:
            self._alerted_at = now
            self._wishes = await due.alert_wishes(connection)
        if not self._wishes:
            return 0
        wishes, self._wishes = self._wishes[:ALERT_BATCH], self._wishes[ALERT_BATCH:]
        try:
            async with connection.transaction():
                stories = await self._rounds.present(connection, "alert", now)
                alerts = await make_alerts(connection, wishes, stories, now)
                messages: list[OutgoingMessage] = []
                for reader, digest in alerts:
                    messages += digest_messages(reader, reader.thread_id, digest, Priority.ALERT)
                await outbox.enqueue(connection, messages)
        except OUTAGES:
            raise
        except Exception:
            # Digests must go on.
            log.exception("No alerts for %d readers this time", len(wishes))
        return len(wishes)

    async def _make_alone(
        self, connection: Connection, kind: due.Kind, reader: Reader, now: datetime
    ) -> None:
        try:
            async with connection.transaction():
                await self._make(connection, kind, [reader], now)
        except OUTAGES:
            raise
        except Exception:
            log.exception("The %s digest of a reader failed; the next one is planned", kind)
            async with connection.transaction():
                await due.plan_after(connection, kind, [reader], now)

    async def _make(
        self, connection: Connection, kind: due.Kind, claimed: Sequence[Reader], now: datetime
    ) -> None:
        if not claimed:
            return
        stories = await self._rounds.present(connection, kind, now)
        digests = await make_digests(connection, kind, claimed, stories, now)
        await due.plan_after(connection, kind, claimed, now)
        messages: list[OutgoingMessage] = []
        for reader in claimed:
            messages += _say(kind, reader, digests.get(reader.chat_id), now)
        await outbox.enqueue(connection, messages)


def _say(
    kind: due.Kind, reader: Reader, digest: Digest | None, now: datetime
) -> list[OutgoingMessage]:
    thread_id = reader.digest_wanted_in if kind == "asked" else reader.thread_id
    if digest is not None:
        priority = Priority.REPLY if kind == "asked" else Priority.BULK
        return digest_messages(reader, thread_id, digest, priority)
    if kind != "asked":
        return []  # silence says the same as "nothing new" and costs no attention
    return [
        OutgoingMessage(
            key=f"nothing:{reader.chat_id}:{now.timestamp()}",
            chat_id=reader.chat_id,
            method="sendMessage",
            parameters=_place(reader, thread_id) | text_message(nothing_new(reader, now)),
        )
    ]


def _place(reader: Reader, thread_id: int | None) -> Parameters:
    """The chat, and the topic where it is a forum."""
    thread = {"message_thread_id": thread_id} if thread_id else {}
    return {"chat_id": reader.chat_id, **thread}
