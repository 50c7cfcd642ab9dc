"""The poller: brings updates from Telegram into the inbox, and confirms only what is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from app.database.connection import Pool
from app.health import Health
from app.telegram import inbox
from app.telegram.bot_api import BotApi, PollConflictError, PollError, TokenRejectedError
from app.telegram.first_poll import FirstPoll, RawUpdate

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
# Two retrying pollers evict each other for ever; the longer pause lets the other one be noticed.
CONFLICT_PAUSE = 5.0


class Poller:
    """Polls Telegram; only one may run for a bot, so it runs on the instance that leads."""

    def __init__(
        self, pool: Pool, api: BotApi, health: Health, on_stored: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._api = api
        self._health = health
        self._on_stored = on_stored

    async def run(self, first_poll: FirstPoll | None) -> None:
        """Poll until cancelled.

        Raises:
            OUTAGES: when PostgreSQL is away. Nothing of the batch at hand is confirmed then, so
                the next run gets it from Telegram again.
        """
        # No offset at first: Telegram answers with the oldest update that was never confirmed, and
        # those that are in the inbox already change nothing there.
        offset = await self._store(await self._finish(first_poll)) if first_poll else None
        pause = 0.0
        while True:
            try:
                updates = await self._api.get_updates(offset)
            except PollError as error:
                pause = self._pause_after(error, pause)
                await asyncio.sleep(pause)
                continue
            pause = 0.0
            self._health.polled()
            offset = await self._store(updates) or offset

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
        if not usable:
            return None
        async with self._pool.acquire() as connection:
            new = await inbox.store(connection, usable)
        if new:
            self._on_stored()
        return max(int(update["update_id"]) for update in usable) + 1

    def _pause_after(self, error: PollError, last_pause: float) -> float:
        pause = min(LONGEST_PAUSE, max(1.0, 2 * last_pause))
        match error:
            case PollConflictError():
                pause = CONFLICT_PAUSE
                self._health.poll_failed(Health.CONFLICT)
                log.error("Another program polls with this bot's token: %s", error)
            case TokenRejectedError():
                pause = LONGEST_PAUSE
                self._health.poll_failed(Health.TOKEN)
                log.error("%s", error)
            case _:
                self._health.poll_failed(Health.NO_ANSWER)
                log.warning("Telegram cannot be polled: %s; next try in %.0f s", error, pause)
        return pause
