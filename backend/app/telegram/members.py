"""Who may configure a group or channel: asked of Telegram, and remembered for a while.

Nobody waits for the answer inside a transaction: the update that needs it waits in the inbox, where
it is due again as soon as the answer is there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from time import monotonic

import telegram
from telegram.error import TelegramError

from app.database.connection import OUTAGES, Pool
from app.telegram import inbox
from app.telegram.bot_api import BotApi

log = logging.getLogger(__name__)

# Somebody who is made an admin, or no longer is one, is known as such at the latest after this.
KNOWN_SECONDS = 300.0
# After a failure somebody may try again sooner.
UNKNOWN_SECONDS = 20.0
MOST_REMEMBERED = 10_000
_ADMINS = (telegram.ChatMember.OWNER, telegram.ChatMember.ADMINISTRATOR)


class Standing(Enum):
    """What somebody is in a group or channel."""

    ADMIN = "admin"
    MEMBER = "member"
    UNKNOWN = "unknown"  # Telegram did not say


class Members:
    """The admins of groups and channels, as far as it mattered lately."""

    def __init__(self, pool: Pool, api: BotApi, on_known: Callable[[], None]) -> None:
        self._pool = pool
        self._api = api
        self._on_known = on_known
        # Chat and user → the standing and until when it counts.
        self._known: dict[tuple[int, int], tuple[Standing, float]] = {}
        self._asking: dict[tuple[int, int], asyncio.Task[None]] = {}

    def standing(self, chat_id: int, user_id: int) -> Standing | None:
        """What is remembered; None means that `ask` has to."""
        standing, until = self._known.get((chat_id, user_id), (None, 0.0))
        return standing if until > monotonic() else None

    def ask(self, chat_id: int, user_id: int, update_id: int) -> None:
        """Ask Telegram, and make the update that waits for the answer due."""
        who = (chat_id, user_id)
        if who not in self._asking:
            self._asking[who] = asyncio.create_task(self._ask(who, update_id), name="member")
            self._asking[who].add_done_callback(lambda _: self._asking.pop(who))

    async def _ask(self, who: tuple[int, int], update_id: int) -> None:
        chat_id, user_id = who
        standing, seconds = Standing.UNKNOWN, UNKNOWN_SECONDS
        try:
            member = await self._api.ask("getChatMember", chat_id=chat_id, user_id=user_id)
        except TelegramError as error:
            log.warning("Whether %d is an admin of %d is not known: %s", user_id, chat_id, error)
        else:
            admin = isinstance(member, dict) and member.get("status") in _ADMINS
            standing, seconds = (Standing.ADMIN if admin else Standing.MEMBER), KNOWN_SECONDS
        self._remember(who, standing, seconds)
        try:
            async with self._pool.acquire() as connection:
                await inbox.make_due(connection, update_id)
        except OUTAGES:
            return  # it is due by itself a little later
        self._on_known()

    def _remember(self, who: tuple[int, int], standing: Standing, seconds: float) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[who] = (standing, monotonic() + seconds)
