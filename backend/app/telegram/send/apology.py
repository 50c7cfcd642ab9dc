"""Apologies: for an update that could not be handled, or a reply that Telegram refused. Each is
sent once.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from app.readers.store import Reader
from app.telegram.api.types import Chat
from app.telegram.api.updates import NO_CHAT
from app.telegram.receive.inbox import ClaimedUpdate
from app.telegram.send.claims import QueuedMessage
from app.telegram.send.messages import answer_to_press, text_message
from app.telegram.send.outbox import EPHEMERAL, OutgoingMessage, Priority
from app.wording import language_of, text

_TOO_LONG = re.compile(r"too[ _](?:long|large|big)", re.IGNORECASE)
# A person who deleted a message does not expect its edit.
_NOTHING_TO_EDIT = re.compile(
    r"message to edit not found|message can't be edited|MESSAGE_ID_INVALID", re.IGNORECASE
)


def apology(update: ClaimedUpdate, language: str | None, now: datetime) -> list[OutgoingMessage]:
    """At most one message per chat and hour; a tapped button is always answered.

    The update could not be handled, so nothing is assumed about its payload.
    """
    query = _part(update.payload, "callback_query")
    sender = _part(query or _part(update.payload, "message"), "from")
    code = sender.get("language_code")
    words = text("command.failed", language or language_of(code if isinstance(code, str) else None))
    if query_id := query.get("id"):
        return [answer_to_press(f"sorry:{update.update_id}", str(query_id), words, alert=True)]
    if update.chat_id == NO_CHAT or not _part(update.payload, "message"):
        return []
    return [_apology(update.chat_id, words, now)]


def apology_for_refused(
    message: QueuedMessage, error: str, reader: Reader | None, now: datetime
) -> list[OutgoingMessage]:
    """The message that replaces a reply which Telegram refused for good with `error`.

    At most one per chat and hour, so a refused apology is not followed by another one. Digests and
    alerts have no replacement, nor do messages in channels, where all subscribers would see it.
    """
    if message.priority != Priority.REPLY:
        return []
    if reader is None or reader.kind == Chat.CHANNEL or _NOTHING_TO_EDIT.search(error):
        return []
    key = "command.too_long" if _TOO_LONG.search(error) else "command.refused"
    place = {
        name: message.parameters[name]
        for name in (
            *("message_thread_id", "direct_messages_topic_id", "reply_parameters"),
            EPHEMERAL,
        )
        if name in message.parameters
    }
    return [_apology(message.chat_id, text(key, reader.language), now, **place)]


def _apology(chat_id: int, words: str, now: datetime, **place: Any) -> OutgoingMessage:
    return OutgoingMessage(
        key=f"sorry:{chat_id}:{now:%Y-%m-%d %H}",
        chat_id=chat_id,
        method="sendMessage",
        parameters={"chat_id": chat_id, **text_message(words), **place},
    )


def _part(payload: dict[str, Any], name: str) -> dict[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}
