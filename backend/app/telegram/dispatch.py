"""Which handler an update goes to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import telegram

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.places import guess_zone
from app.readers.store import Reader
from app.settings import Settings
from app.telegram import outbox
from app.telegram.apology import apology
from app.telegram.exchange import Exchange
from app.telegram.inbox import ClaimedUpdate
from app.telegram.members import Members, Standing
from app.telegram.messages import answer_to_press
from app.telegram.outbox import OutgoingMessage
from app.telegram.routing import Route, is_admin_anyway, route
from app.telegram.updates import read_update
from app.wording import language_of, text

log = logging.getLogger(__name__)


# The pages on which something may be typed go on with it.
ASKING_BUTTONS = ("set", "topic")


class Dispatcher:
    """Turns claimed updates into exchanges, has them handled, and enqueues what was said.

    `username` tells the bot's own name as soon as it is known.
    """

    def __init__(
        self,
        settings: Settings,
        members: Members,
        username: Callable[[], str | None],
    ) -> None:
        self._settings = settings
        self._members = members
        self._username = username

    async def handle(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> frozenset[int]:
        """Handle updates of different chats. Returns the ids of those that have to wait."""
        known = await readers.load(connection, [update.chat_id for update in updates])
        now = datetime.now(UTC)
        messages: list[OutgoingMessage] = []
        waiting = set()
        for claimed in updates:
            update = read_update(claimed.payload)
            await _follow_migration(connection, update)
            chosen = route(update, self._username(), self._settings.admin_chat_id)
            if chosen is None or update.effective_chat is None:
                messages += _answer_anyway(update)
                continue
            standing = self._standing(update, chosen)
            if standing is None:
                waiting.add(claimed.update_id)
                continue
            reader = known.get(claimed.chat_id)
            messages += await self._answer(connection, update, chosen, standing, reader, now)
        await outbox.drop_stale_edits(connection, messages)
        await outbox.enqueue(connection, messages)
        return frozenset(waiting)

    async def apologise(self, connection: Connection, update: ClaimedUpdate) -> None:
        """Tell who sent an update that it cannot be handled, after the last try."""
        known = await readers.load(connection, [update.chat_id])
        reader = known.get(update.chat_id)
        messages = apology(update, reader.language if reader else None, datetime.now(UTC))
        await outbox.enqueue(connection, messages)

    def _standing(self, update: telegram.Update, chosen: Route) -> Standing | None:
        """What the speaker is in the chat, as far as it matters; None when it must be asked."""
        admin = is_admin_anyway(update) if chosen.for_admins else True
        if admin is not None:
            return Standing.ADMIN if admin else Standing.MEMBER
        chat, user = update.effective_chat, update.effective_user
        assert chat is not None and user is not None
        standing = self._members.standing(chat.id, user.id)
        if standing is None:
            self._members.ask(chat.id, user.id, update.update_id)
        return standing

    async def _answer(
        self,
        connection: Connection,
        update: telegram.Update,
        chosen: Route,
        standing: Standing,
        reader: Reader | None,
        now: datetime,
    ) -> Sequence[OutgoingMessage]:
        is_new = reader is None
        if reader is None:
            if not chosen.acquaints:
                return _answer_anyway(update)
            reader = await _new_reader(connection, update)
        elif reader.unreachable_at is not None and update.my_chat_member is None:
            reader = await readers.mark_reachable(connection, reader, now)
        assert update.effective_chat is not None
        exchange = Exchange(
            connection=connection,
            settings=self._settings,
            update=update,
            now=now,
            chat=update.effective_chat,
            reader=reader,
            is_new=is_new,
            user=update.effective_user,
        )
        if reader.awaiting is not None and _leaves_question(exchange):
            await exchange.change_settings(awaiting=None)
        if standing is Standing.ADMIN:
            await chosen.run(exchange)
        else:
            _refuse(exchange, standing)
        return exchange.outgoing


def _leaves_question(exchange: Exchange) -> bool:
    """Whether somebody who was asked to type something does something else instead."""
    query = exchange.update.callback_query
    prefix = ((query and query.data) or "").partition(":")[0]
    return bool(exchange.command) or prefix not in ("", *ASKING_BUTTONS)


def _refuse(exchange: Exchange, standing: Standing) -> None:
    key = "group.admins_only" if standing is Standing.MEMBER else "group.not_checked"
    if exchange.update.callback_query is not None:
        exchange.answer(exchange.text(key), alert=True)
    else:
        exchange.say(exchange.text(key))


def _answer_anyway(update: telegram.Update) -> list[OutgoingMessage]:
    """A pressed button shows that it waits until it is answered, whoever pressed it."""
    query = update.callback_query
    if query is None:
        log.info("Update %d asks nothing and is passed over", update.update_id)
        return []
    language = language_of(query.from_user.language_code)
    return [
        answer_to_press(f"update:{update.update_id}", query.id, text("button.stranger", language))
    ]


async def _new_reader(connection: Connection, update: telegram.Update) -> Reader:
    chat, user = update.effective_chat, update.effective_user
    assert chat is not None
    code = user.language_code if user else None
    return await readers.create(
        connection,
        chat_id=chat.id,
        kind=chat.type,
        name=chat.effective_name,
        language=language_of(code),
        timezone=guess_zone(code),
    )


async def _follow_migration(connection: Connection, update: telegram.Update) -> None:
    """Both the group that was and the supergroup that it became tell of it, once each."""
    message = update.message
    if message is None:
        return
    old, new = (
        message.migrate_from_chat_id or message.chat.id,
        message.migrate_to_chat_id or message.chat.id,
    )
    if old != new:
        await readers.move_chat(connection, old, new)
        await outbox.move_chat(connection, old, new)
