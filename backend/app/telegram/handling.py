"""Handling updates from the inbox: effects, replies and the done mark commit together.

Updates of several chats are handled in one transaction, because a commit costs more than a
handler. When one of them fails, the transaction is rolled back and each is tried by itself, so
that the others do not suffer for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Protocol

from app.database.connection import OUTAGES, Connection, Pool
from app.telegram import inbox
from app.telegram.inbox import ClaimedUpdate

log = logging.getLogger(__name__)

BATCH = 50

# After this an update that waits for something is tried again, if nobody made it due before.
WAIT = timedelta(seconds=10)


class Handler(Protocol):
    """What is done with updates, inside the transaction that claimed them."""

    async def handle(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> Collection[int]:
        """Handle updates of different chats. Returns the ids of those that have to wait."""

    async def apologise(self, connection: Connection, update: ClaimedUpdate) -> None:
        """Say something useful to the sender of an update that is parked."""


class UpdateHandling:
    """One round of work on the inbox; any number of instances may do rounds at once."""

    def __init__(self, pool: Pool, handler: Handler, on_handled: Callable[[], None]) -> None:
        self._pool = pool
        self._handler = handler
        self._on_handled = on_handled
        self._last_chat: int | None = None

    async def step(self) -> int:
        """Handle the next update of up to `BATCH` chats. Returns how many updates were at hand."""
        async with self._pool.acquire() as connection:
            updates: list[ClaimedUpdate] = []
            try:
                async with connection.transaction():
                    updates = await inbox.claim(connection, BATCH, after_chat=self._last_chat)
                    if updates:
                        await self._handle(connection, updates)
            except OUTAGES:
                raise
            except Exception as error:
                if not updates:
                    raise
                log.info("A batch of %d updates failed (%r); one by one", len(updates), error)
                for update in updates:
                    await self._handle_alone(connection, update.update_id)
        self._last_chat = updates[-1].chat_id if updates else None
        if updates:
            self._on_handled()
        return len(updates)

    async def _handle_alone(self, connection: Connection, update_id: int) -> None:
        async with connection.transaction():
            update = await inbox.claim_one(connection, update_id)
            if update is None:
                return
            try:
                async with connection.transaction():
                    await self._handle(connection, [update])
            except OUTAGES:
                raise
            except Exception as error:
                parked = await inbox.record_failure(connection, update, repr(error))
                log.exception("Update %d failed%s", update_id, " and is parked" if parked else "")
                if parked:
                    await self._handler.apologise(connection, update)

    async def _handle(self, connection: Connection, updates: Sequence[ClaimedUpdate]) -> None:
        waiting = await self._handler.handle(connection, updates)
        done = [update.update_id for update in updates if update.update_id not in waiting]
        await inbox.mark_done(connection, done)
        await inbox.postpone(connection, waiting, WAIT)
