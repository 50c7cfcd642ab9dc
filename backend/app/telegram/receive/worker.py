"""Handles updates from the inbox: effects, replies and the done mark are committed together.

Updates of several chats are handled in one transaction, because a commit costs more than a handler.
If one of them fails, the transaction is rolled back and each update is handled alone. Each attempt
is committed before it begins, so an update that ends the process becomes a dead letter after
`attempts.MAX_ALONE` attempts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from asyncpg import QueryCanceledError

from app.database.connection import OUTAGES, Connection, Pool
from app.telegram.receive import attempts, claims, inbox, maintenance
from app.telegram.receive.claims import ClaimedUpdates
from app.telegram.receive.inbox import ClaimedUpdate

log = logging.getLogger(__name__)

MAX_BATCH = 50
# How many updates are held together; answering one costs far less than handling it.
MAX_HELD = 200
# The time limit for handling updates; a single statement has a shorter one.
MAX_SECONDS = 10.0
STATEMENT_TIMEOUT = f"SET LOCAL statement_timeout = '{0.8 * MAX_SECONDS:.0f}s'"
# How long a stopping process tries to discount the attempts that it interrupts.
DISCOUNT_SECONDS = 1.0

# A waiting update is tried again after this time, if nothing has made it due earlier.
WAIT = timedelta(seconds=10)

# Errors that interrupt a handler and are not caused by its update.
_INTERRUPTIONS: tuple[type[BaseException], ...] = (asyncio.CancelledError, *OUTAGES)


class DeadlineExceededError(Exception):
    """Handling an update exceeded the time limit."""


class Handler(Protocol):
    """Handles updates in the transaction that claimed them."""

    async def handle(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> Collection[int]:
        """Handle updates of different chats. Returns the ids of those that must wait."""

    async def apologise(self, connection: Connection, update: ClaimedUpdate) -> None:
        """Send an apology to the sender of an update that becomes a dead letter."""

    async def hold(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> Collection[int]:
        """Answer updates that wait for the end of maintenance. Returns the ids of those that need
        not be handled then.
        """


class InboxWorker:
    """Works on the inbox in rounds; any number of instances may run.

    During maintenance it handles only the updates of `operator_chat`, and holds all others.
    """

    def __init__(
        self,
        pool: Pool,
        handler: Handler,
        on_handled: Callable[[], None],
        operator_chat: int | None = None,
    ) -> None:
        self._pool = pool
        self._handler = handler
        self._on_handled = on_handled
        self._operator_chat = operator_chat
        self._last_chat: int | None = None
        # Interrupted by an outage of PostgreSQL or the end of the process, not by their own fault.
        self._interrupted_ids: set[int] = set()

    async def step(self) -> int:
        """Handle the next update of up to `MAX_BATCH` chats. Returns the number of updates that
        were claimed, postponed or held.
        """
        await self._discount_interrupted()
        async with self._pool.acquire() as connection:
            if not await inbox.has_pending(connection):
                return 0
            serves_all = not await maintenance.is_on(connection)
            held = 0 if serves_all else await self._hold(connection)
            claimed = ClaimedUpdates()
            if serves_all or self._operator_chat is not None:
                only_chat = None if serves_all else self._operator_chat
                claimed = await self._handle_together(connection, only_chat)
            put_off = 0
            if claimed.behind:
                put_off = await claims.put_off_behind(connection, claimed.behind)
        updates = claimed.updates
        self._last_chat = updates[-1].chat_id if updates else None
        if updates or held:
            self._on_handled()
        return len(updates) + put_off + held

    async def _hold(self, connection: Connection) -> int:
        """Hold the next updates until the end of maintenance. Returns their number."""
        async with connection.transaction():
            updates = await maintenance.not_held(connection, self._operator_chat, MAX_HELD)
            try:
                await self._answer_held(connection, updates)
            except OUTAGES:
                raise
            except Exception as error:
                log.info("%d updates cannot be held together (%r)", len(updates), error)
                for update in updates:
                    await self._hold_alone(connection, update)
        return len(updates)

    async def _hold_alone(self, connection: Connection, update: ClaimedUpdate) -> None:
        try:
            await self._answer_held(connection, [update])
        except OUTAGES:
            raise
        except Exception:
            # It fails again after the maintenance, and then becomes a dead letter.
            log.exception("Update %d is held without an answer", update.update_id)
            await maintenance.hold(connection, [update.update_id])

    async def _answer_held(self, connection: Connection, updates: list[ClaimedUpdate]) -> None:
        if not updates:
            return
        async with connection.transaction():
            done = await self._handler.hold(connection, updates)
            await inbox.mark_done(connection, done)
            await maintenance.hold(connection, [update.update_id for update in updates])

    async def _handle_together(
        self, connection: Connection, only_chat: int | None
    ) -> ClaimedUpdates:
        """Claim and handle updates together. Returns the claimed ones."""
        claimed = ClaimedUpdates()
        updates: list[ClaimedUpdate] = []
        alone: list[ClaimedUpdate] = []
        try:
            async with connection.transaction():
                await connection.execute(STATEMENT_TIMEOUT)
                claimed = await claims.claim(
                    connection, MAX_BATCH, after_chat=self._last_chat, only_chat=only_chat
                )
                updates = claimed.updates
                alone = updates if len(updates) == 1 else await self._begin(updates)
                suspects = {update.update_id for update in alone}
                together = [update for update in updates if update.update_id not in suspects]
                if together:
                    await self._handle(connection, together)
        except QueryCanceledError as error:
            alone = self._one_by_one(updates, error)
        except _INTERRUPTIONS:
            await self._interrupted(updates)
            raise
        except Exception as error:
            alone = self._one_by_one(updates, error)
        for update in alone:
            await self._handle_alone(connection, update.update_id)
        return claimed

    def _one_by_one(self, updates: list[ClaimedUpdate], error: Exception) -> list[ClaimedUpdate]:
        if not updates:
            raise error
        log.info("A batch of %d updates failed (%r); one by one", len(updates), error)
        return updates

    async def _handle_alone(self, connection: Connection, update_id: int) -> None:
        async with connection.transaction():
            update = await inbox.claim_one(connection, update_id)
            if update is None:
                return
            try:
                if await self._begin_alone(update) > attempts.MAX_ALONE:
                    await self._make_dead_letter(connection, update)
                    return
                async with connection.transaction():
                    await connection.execute(STATEMENT_TIMEOUT)
                    await self._handle(connection, [update])
            except QueryCanceledError as error:
                await self._failed(connection, update, error)
            except _INTERRUPTIONS:
                await self._interrupted([update])
                raise
            except Exception as error:
                await self._failed(connection, update, error)

    async def _handle(self, connection: Connection, updates: Sequence[ClaimedUpdate]) -> None:
        """Handle updates within the time limit.

        Raises:
            DeadlineExceededError: it is exceeded.
        """
        ids = [update.update_id for update in updates]
        try:
            async with asyncio.timeout(MAX_SECONDS):
                waiting = await self._handler.handle(connection, updates)
        except TimeoutError as error:
            raise DeadlineExceededError(f"not handled within {MAX_SECONDS:.0f} s") from error
        await inbox.mark_done(connection, [one for one in ids if one not in waiting])
        await inbox.postpone(connection, waiting, WAIT)
        await attempts.end(connection, ids)

    async def _failed(
        self, connection: Connection, update: ClaimedUpdate, error: Exception
    ) -> None:
        is_dead = await inbox.record_failure(connection, update, repr(error))
        await attempts.end(connection, [update.update_id])
        log.error(
            "Update %d failed%s",
            update.update_id,
            " and is a dead letter" if is_dead else "",
            exc_info=error,
        )
        if is_dead:
            await self._handler.apologise(connection, update)

    async def _make_dead_letter(self, connection: Connection, update: ClaimedUpdate) -> None:
        """Make an update a dead letter because handling it ended the process repeatedly."""
        error = f"the process ended {attempts.MAX_ALONE} times while this was handled"
        log.error("Update %d is a dead letter: %s", update.update_id, error)
        await inbox.park_claimed(connection, update, error)
        await attempts.end(connection, [update.update_id])
        await self._handler.apologise(connection, update)

    async def _begin(self, updates: list[ClaimedUpdate]) -> list[ClaimedUpdate]:
        """Record the start of an attempt. Returns the updates that must be handled alone."""
        if not updates:
            return []
        async with self._pool.acquire() as connection:
            fresh = await attempts.begin(connection, [update.update_id for update in updates])
        return [update for update in updates if update.update_id not in fresh]

    async def _begin_alone(self, update: ClaimedUpdate) -> int:
        async with self._pool.acquire() as connection:
            return await attempts.begin_alone(connection, update.update_id)

    async def _interrupted(self, updates: Sequence[ClaimedUpdate]) -> None:
        self._interrupted_ids.update(update.update_id for update in updates)
        with suppress(TimeoutError, *OUTAGES):
            async with asyncio.timeout(DISCOUNT_SECONDS):
                await self._discount_interrupted()

    async def _discount_interrupted(self) -> None:
        """Delete the attempts that something else interrupted."""
        if self._interrupted_ids:
            async with self._pool.acquire() as connection:
                await attempts.discount(connection, self._interrupted_ids)
            self._interrupted_ids.clear()
