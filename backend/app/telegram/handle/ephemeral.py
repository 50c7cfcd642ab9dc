"""Messages in a group that only one member sees.

All members see what the group shares:

- digests, alerts and news of followed stories;
- questions about stories and their answers;
- the group's settings, interests, mutes and user of Hacker News, which admins show and change;
- a story's card, which members rate together and ask about;
- files, which come later than a reply: an ephemeral message may not reach a member who is offline.

Only the member concerned sees:

- what they look up: `/help`, `/stats`, `/saved`, `/following`, `/search`, `/why`;
- the explanation or the link that they tap for;
- refusals, limits, and mistakes in what they typed;
- what is reached from a message that only they see, such as a card from their list.

`Command.for_member` and `ButtonHandler.for_member` mark the latter, and `say_privately` sends
single replies of this kind.
"""

from __future__ import annotations

from app.telegram.api.types import Update
from app.telegram.send.outbox import EPHEMERAL, QUERY, Parameters

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
    query = update.callback_query
    tap = {QUERY: query.id} if query is not None else {}
    return {EPHEMERAL: {"receiver_user_id": user.id, **tap}}


def is_ephemeral(update: Update) -> bool:
    """Whether the message that was sent, or whose button was tapped, is visible to one member."""
    message = update.effective_message
    return message is not None and message.ephemeral_id is not None
