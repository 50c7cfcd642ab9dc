"""The poller: brings updates from Telegram into the inbox, and confirms only what is there."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from reprlib import Repr
from time import monotonic

from app.database.connection import OUTAGES, Connection, Pool
from app.health import Health
from app.telegram import inbox
from app.telegram.bot_api import (
    MOST_UPDATES,
    POLL_SECONDS,
    BotApi,
    PollConflictError,
    PollError,
    TokenRejectedError,
    UnreadableUpdatesError,
    WebhookActiveError,
)
from app.telegram.first_poll import FirstPoll, RawUpdate

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
# Two retrying pollers evict each other for ever; the longer pause lets the other one be noticed.
CONFLICT_PAUSE = 5.0
# An instance that starts polls once before it knows that another leads: that costs the leader a
# poll, not a pause. Longer than anything else between two conflicts of the same two.
CONFLICT_FORGOTTEN_SECONDS = 3 * CONFLICT_PAUSE
UNUSABLE_PAUSE = 1.0
# "If there are no new updates for at least a week, then identifier of the next update will be
# chosen randomly" (https://core.telegram.org/bots/api#update), so it may lie below the offset. By
# then the offset has confirmed what it was to confirm, and is left out.
SILENCE_SECONDS = 24 * 3600.0

_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(\d{1,18})\b')
_short = Repr()
_short.maxstring = _short.maxother = 500


class Poller:
    """Polls Telegram; only one may run for a bot, so it runs on the instance that leads."""

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
            OUTAGES: when PostgreSQL is away. Nothing of the batch at hand is confirmed then, so
                the next run gets it from Telegram again.
        """
        # No offset at first: Telegram answers with the oldest update that was never confirmed, and
        # those that are in the inbox already change nothing there.
        offset = await self._store(await self._finish(first_poll)) if first_poll else None
        # Health believes in answers only: until there is one, Telegram is not to wait for updates.
        # Else whoever takes over while nobody writes looks ill for as long as a poll lasts, and an
        # orchestrator ends it.
        pause, limit, seconds, heard_at = 0.0, MOST_UPDATES, 0, monotonic()
        while True:
            try:
                updates = await self._api.get_updates(offset, limit, seconds)
            except PollError as error:
                seconds = 0
                if ids := _ids_in(error):
                    # One of them cannot be read: they come one by one, and that one is parked.
                    if limit == 1:
                        offset = await self._park(ids[0], error)
                    limit = 1
                else:
                    pause = self._pause_after(error, pause)
                    if isinstance(error, WebhookActiveError):
                        # Of whatever ran the bot before: no polling bot means to have one.
                        log.warning("Deleting the webhook: %s", await self._api.delete_webhook())
                    await asyncio.sleep(pause)
                continue
            pause, limit, seconds = 0.0, MOST_UPDATES, POLL_SECONDS
            self._health.polled()
            offset = await self._store(updates) or offset
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

    async def _store(self, updates: list[RawUpdate]) -> int | None:
        """Put a batch into the inbox. Returns the offset that confirms it, None for no batch."""
        usable = [update for update in updates if inbox.is_storable(update)]
        if len(usable) < len(updates):
            log.error("%d updates have no usable update_id", len(updates) - len(usable))
            await asyncio.sleep(UNUSABLE_PAUSE)  # for they will come again and again
        if not usable:
            return None
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
        return max(int(update["update_id"]) for update in usable) + 1

    async def _store_alone(self, connection: Connection, update: RawUpdate) -> int:
        try:
            return await inbox.store(connection, [update])
        except OUTAGES:
            raise
        except Exception as error:
            log.exception("Update %d cannot be stored and is parked", update["update_id"])
            await inbox.park(connection, update["update_id"], _short.repr(update), repr(error))
            return 0

    async def _park(self, update_id: int, error: PollError) -> int:
        """Park an update that cannot even be read. Returns the offset that confirms it."""
        log.error("Update %d cannot be read and is parked: %s", update_id, error)
        async with self._pool.acquire() as connection:
            await inbox.park(connection, update_id, _short.repr(error.payload), str(error))
        await asyncio.sleep(UNUSABLE_PAUSE)
        return update_id + 1

    def _pause_after(self, error: PollError, last_pause: float) -> float:
        pause = error.retry_after or min(LONGEST_PAUSE, max(1.0, 2 * last_pause))
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
                pause = LONGEST_PAUSE
                self._health.poll_failed(Health.TOKEN, error)
                log.error("%s", error)
            case _:
                self._health.poll_failed(Health.NO_ANSWER, error)
                log.warning("Telegram cannot be polled: %s; next try in %.0f s", error, pause)
        return pause


def _ids_in(error: PollError) -> list[int]:
    """The ids of the updates in an answer that cannot be read."""
    if not isinstance(error, UnreadableUpdatesError):
        return []
    return [int(number) for number in _UPDATE_ID.findall(error.payload)]
