"""What is said without a command, and chats that the bot enters or leaves."""

from __future__ import annotations

import telegram

from app.readers import store as readers
from app.telegram.commands import start
from app.telegram.exchange import Exchange

_GONE = (telegram.ChatMember.BANNED, telegram.ChatMember.LEFT)


async def heard(exchange: Exchange) -> None:
    """Words that are no command: an answer to an open question, or something to give a hint
    about.
    """
    words = exchange.argument
    if exchange.is_new:
        await start.start(exchange)
    elif words and await start.heard(exchange, words):
        return
    elif exchange.chat.type == telegram.Chat.PRIVATE:
        exchange.say(exchange.text("help.hint"))


async def membership_changed(exchange: Exchange) -> None:
    """The bot was blocked, unblocked, added to a group or removed from it."""
    change = exchange.update.my_chat_member
    if change is None:
        return
    if change.new_chat_member.status in _GONE:
        reason = f"status {change.new_chat_member.status}"
        await readers.mark_unreachable(exchange.connection, exchange.chat.id, reason)
    elif exchange.chat.type != telegram.Chat.PRIVATE:
        await start.start(exchange)
    else:
        await readers.mark_reachable(exchange.connection, exchange.chat.id)
