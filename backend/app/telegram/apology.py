"""What somebody hears whose update cannot be handled: something useful, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.telegram.inbox import NO_CHAT, ClaimedUpdate
from app.telegram.messages import answer_to_press, text_message
from app.telegram.outbox import OutgoingMessage
from app.wording import language_of, text


def apology(update: ClaimedUpdate, language: str | None, now: datetime) -> list[OutgoingMessage]:
    """At most one message a chat and hour; a pressed button is answered at any rate.

    The update failed to be handled, so nothing is taken for granted about its payload.
    """
    query = _part(update.payload, "callback_query")
    sender = _part(query or _part(update.payload, "message"), "from")
    code = sender.get("language_code")
    words = text("command.failed", language or language_of(code if isinstance(code, str) else None))
    if query_id := query.get("id"):
        return [answer_to_press(f"sorry:{update.update_id}", str(query_id), words, alert=True)]
    if update.chat_id == NO_CHAT or not _part(update.payload, "message"):
        return []
    return [
        OutgoingMessage(
            key=f"sorry:{update.chat_id}:{now:%Y-%m-%d %H}",
            chat_id=update.chat_id,
            method="sendMessage",
            parameters={"chat_id": update.chat_id, **text_message(words)},
        )
    ]


def _part(payload: dict[str, Any], name: str) -> dict[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}
