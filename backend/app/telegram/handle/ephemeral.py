"""Messages in a group that only one member sees."""

from __future__ import annotations

from app.telegram.api.types import Update
from app.telegram.send.outbox import Parameters

GROUPS = ("group", "supergroup")


def ephemeral_parameters(update: Update) -> Parameters:
    """The parameter that shows a message only to the sender of the update; empty outside groups
    and for senders without a name.

    https://core.telegram.org/bots/api#ephemeralmessageparameters: an older server ignores it, and
    everybody sees the message; to a server that rejects it, the message is sent without it.
    """
    chat, user, message = update.effective_chat, update.effective_user, update.message
    if chat is None or user is None or user.is_bot or chat.type not in GROUPS:
        return {}
    if message is not None and message.sender_chat is not None:  # an anonymous admin, or a channel
        return {}
    return {"ephemeral_message_parameters": {"receiver_user_id": user.id}}
