"""Digests on their way: made when they are due or asked for, and put into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.database.connection import OUTAGES, Connection, Pool
from app.digests.candidates import (
    DAILY_AGE,
    WEEKLY_AGE,
    Candidate,
    enough_ready,
    load_candidates,
)
from app.digests.compose import Composed
from app.digests.make import Digest, make_digest
from app.readers import due
from app.readers import store as readers
from app.readers.store import Reader
from app.telegram import outbox
from app.telegram.messages import text_message
from app.telegram.outbox import OutgoingMessage, Priority

log = logging.getLogger(__name__)

BATCH = 25
# Digests wait in PostgreSQL anyway; making them long before they can be sent would only make them
# older.
MOST_WAITING = 600
# How old the shared list of candidates may be, in seconds.
FRESH_SECONDS = 30.0


def digest_messages(
    chat_id: int, digest_id: int, messages: Sequence[Composed], priority: Priority
) -> list[OutgoingMessage]:
    """A digest's messages for the outbox. They are never sent twice: a digest in doubt is not
    repeated.
    """
    return [
        OutgoingMessage(
            key=f"digest:{digest_id}:{number}",
            chat_id=chat_id,
            method="sendMessage",
            parameters={"chat_id": chat_id, **text_message(message.html, message.buttons)},
            priority=priority,
            repeatable=False,
            digest_id=digest_id,
        )
        for number, message in enumerate(messages)
    ]


@dataclass(slots=True)
class _Fresh:
    candidates: list[Candidate]
    loaded_at: datetime


class Delivery:
    """Makes the digests that are due; any number of instances may."""

    def __init__(self, pool: Pool, stories_per_day: int, on_enqueued: Callable[[], None]) -> None:
        self._pool = pool
        self._stories_per_day = stories_per_day
        self._on_enqueued = on_enqueued
        self._fresh: dict[str, _Fresh] = {}

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
                await due.plan_after(connection, kind, reader, now)

    async def _make(
        self, connection: Connection, kind: due.Kind, claimed: Sequence[Reader], now: datetime
    ) -> None:
        if not claimed:
            return
        candidates = await self._candidates(connection, kind, now)
        tastes = await readers.load_tastes(connection, [reader.chat_id for reader in claimed])
        messages: list[OutgoingMessage] = []
        for reader in claimed:
            taste = tastes[reader.chat_id]
            digest = await make_digest(connection, reader, taste, kind, candidates, now)
            after = await due.plan_after(connection, kind, reader, now)
            messages += _say(kind, after, digest, now)
        await outbox.enqueue(connection, messages)

    async def _candidates(
        self, connection: Connection, kind: due.Kind, now: datetime
    ) -> list[Candidate]:
        """The shared candidates: what is new in the last seconds can wait, a query a reader
        cannot.
        """
        fresh = self._fresh.get(kind)
        if fresh is None or (now - fresh.loaded_at).total_seconds() > FRESH_SECONDS:
            age = WEEKLY_AGE if kind == "weekly" else DAILY_AGE
            fresh = _Fresh(await load_candidates(connection, now, age), now)
            self._fresh[kind] = fresh
        return fresh.candidates


def _say(
    kind: due.Kind, reader: Reader, digest: Digest | None, now: datetime
) -> list[OutgoingMessage]:
    if digest is not None:
        priority = Priority.REPLY if kind == "asked" else Priority.BULK
        return digest_messages(reader.chat_id, digest.id, digest.messages, priority)
    if kind != "asked":
        return []  # silence says the same as "nothing new" and costs no attention
    return [nothing_new(reader, now, key=f"nothing:{reader.chat_id}:{now.timestamp()}")]


def nothing_new(reader: Reader, now: datetime, *, key: str) -> OutgoingMessage:
    """What a reader hears who asked when there is nothing to tell."""
    return OutgoingMessage(
        key=key,
        chat_id=reader.chat_id,
        method="sendMessage",
        parameters={"chat_id": reader.chat_id, **text_message(due.empty_text(reader, now))},
    )
