"""The parameters of a text message with buttons."""

from __future__ import annotations

from collections.abc import Sequence

from app.telegram.outbox import Parameters

# A button is its label and its callback data (at most 64 bytes).
Button = tuple[str, str]
Keyboard = Sequence[Sequence[Button]]


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
