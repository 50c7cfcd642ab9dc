"""The parameters of messages with buttons, and of the answer to a tapped button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2s
from html import unescape

from app.digests.buttons import Button
from app.telegram.api.types import Chat
from app.telegram.api.updates import NO_CHAT
from app.telegram.send.outbox import OutgoingMessage, Parameters

# A button: its label, and its callback data (at most 64 bytes) or the address that it opens.
Keyboard = Sequence[Sequence[Button]]

# The Bot API accepts the answer to a tapped button for a limited time.
PRESS_LIFETIME = timedelta(seconds=60)
MAX_NOTICE = 200
# Any number with this many digits fits in a bigint.
ID_DIGITS = 18
WEB = "https://"
# https://core.telegram.org/bots/api#sendrichmessage
SEND_RICH = "sendRichMessage"
# https://core.telegram.org/bots/api#answercallbackquery
ANSWER_PRESS = "answerCallbackQuery"


def text_message(html: str, keyboard: Keyboard | None = None) -> Parameters:
    """The parameters of `sendMessage` and `editMessageText` except the chat."""
    parameters: Parameters = {
        "text": html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if keyboard:
        rows = [[_button(label, data) for label, data in row] for row in keyboard]
        parameters["reply_markup"] = {"inline_keyboard": rows}
    return parameters


def _button(label: str, data: str) -> Parameters:
    return {"text": label, "url" if data.startswith(WEB) else "callback_data": data}


def destination(chat_id: int, chat_type: str, topic_id: int | None) -> Parameters:
    """The parameters for the chat and its topic, if there is one. A channel's direct messages have
    their own parameter for the topic, which is required there.
    """
    place: Parameters = {"chat_id": chat_id}
    if topic_id is not None:
        direct = chat_type == Chat.DIRECT_MESSAGES
        place["direct_messages_topic_id" if direct else "message_thread_id"] = topic_id
    return place


def answer_to_press(
    key: str, query_id: str, words: str = "", *, alert: bool = False
) -> OutgoingMessage:
    """The answer to a tapped button: a short notice, or only the end of its progress indicator."""
    return OutgoingMessage(
        key=key,
        chat_id=NO_CHAT,
        method=ANSWER_PRESS,
        parameters={
            "callback_query_id": query_id,
            "text": unescape(words)[:MAX_NOTICE],
            "show_alert": alert,
        },
        lifetime=PRESS_LIFETIME,
    )


# What precedes the label of what is chosen.
TICK = "✓ "
# The most characters of a label, without a mark of two, that a phone shows in rows of one, two and
# three buttons.
MAX_LABELS = (36, 17, 10)


def in_rows(buttons: Sequence[Button], columns: int) -> list[list[Button]]:
    """Arrange buttons in rows with this many columns."""
    return [list(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]


def in_fitting_rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Arrange buttons in rows of three, and of fewer where a label needs the room. A mark of two
    characters before a label may come and go without changing the rows.
    """
    rows: list[list[Button]] = []
    for button in buttons:
        row = [*(rows[-1] if rows else ()), button]
        longest = max(len(label.removeprefix(TICK)) for label, _ in row)
        columns = sum(longest <= most for most in MAX_LABELS)
        if rows and len(row) <= columns:
            rows[-1] = row
        else:
            rows.append([button])
    return rows


def parse_number(data: str, digits: int = ID_DIGITS) -> int | None:
    """The number in a button's data or a word; None for anything else or too many digits."""
    return int(data) if data.isdecimal() and len(data) <= digits else None


def tag(phrase: str) -> str:
    """A short stand-in for a phrase that is too long for a button's data."""
    return blake2s(phrase.encode(), digest_size=6).hexdigest()
