"""A call that changes nothing, but reveals whose the message with an id in a chat is.

`stopMessageLiveLocation` checks whether the message exists, then whether this bot may edit it, then
whether it is a live location, which an ordinary message is not. This is from the source of TDLib,
which the Bot API is built on, and was not tried live, so callers verify it with known messages.
"""

from __future__ import annotations

import re
from enum import Enum

from app.telegram.api.client import BotApi
from app.telegram.api.outcomes import Refused, TooManyRequests


class ProbeAnswer(Enum):
    """The message with the id; one that forces a reply looks like another sender's."""

    OURS = "there is no live location in the message to edit"
    ANOTHERS = "message can't be edited"
    NONE = "message to edit not found"
    UNCLEAR = "any other answer"


class ProbesRefusedError(Exception):
    """Telegram answered 429; `retry_after` is the pause that it asks for, in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"no probes for {retry_after:.0f} s")
        self.retry_after = retry_after


async def probe(api: BotApi, chat_id: int, message_id: int) -> ProbeAnswer:
    """Probe one id.

    Raises:
        ProbesRefusedError: probes must pause.
    """
    parameters = {"chat_id": chat_id, "message_id": message_id}
    outcome = await api.call("stopMessageLiveLocation", parameters)
    if isinstance(outcome, TooManyRequests):
        raise ProbesRefusedError(outcome.retry_after)
    if isinstance(outcome, Refused):
        said = re.sub("^bad request: ", "", outcome.error.casefold())
        known = (one for one in ProbeAnswer if one.value == said)
        return next(known, ProbeAnswer.UNCLEAR)
    return ProbeAnswer.UNCLEAR
