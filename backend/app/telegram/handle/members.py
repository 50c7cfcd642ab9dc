"""Who may configure a group or channel: requested from Telegram, and cached for a while.

No transaction waits for the answer: the update that needs it waits in the inbox, and becomes due
when the answer arrives.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from time import monotonic

from telegram.error import TelegramError

from app.database.connection import OUTAGES, Pool
from app.telegram.api.client import BotApi
from app.telegram.receive import inbox

log = logging.getLogger(__name__)

# The longest time until a change of admins takes effect.
KNOWN_SECONDS = 60.0
# A shorter time after a failure.
UNKNOWN_SECONDS = 20.0
MAX_REMEMBERED = 10_000
# https://core.telegram.org/bots/api#chatmember
_ADMINS = ("creator", "administrator")


class Role(Enum):
    """A person's role in a group or channel."""

    ADMIN = "admin"
    MEMBER = "member"
    NOT_LISTED = "not_listed"  # in the operator's chat, but not in ADMIN_USER_IDS
    UNKNOWN = "unknown"  # Telegram did not return it


class Members:
    """A cache of persons' roles in groups and channels."""

    def __init__(self, pool: Pool, api: BotApi, on_known: Callable[[], None]) -> None:
        self._pool = pool
        self._api = api
        self._on_known = on_known
        # Chat and user → the role and the time until which it counts.
        self._known: dict[tuple[int, int], tuple[Role, float]] = {}
        self._asking: dict[tuple[int, int], asyncio.Task[None]] = {}

    def role(self, chat_id: int, user_id: int) -> Role | None:
        """The cached role; None: call `ask`."""
        role, until = self._known.get((chat_id, user_id), (None, 0.0))
        return role if until > monotonic() else None

    def ask(self, chat_id: int, user_id: int, update_id: int) -> None:
        """Request the role from Telegram, then make the waiting update due."""
        who = (chat_id, user_id)
        if who not in self._asking:
            self._asking[who] = asyncio.create_task(self._ask(who, update_id), name="member")
            self._asking[who].add_done_callback(lambda _: self._asking.pop(who))

    async def _ask(self, who: tuple[int, int], update_id: int) -> None:
        chat_id, user_id = who
        role, seconds = Role.UNKNOWN, UNKNOWN_SECONDS
        try:
            member = await self._api.ask("getChatMember", chat_id=chat_id, user_id=user_id)
        except TelegramError as error:
            log.warning("Whether %d is an admin of %d is unknown: %s", user_id, chat_id, error)
        else:
            admin = isinstance(member, dict) and member.get("status") in _ADMINS
            role, seconds = (Role.ADMIN if admin else Role.MEMBER), KNOWN_SECONDS
        self._remember(who, role, seconds)
        try:
            async with self._pool.acquire() as connection:
                await inbox.make_due(connection, update_id)
        except OUTAGES:
            return  # the update becomes due by itself a little later
        self._on_known()

    def _remember(self, who: tuple[int, int], role: Role, seconds: float) -> None:
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[who] = (role, monotonic() + seconds)
