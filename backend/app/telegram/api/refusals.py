"""Classifies refusals by what they say about the chat.

The texts are those of the Bot API's server (Client.cpp of tdlib/telegram-bot-api), of TDLib, and of
Telegram's own errors (https://core.telegram.org/method/messages.sendMessage), some of which are
passed on unchanged, in capitals.
"""

from __future__ import annotations

import re
from enum import Enum


class Refusal(Enum):
    """What a refusal is about."""

    CALL = "call"  # only this call: another one may be accepted
    CHAT = "chat"  # anything that is sent to the chat, until its settings change
    GONE = "gone"  # anything that is sent, until somebody in the chat acts


_GONE = re.compile(
    r"chat not found|user not found|user is deactivated|(?:INPUT_)?USER_DEACTIVATED"
    r"|bot was blocked|USER_IS_BLOCKED|bot was kicked|bot is not a member"
    r"|bot can't initiate conversation|can't send messages to (?:the )?bots?\b"
    r"|group chat was (?:deactivated|deleted)|group chat is deactivated"
    r"|PEER_ID_INVALID|CHANNEL_(?:PRIVATE|INVALID)|CHAT_ID_INVALID",
    re.IGNORECASE,
)
# "not enough rights to send documents to the chat", CHAT_SEND_DOCS_FORBIDDEN: about one kind of
# content. All other messages are text, so a refusal of text is about the chat.
_OF_ONE_KIND = re.compile(
    r"not enough rights to send (?!text |messages?\b)\w|CHAT_SEND_(?!PLAIN_)\w+_FORBIDDEN",
    re.IGNORECASE,
)
_CHAT = re.compile(
    r"have no rights to send|have no write access|not enough rights to send (?:text |messages?\b)"
    r"|CHAT_(?:WRITE|SEND_PLAIN|GUEST_SEND)_FORBIDDEN|CHAT_RESTRICTED|CHAT_ADMIN_REQUIRED"
    r"|USER_(?:RESTRICTED|BANNED_IN_CHANNEL)|need administrator rights|not enough rights$"
    r"|TOPIC_CLOSED|group chat was upgraded|PREMIUM_ACCOUNT_REQUIRED|PAYMENT_REQUIRED",
    re.IGNORECASE,
)


def classify_refusal(description: str, *, forbidden: bool) -> Refusal:
    """Classify an error by its description.

    `forbidden` is the status 403, which is always about the chat. An unknown 403 counts as
    temporary, because a chat wrongly taken for gone would never get a message again.
    """
    if _GONE.search(description):
        return Refusal.GONE
    if _OF_ONE_KIND.search(description):
        return Refusal.CALL
    if forbidden or _CHAT.search(description.strip()):
        return Refusal.CHAT
    return Refusal.CALL
