"""What an update asks for, judged by the update alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import telegram

from app.telegram.commands import (
    BUTTONS,
    COMMANDS,
    OPERATOR_BUTTONS,
    OPERATOR_COMMANDS,
    Press,
    membership,
    talk,
    unknown,
)
from app.telegram.exchange import Exchange

Handler = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """Who deals with an update."""

    run: Handler
    # In groups and channels only for their admins.
    for_admins: bool = False
    # Whether a chat that is not known yet becomes a reader by it.
    acquaints: bool = True


def route(
    update: telegram.Update, username: str | None, admin_chat_id: int | None = None
) -> Route | None:
    """Where an update goes; None for one that asks nothing of this bot.

    Corrected messages, inline queries and service messages ask nothing, and in a group neither do
    commands and replies to another bot or what people say to each other. `username` is the bot's
    own; without it every bot's name is taken for ours. What is the operator's exists in
    `admin_chat_id` alone.
    """
    chat = update.effective_chat
    operator = chat is not None and chat.id == admin_chat_id
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.callback_query is not None:
        return _pressed(update.callback_query, chat, operator)
    message = update.message or update.channel_post
    if message is None or message.is_automatic_forward:
        return None
    words = message.text or ""
    if words.startswith("/"):
        return _command(message, words, username, operator)
    return _heard(message, username)


def is_admin_anyway(update: telegram.Update) -> bool | None:
    """Whether the update itself tells that an admin sent it; None when Telegram must be asked.

    Only admins post in channels, and an anonymous admin of a group speaks as the group.
    """
    chat = update.effective_chat
    if chat is None or chat.type == telegram.Chat.PRIVATE or update.channel_post is not None:
        return True
    if update.message is not None and update.message.sender_chat is not None:
        return update.message.sender_chat.id == chat.id
    return None if update.effective_user else False


def _membership(change: telegram.ChatMemberUpdated) -> Route:
    here = membership.can_speak(change.new_chat_member)
    return Route(membership.changed, acquaints=here)


def _pressed(query: telegram.CallbackQuery, chat: telegram.Chat | None, operator: bool) -> Route:
    prefix, _, rest = (query.data or "").partition(":")
    button = BUTTONS.get(prefix)
    if button is None and operator:
        button = OPERATOR_BUTTONS.get(prefix)
    if button is None:
        return Route(unknown.button, acquaints=False)
    channel = chat is not None and chat.type == telegram.Chat.CHANNEL
    for_admins = button.for_admins or (channel and not button.for_subscribers)
    return Route(partial(_press, button.run, rest), for_admins, acquaints=False)


async def _press(press: Press, data: str, exchange: Exchange) -> None:
    await press(exchange, data)
    exchange.answer()


def _command(
    message: telegram.Message, words: str, username: str | None, operator: bool
) -> Route | None:
    name, _, addressee = words.split(maxsplit=1)[0][1:].partition("@")
    if addressee and username and addressee.casefold() != username.casefold():
        return None
    command = COMMANDS.get(name.lower())
    if command is None and operator:
        command = OPERATOR_COMMANDS.get(name.lower())
    if command is not None:
        return Route(command.run, command.for_admins)
    if addressee or message.chat.type == telegram.Chat.PRIVATE:
        return Route(unknown.command)
    return None


def _heard(message: telegram.Message, username: str | None) -> Route | None:
    if message.chat.type == telegram.Chat.PRIVATE:
        return None if _is_service(message) else Route(talk.heard)
    replied = message.reply_to_message
    speaker = replied.from_user if replied else None
    if speaker is not None and speaker.is_bot and username in (None, speaker.username):
        return Route(talk.heard, acquaints=False)
    return None


def _is_service(message: telegram.Message) -> bool:
    """Such as a pinned message: nothing that somebody said."""
    return message.text is None and message.effective_attachment is None
