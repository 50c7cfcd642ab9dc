"""Chats that the bot enters and leaves, and what it may do there."""

from __future__ import annotations

import telegram

from app.readers import store as readers
from app.telegram.commands import start
from app.telegram.exchange import Exchange


def can_speak(member: telegram.ChatMember) -> bool:
    """Whether somebody with this standing is in the chat and may write there."""
    rights = member.api_kwargs
    match member.status:
        case telegram.ChatMember.BANNED | telegram.ChatMember.LEFT:
            return False
        case telegram.ChatMember.RESTRICTED:
            return rights.get("is_member") is not False and bool(rights.get("can_send_messages"))
        case telegram.ChatMember.ADMINISTRATOR:
            # Known in channels only; elsewhere admins may always write.
            return rights.get("can_post_messages") is not False
        case _:
            return True


async def changed(exchange: Exchange) -> None:
    """The bot was blocked, unblocked, added to a group, removed from it, promoted or muted."""
    change = exchange.update.my_chat_member
    if change is None:
        return
    if not can_speak(change.new_chat_member):
        reason = f"status {change.new_chat_member.status}"
        await readers.mark_unreachable(exchange.connection, exchange.chat.id, reason)
    elif exchange.chat.type != telegram.Chat.PRIVATE and exchange.is_new:
        await start.start(exchange)
    else:
        await readers.mark_reachable(exchange.connection, exchange.reader, exchange.now)
