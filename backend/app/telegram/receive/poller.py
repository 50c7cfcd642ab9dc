"""The poller: stores updates from Telegram in the inbox, and confirms only stored ones."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from reprlib import Repr
from time import monotonic

from app.database.connection import OUTAGES, Connection, Pool
from app.health import Health
from app.telegram.api.client import MAX_UPDATES, POLL_SECONDS, BotApi
from app.telegram.api.outcomes import (
    PollConflictError,
    PollError,
    TokenRejectedError,
    UnreadableUpdatesError,
    WebhookActiveError,
)
from app.telegram.api.updates import RawUpdate
from app.telegram.receive import inbox
from app.telegram.receive.first_poll import FirstPoll

log = logging.getLogger(__name__)

MAX_PAUSE = 30.0
# Two pollers that retry end each other's polls; a longer pause makes the conflict visible.
CONFLICT_PAUSE = 5.0
# A starting instance polls once before it knows that another one leads; that single conflict
# causes no pause. Longer than the interval between conflicts of two competing pollers.
CONFLICT_FORGOTTEN_SECONDS = 3 * CONFLICT_PAUSE
UNUSABLE_PAUSE = 1.0
# The shortest time between two polls without new updates; otherwise a server that answers at once
# and ignores the offset would be polled without a pause.
MIN_POLL_SECONDS = 1.0
# "If there are no new updates for at least a week, then identifier of the next update will be
# chosen randomly" (https://core.telegram.org/bots/api#update), so it may be below the offset. After
# this time the offset has confirmed everything, and is omitted.
SILENCE_SECONDS = 24 * 3600.0

_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(\d{1,18})\b')
_short = Repr()
_short.maxstring = _short.maxother = 500


class Poller:
    """Polls Telegram; only one may run per bot, so it runs on the leader."""

    def __init__(
        self, pool: Pool, api: BotApi, health: Health, on_stored: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._api = api
        self._health = health
        self._on_stored = on_stored
        self._conflict_at: float | None = None

    async def run(self, first_poll: FirstPoll | None) -> None:
        """Poll until cancelled.

        Raises:
            OUTAGES: PostgreSQL is unavailable. The current batch is not confirmed, so the next run
                receives it again.
        """
        # No offset at first: Telegram returns the oldest unconfirmed update, and updates that are
        # already in the inbox are not stored again.
        offset = None
        if first_poll:
            first = await self._finish(first_poll)
            await self._store(first)
            offset = _offset_after(first)
        # The health needs a first response, so the first poll does not wait for updates. Otherwise
        # a new leader would count as unhealthy for the length of a poll while nobody writes, and an
        # orchestrator would end it.
        pause, limit, seconds, heard_at = 0.0, MAX_UPDATES, 0, monotonic()
        while True:
            asked_at = monotonic()
            try:
                updates = await self._api.get_updates(offset, limit, seconds)
            except PollError as error:
                seconds = 0
                if ids := _ids_in(error):
                    # An update cannot be read: fetch them one by one, and make that one a dead
                    # letter.
                    if limit == 1:
                        offset = await self._make_dead_letter(ids[0], error)
                    limit = 1
                else:
                    pause = self._pause_after(error, pause)
                    if isinstance(error, WebhookActiveError):
                        # A previous program set it; a polling bot must not have one.
                        log.warning("Deleting the webhook: %s", await self._api.delete_webhook())
                    await asyncio.sleep(pause)
                continue
            waited, pause, limit, seconds = seconds, 0.0, MAX_UPDATES, POLL_SECONDS
            self._health.polled()
            new = await self._store(updates)
            offset = _offset_after(updates) or offset
            if new or not waited:
                self._health.idle_polls = 0
            else:
                await self._keep_apart(asked_at)
            if updates:
                heard_at = monotonic()
            elif monotonic() - heard_at > SILENCE_SECONDS:
                offset = None

    async def _finish(self, first_poll: FirstPoll) -> list[RawUpdate]:
        try:
            updates = await asyncio.wrap_future(first_poll.updates)
        except Exception as error:
            log.info("The first poll failed: %s", error)
            return []
        self._health.polled()
        return updates

    async def _keep_apart(self, asked_at: float) -> None:
        """Wait after a poll without new updates, unless it took long enough itself."""
        remaining = asked_at + MIN_POLL_SECONDS - monotonic()
        if remaining <= 0:
            self._health.idle_polls = 0
            return
        self._health.idle_polls += 1
        # One in a row is normal: the previous process stored updates without confirming them.
        if self._health.idle_polls > 1:
            await self._pause(remaining)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _store(self, updates: list[RawUpdate]) -> int:
        """Store a batch in the inbox. Returns the number of new updates."""
        usable = [update for update in updates if inbox.is_storable(update)]
        if len(usable) < len(updates):
            log.error("%d updates have no usable update_id", len(updates) - len(usable))
            await asyncio.sleep(UNUSABLE_PAUSE)  # because they will be returned again
        if not usable:
            return 0
        async with self._pool.acquire() as connection:
            try:
                new = await inbox.store(connection, usable)
            except OUTAGES:
                raise
            except Exception as error:
                log.warning("A batch of %d updates cannot be stored (%r)", len(usable), error)
                new = sum([await self._store_alone(connection, update) for update in usable])
        self._health.works(Health.LEAD)
        if new:
            self._on_stored()
        return new

    async def _store_alone(self, connection: Connection, update: RawUpdate) -> int:
        try:
            return await inbox.store(connection, [update])
        except OUTAGES:
            raise
        except Exception as error:
            log.exception("Update %d cannot be stored and is a dead letter", update["update_id"])
            await inbox.park(connection, update["update_id"], _short.repr(update), repr(error))
            return 0

    async def _make_dead_letter(self, update_id: int, error: PollError) -> int:
        """Store an unreadable update as a dead letter. Returns the offset that confirms it."""
        log.error("Update %d cannot be read and is a dead letter: %s", update_id, error)
        async with self._pool.acquire() as connection:
            await inbox.park(connection, update_id, _short.repr(error.payload), str(error))
        await asyncio.sleep(UNUSABLE_PAUSE)
        return update_id + 1

    def _pause_after(self, error: PollError, last_pause: float) -> float:
        pause = error.retry_after or min(MAX_PAUSE, max(1.0, 2 * last_pause))
        match error:
            case PollConflictError():
                last, self._conflict_at = self._conflict_at, monotonic()
                if last is None or self._conflict_at - last > CONFLICT_FORGOTTEN_SECONDS:
                    log.info("Another poll began and ended this one; polling again")
                    return 0.0
                pause = CONFLICT_PAUSE
                self._health.poll_failed(Health.CONFLICT, error)
                log.error("Another program polls with this bot's token: %s", error)
            case TokenRejectedError():
                pause = MAX_PAUSE
                self._health.poll_failed(Health.TOKEN, error)
                log.error("%s", error)
            case _:
                self._health.poll_failed(Health.NO_ANSWER, error)
                log.warning("Telegram cannot be polled: %s; next try in %.0f s", error, pause)
        return pause


def _offset_after(updates: list[RawUpdate]) -> int | None:
    """The offset that confirms a batch; None if it contains no valid id."""
    ids = [int(update["update_id"]) for update in updates if inbox.is_storable(update)]
    return max(ids) + 1 if ids else None


def _ids_in(error: PollError) -> list[int]:
    """The ids of the updates in a response that cannot be parsed."""
    if not isinstance(error, UnreadableUpdatesError):
        return []
    return [int(number) for number in _UPDATE_ID.findall(error.payload)]
