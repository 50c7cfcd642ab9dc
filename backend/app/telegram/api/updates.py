"""Updates in the Bot API's format. Standard library only: the first poll needs this module."""

from __future__ import annotations

from typing import Any

ALLOWED_UPDATES = [
    "message",
    "channel_post",
    "callback_query",
    "my_chat_member",
    "stopped_message_generation",
]
# One update as the Bot API sends it; only the keys that the app uses are named.
RawUpdate = dict[str, Any]
# The identifiers that PostgreSQL can store.
BIGINT = range(-(2**63), 2**63)
# The chat of an update or a call without one: no order and no limit applies among these.
NO_CHAT = 0
