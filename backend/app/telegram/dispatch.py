"""Which handler an update goes to."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import telegram

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.places import guess_zone
from app.readers.store import Reader
from app.settings import Settings
from app.telegram import outbox
from app.telegram.commands import BUTTONS, COMMANDS, talk
from app.telegram.exchange import Exchange
from app.telegram.inbox import ClaimedUpdate
from app.wording import language_of

log = logging.getLogger(__name__)

Handler = Callable[[Exchange], Awaitable[None]]


class Dispatcher:
    """Turns claimed updates into exchanges, has them handled, and enqueues what was said."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def handle(self, connection: Connection, updates: Sequence[ClaimedUpdate]) -> None:
        known = await readers.load(connection, [update.chat_id for update in updates])
        now = datetime.now(UTC)
        messages = []
        for claimed in updates:
            exchange = await self._exchange(connection, claimed, known.get(claimed.chat_id), now)
            if exchange is None:
                continue
            await self._handle_one(exchange)
            messages += exchange.outgoing
        await outbox.enqueue(connection, messages)

    async def _exchange(
        self, connection: Connection, claimed: ClaimedUpdate, reader: Reader | None, now: datetime
    ) -> Exchange | None:
        """None for an update that nobody can be answered for: of no chat, or of a kind unknown."""
        update = telegram.Update.de_json(claimed.payload, None)
        chat = update.effective_chat
        if chat is None:
            log.info("Update %d belongs to no chat and is passed over", claimed.update_id)
            return None
        is_new = reader is None
        if reader is None:
            code = update.effective_user.language_code if update.effective_user else None
            reader = await readers.create(
                connection,
                chat_id=chat.id,
                kind=chat.type,
                name=chat.effective_name,
                language=language_of(code),
                timezone=guess_zone(code),
            )
        return Exchange(
            connection=connection,
            settings=self._settings,
            update=update,
            now=now,
            chat=chat,
            reader=reader,
            is_new=is_new,
            user=update.effective_user,
        )

    async def _handle_one(self, exchange: Exchange) -> None:
        update = exchange.update
        if update.my_chat_member is not None:
            await talk.membership_changed(exchange)
        elif update.callback_query is not None:
            await _press(exchange, update.callback_query.data or "")
            exchange.answer()
        elif exchange.message is not None:
            await _hear(exchange, exchange.message)


async def _press(exchange: Exchange, data: str) -> None:
    prefix, _, rest = data.partition(":")
    handler = BUTTONS.get(prefix)
    if handler is None:
        exchange.answer(exchange.text("button.unknown"))
    else:
        await handler(exchange, rest)


async def _hear(exchange: Exchange, message: telegram.Message) -> None:
    words = message.text or ""
    if not words.startswith("/"):
        await talk.heard(exchange)
        return
    name = words[1:].partition(" ")[0].partition("@")[0].strip().lower()
    handler = COMMANDS.get(name)
    if handler is not None:
        await handler(exchange)
    elif exchange.chat.type == telegram.Chat.PRIVATE:
        exchange.say(exchange.text("command.unknown", name=name))
