"""Simulated people who use the bot through inbox, dispatcher and outbox, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from app.database.connection import Pool
from app.readers import store as readers
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.api.client import BotApi
from app.telegram.handle.admission import AdmissionControl
from app.telegram.handle.dispatch import Dispatcher
from app.telegram.handle.members import Members
from app.telegram.receive import inbox
from app.telegram.receive.worker import InboxWorker

TOKEN = "42:token-of-the-test"
PERSON = 1001
GROUP = -1000000000001
NAME = "hnpal_bot"
Json = dict[str, Any]
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """One call of the bot, as its receiver sees it."""

    method: str
    text: str
    parameters: Json
    message_id: int
    buttons: dict[str, str] = field(default_factory=dict)

    def press(self, label: str) -> str:
        """The data of the button whose label is `label`, or else has it in it."""
        if label in self.buttons:
            return self.buttons[label]
        found = [data for name, data in self.buttons.items() if label in name]
        assert len(found) == 1, f"{label!r} in {list(self.buttons)}"
        return found[0]


class Talk:
    """What people do and what the bot answers, update by update.

    What the bot says counts as delivered once it was read, if it `delivers`.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        api: BotApi,
        *,
        delivers: bool = True,
        admission: AdmissionControl | None = None,
        shows_drafts: Callable[[], bool] = lambda: False,
    ) -> None:
        self.pool = pool
        self.api = api
        members = Members(pool, api, lambda: None)
        dispatcher = Dispatcher(
            *(settings, members, lambda: NAME, admission or AdmissionControl()),
            shows_drafts=shows_drafts,
        )
        self._handling = InboxWorker(pool, dispatcher, lambda: None, settings.admin_chat_id)
        self._delivers = delivers
        self._read = 0

    async def say(self, text: str, chat_id: int = PERSON, **more: Any) -> list[Said]:
        """Somebody writes; returns what the bot says to that."""
        return await self.send({"text": text}, chat_id, **more)

    async def send(self, content: Json, chat_id: int = PERSON, **more: Any) -> list[Said]:
        """Somebody sends a message of any content."""
        kind = more.pop("kind", "channel_post" if more.get("chat_type") == "channel" else "message")
        return await self.update({kind: message(content, chat_id, **more)})

    async def press(self, said: Said, label: str, **more: Any) -> list[Said]:
        """Somebody presses the button of `said` whose label has `label` in it."""
        return await self.press_data(said.press(label), said.message_id, **more)

    async def press_data(
        self, data: str, message_id: int = 1, chat_id: int = PERSON, **more: Any
    ) -> list[Said]:
        user_id = more.pop("user_id", PERSON)
        query = {
            "id": f"query{next(_numbers)}",
            "from": user(user_id, more.get("language", "en")),
            "chat_instance": "1",
            "data": data,
            "message": message({"text": "…"}, chat_id, **more) | {"message_id": message_id},
        }
        return await self.update({"callback_query": query})

    async def update(self, content: Json) -> list[Said]:
        """Any update; returns what the bot says to it and to whatever waited."""
        async with self.pool.acquire() as connection:
            await inbox.store(connection, [{"update_id": next(_numbers), **content}])
        await self.handle()
        return await self.read()

    async def handle(self) -> None:
        """Handle what is in the inbox, also what has to wait for a moment."""
        while await self.pool.fetchval(_TO_BE_HANDLED):
            if not await self._handling.step():
                await asyncio.sleep(0.01)

    async def read(self) -> list[Said]:
        """What was put into the outbox since the last time."""
        rows = await self.pool.fetch("SELECT * FROM outbox WHERE id > $1 ORDER BY id", self._read)
        said = []
        for row in rows:
            self._read = row["id"]
            if self._delivers:  # with the row's number as the message's
                await self.pool.execute(
                    "UPDATE outbox SET state = 'sent', message_id = id WHERE id = $1", row["id"]
                )
            said.append(_said(row))
        return said

    async def reader(self, chat_id: int = PERSON) -> Reader:
        async with self.pool.acquire() as connection:
            return (await readers.load(connection, [chat_id]))[chat_id]

    async def onboarded(self, chat_id: int = PERSON, **settings: Any) -> Reader:
        """A reader who has answered all questions; whatever was said meanwhile is passed over."""
        async with self.pool.acquire() as connection:
            reader = await readers.create(
                connection,
                chat_id=chat_id,
                kind="private" if chat_id > 0 else "supergroup",
                name="Somebody",
                language="en",
                timezone="UTC",
            )
            now = await connection.fetchval("SELECT now()")
            return await readers.update(connection, reader, now, paused_at=None, **settings)


# During maintenance, what is held waits for its end.
_TO_BE_HANDLED = """
    SELECT EXISTS (
      SELECT FROM inbox WHERE state = 'pending' AND (held_at IS NULL OR NOT EXISTS (
        SELECT FROM maintenance WHERE ended_at IS NULL AND (until IS NULL OR until > now()))))
"""


class Chat:
    """One person's (`user_id`) side of one chat; what the bot says there stays in the outbox."""

    def __init__(
        self,
        database: Pool,
        chat_id: int,
        settings: Settings,
        *,
        user_id: int | None = None,
        kind: str = "private",
    ) -> None:
        nobody = BotApi(settings.telegram_bot_token.get_secret_value(), "http://127.0.0.1:9")
        self._talk = Talk(database, settings, nobody, delivers=False)
        self.id = chat_id
        self._who: Json = {"user_id": user_id or abs(chat_id), "chat_type": kind}

    async def say(self, words: str, *, reply_to: int | None = None, **more: Any) -> list[Said]:
        """Write something, maybe in reply to a message of the bot; returns what it says to that."""
        if reply_to is not None:
            more["reply_to_message"] = self.message_of_the_bot(reply_to)
        await self.news()
        return self._here(await self._talk.send({"text": words}, self.id, **self._who, **more))

    async def press(self, data: str, message_id: int = 1) -> list[Said]:
        """Press a button below a message of the bot."""
        await self.news()
        return self._here(await self._talk.press_data(data, message_id, self.id, **self._who))

    async def news(self) -> list[Said]:
        """What has come into the outbox for this chat since the last look, oldest first."""
        return self._here(await self._talk.read())

    def message_of_the_bot(self, message_id: int, **more: Any) -> Json:
        """A message to reply to."""
        bot = {"id": 42, "is_bot": True, "first_name": "HN Pal", "username": NAME}
        said = message({"text": "…"}, self.id, **self._who)
        return said | {"message_id": message_id, "from": bot} | more

    def _here(self, said: list[Said]) -> list[Said]:
        return [one for one in said if one.parameters.get("chat_id", self.id) == self.id]


def settings(**values: Any) -> Settings:
    fixed = {"telegram_bot_token": TOKEN, "database_url": "postgresql://unused"}
    return Settings(**{**fixed, **values})


def texts(said: list[Said]) -> list[str]:
    """What of it people read."""
    return [one.text for one in said if one.text]


def shown(said: list[Said]) -> Said:
    """The message that was sent or changed last."""
    return [one for one in said if one.method in ("sendMessage", "editMessageText")][-1]


def user(user_id: int = PERSON, language: str = "en") -> Json:
    return {"id": user_id, "is_bot": False, "first_name": "Ada", "language_code": language}


def message(
    content: Json,
    chat_id: int = PERSON,
    *,
    user_id: int = PERSON,
    chat_type: str | None = None,
    language: str = "en",
    **more: Any,
) -> Json:
    """A message as the Bot API brings it."""
    kind = chat_type or ("private" if chat_id > 0 else "supergroup")
    name = {"first_name": "Ada"} if kind == "private" else {"title": "A chat"}
    sender = {} if kind == "channel" else {"from": user(user_id, language)}
    return {
        "message_id": next(_numbers),
        "date": 1,
        "chat": {"id": chat_id, "type": kind, **name},
        **sender,
        **content,
        **more,
    }


def _said(row: Any) -> Said:
    parameters = row["parameters"]
    rows = parameters.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = {key["text"]: key.get("callback_data") or key["url"] for keys in rows for key in keys}
    assert all(len(key.get("callback_data", "").encode()) <= 64 for keys in rows for key in keys)
    text = parameters.get("text", parameters.get("caption", ""))
    return Said(row["method"], text, parameters, parameters.get("message_id") or row["id"], buttons)
