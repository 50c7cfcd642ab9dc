"""The parameters of messages with buttons, and of the answer to a pressed one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2s
from html import unescape

from app.telegram.outbox import NO_CHAT, OutgoingMessage, Parameters

# A button is its label and its callback data (at most 64 bytes).
Button = tuple[str, str]
Keyboard = Sequence[Sequence[Button]]

# The Bot API lets a button's press be answered for some time only.
PRESS_LIFETIME = timedelta(seconds=60)
MOST_NOTICE = 200
# Any number of so many digits is a bigint.
ID_DIGITS = 18


def text_message(html: str, keyboard: Keyboard | None = None) -> Parameters:
    """What `sendMessage` and `editMessageText` need besides the chat."""
    parameters: Parameters = {
        "text": html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if keyboard:
        rows = [[{"text": label, "callback_data": data} for label, data in row] for row in keyboard]
        parameters["reply_markup"] = {"inline_keyboard": rows}
    return parameters


def answer_to_press(
    key: str, query_id: str, words: str = "", *, alert: bool = False
) -> OutgoingMessage:
    """The answer to a pressed button: a short notice, or nothing but the end of the waiting."""
    return OutgoingMessage(
        key=key,
        chat_id=NO_CHAT,
        method="answerCallbackQuery",
        parameters={
            "callback_query_id": query_id,
            "text": unescape(words)[:MOST_NOTICE],
            "show_alert": alert,
        },
        lifetime=PRESS_LIFETIME,
    )


def in_rows(buttons: Sequence[Button], columns: int) -> list[list[Button]]:
    """Buttons side by side, so many in a row."""
    return [list(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]


def number_in(data: str, digits: int = ID_DIGITS) -> int | None:
    """The number that a button's data, or a word, is; None for anything else or more digits."""
    return int(data) if data.isdecimal() and len(data) <= digits else None


def tag(phrase: str) -> str:
    """A short name for what is too long for a button's data."""
    return blake2s(phrase.encode(), digest_size=6).hexdigest()
