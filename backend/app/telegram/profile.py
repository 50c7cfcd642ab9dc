"""The bot's profile on Telegram: menus of commands and descriptions, in each language.

Each call is made once, and again only when its content has changed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from telegram.error import TelegramError

from app.database.connection import Connection, Pool
from app.telegram.api.client import BotApi
from app.telegram.handle.commands import COMMANDS
from app.wording import FALLBACK, LANGUAGES, text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    method: str
    parameters: dict[str, Any]


class Profile:
    """Fetches the bot's own name, and keeps its profile up to date."""

    def __init__(self, pool: Pool, api: BotApi) -> None:
        self._pool = pool
        self._api = api
        self._username: str | None = None

    def username(self) -> str | None:
        """The name behind the @ in commands; None until Telegram has returned it."""
        return self._username

    async def step(self) -> int:
        """Fetch the name and update what has changed. Returns 0: no more work for a while."""
        try:
            bot = await self._api.ask("getMe")
        except TelegramError as error:
            log.warning("The bot's own name could not be fetched: %s", error)
            return 0
        self._username = bot.get("username")
        async with self._pool.acquire() as connection:
            told = await _recorded(connection)
        for call in profile_calls(int(bot["id"])):
            fingerprint = json.dumps(call.parameters, ensure_ascii=False)
            if told.get(call.name) != fingerprint:
                await self._tell(call, fingerprint)
        return 0

    async def _tell(self, call: _Call, fingerprint: str) -> None:
        try:
            await self._api.ask(call.method, **call.parameters)
        except TelegramError as error:
            log.warning("%s failed and is tried again later: %s", call.name, error)
            return
        await self._pool.execute(
            """
            INSERT INTO bot_profile (call, fingerprint) VALUES ($1, $2)
            ON CONFLICT (call) DO UPDATE SET fingerprint = $2, told_at = now()
            """,
            call.name,
            fingerprint,
        )


def profile_calls(bot_id: int) -> Iterator[_Call]:
    """The calls that set the profile; English is the default for other languages."""
    for language in LANGUAGES:
        code = {} if language == FALLBACK else {"language_code": language}
        for scope, commands in _menus(language).items():
            parameters: dict[str, Any] = {"commands": commands, **code}
            if scope != "default":
                parameters["scope"] = {"type": scope}
            yield _Call(f"setMyCommands {language} {scope} {bot_id}", "setMyCommands", parameters)
        for method, name in (
            ("setMyDescription", "description"),
            ("setMyShortDescription", "short_description"),
        ):
            words = {name: text(f"bot.{name}", language), **code}
            yield _Call(f"{method} {language} {bot_id}", method, words)


def _menus(language: str) -> dict[str, list[dict[str, str]]]:
    """The commands for each scope; Telegram shows those of the narrowest one.

    https://core.telegram.org/bots/api#determining-list-of-commands
    """
    everybody = [name for name, command in COMMANDS.items() if command.in_menu]
    members = [name for name in everybody if not COMMANDS[name].for_admins]
    menus = {
        "default": everybody,
        "all_group_chats": members,
        "all_chat_administrators": everybody,
    }
    return {
        scope: [
            {"command": name, "description": text(f"command.{name}", language)} for name in names
        ]
        for scope, names in menus.items()
    }


async def _recorded(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch("SELECT call, fingerprint FROM bot_profile")
    return {row["call"]: row["fingerprint"] for row in rows}
