"""Chats with the bot, from the update to the outbox, on a real database and without a network."""

from __future__ import annotations

from itertools import count
from typing import Any

from app.cache import Cache
from app.database.connection import Pool
from app.settings import Settings
from app.telegram import inbox
from app.telegram.bot_api import BotApi
from app.telegram.dispatch import Dispatcher
from app.telegram.handling import UpdateHandling
from app.telegram.members import Members

_numbers = count(1)
Json = dict[str, Any]


def settings(**values: Any) -> Settings:
    fixed = {"telegram_bot_token": "42:token", "database_url": "postgresql://x/x"}
    return Settings(**{**fixed, **values})


class Chat:
    """What one person (`user_id`) writes and presses in one chat, and what the bot says there."""

    def __init__(
        self,
        database: Pool,
        chat_id: int,
        settings: Settings,
        *,
        user_id: int | None = None,
        kind: str = "private",
        language: str = "en",
    ) -> None:
        self.database = database
        self.id = chat_id
        self.user_id = user_id or abs(chat_id)
        self._kind = kind
        self._language = language
        nobody = BotApi(settings.telegram_bot_token.get_secret_value(), "http://127.0.0.1:9")
        dispatcher = Dispatcher(
            settings, Members(database, nobody, lambda: None), Cache(None), lambda: "bot"
        )
        self._handling = UpdateHandling(database, dispatcher, lambda: None)
        self._seen = 0

    async def say(self, words: str, **more: Any) -> list[Json]:
        """Write something; returns the calls that the bot makes in return, their method included.

        `reply_to` is the id of a message of the bot.
        """
        reply_to = more.pop("reply_to", None)
        message = self._message(words) | more
        if reply_to is not None:
            message["reply_to_message"] = self.message_of_the_bot(reply_to)
        return await self._handle({"message": message})

    def message_of_the_bot(self, message_id: int, **more: Any) -> Json:
        """A message to reply to."""
        bot = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
        return self._message("…") | {"message_id": message_id, "from": bot} | more

    async def press(self, data: str, message_id: int = 1) -> list[Json]:
        """Press a button below a message of the bot."""
        query = {
            "id": str(next(_numbers)),
            "from": self._person(),
            "message": self._message("…") | {"message_id": message_id},
            "chat_instance": "1",
            "data": data,
        }
        return await self._handle({"callback_query": query})

    async def news(self) -> list[Json]:
        """What has come into the outbox for this chat since the last look, oldest first."""
        rows = await self.database.fetch(
            """
            SELECT id, method, parameters FROM outbox
            WHERE id > $1 AND (chat_id = $2 OR chat_id = 0) ORDER BY id
            """,
            self._seen,
            self.id,
        )
        if rows:
            self._seen = rows[-1]["id"]
        return [{"row": row["id"], "method": row["method"], **row["parameters"]} for row in rows]

    async def _handle(self, content: Json) -> list[Json]:
        await self.news()
        update = {"update_id": next(_numbers), **content}
        async with self.database.acquire() as connection:
            await inbox.store(connection, [update])
        while await self._handling.step():
            pass
        return await self.news()

    def _message(self, words: str) -> Json:
        chat = {"id": self.id, "type": self._kind}
        chat["first_name" if self._kind == "private" else "title"] = "Somebody"
        message: Json = {"message_id": next(_numbers), "date": 1, "chat": chat, "text": words}
        if words.startswith("/"):
            length = len(words.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return message | {"from": self._person()}

    def _person(self) -> Json:
        return {
            "id": self.user_id,
            "is_bot": False,
            "first_name": "Somebody",
            "language_code": self._language,
        }


def texts(calls: list[Json]) -> list[str]:
    """What of it people read."""
    return [call["text"] for call in calls if call.get("text")]


def shown(calls: list[Json]) -> Json:
    """The message that was sent or changed last."""
    return [call for call in calls if call["method"] in ("sendMessage", "editMessageText")][-1]


def buttons(call: Json) -> dict[str, str]:
    """The buttons below a message: label → data."""
    rows = call.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}
