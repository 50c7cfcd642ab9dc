"""Calls of the Bot API, with every way they can end told apart.

python-telegram-bot makes the calls and names the errors. What matters here, and what its exceptions
alone do not say, is whether a message that failed may have been delivered all the same.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import telegram
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from app.telegram.first_poll import ALLOWED_UPDATES, RawUpdate

# The outbox holds methods and parameters as the Bot API names them, so the generic call is the
# right one.
warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)

POLL_SECONDS = 25
ANSWER_SECONDS = 20.0
CONNECT_SECONDS = 5.0

# Failures of httpx at which the request has certainly not left this machine.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_GONE = re.compile(
    r"chat not found|user is deactivated|bot was kicked|bot was blocked|bot is not a member"
    r"|have no rights to send|not enough rights|PEER_ID_INVALID|need administrator rights"
    r"|CHAT_WRITE_FORBIDDEN",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Telegram accepted the call; `message_id` where it made or changed a message."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never accept this call."""

    error: str


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Telegram could not parse the text's entities; without them it may be accepted."""

    error: str


@dataclass(frozen=True, slots=True)
class ChatGone:
    """The chat cannot be reached any more: blocked, kicked, deactivated or unknown."""

    error: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group is now a supergroup with another id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class TooMany:
    """Not accepted for now; try again after so many seconds."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Not accepted, through no fault of the message: no connection, or Telegram's own trouble."""

    error: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The request left and no answer came: Telegram may have accepted it."""

    error: str


Outcome = Taken | Refused | Unparsable | ChatGone | Migrated | TooMany | NotTaken | InDoubt


class PollError(Exception):
    """A `getUpdates` failed; the message says why and, where a person can help, what to do."""


class PollConflictError(PollError):
    """Another process polls with this token."""


class TokenRejectedError(PollError):
    """Telegram does not know the token."""


class BotApi:
    """One bot's calls to one Bot API server."""

    def __init__(self, token: str, api_url: str, *, connections: int = 32) -> None:
        self._calls = HTTPXRequest(
            connection_pool_size=connections,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=CONNECT_SECONDS,
            media_write_timeout=60.0,
        )
        self._polls = HTTPXRequest(connection_pool_size=1, connect_timeout=CONNECT_SECONDS)
        self._bot = telegram.Bot(
            token,
            base_url=f"{api_url}/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )

    async def close(self) -> None:
        await self._calls.shutdown()
        await self._polls.shutdown()

    async def get_updates(self, offset: int | None) -> list[RawUpdate]:
        """Wait for updates; giving `offset` confirms every update below it.

        Raises:
            PollError: or one of its kinds.
        """
        parameters: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            parameters["offset"] = offset
        try:
            updates: list[RawUpdate] = await self._bot.do_api_request(
                "getUpdates", api_kwargs=parameters, read_timeout=POLL_SECONDS + 10
            )
        except Conflict as error:
            raise PollConflictError(error.message) from error
        except InvalidToken as error:
            raise TokenRejectedError(
                f"{error.message}: TELEGRAM_BOT_TOKEN is wrong or was revoked; @BotFather gives it"
            ) from error
        except TelegramError as error:
            raise PollError(error.message) from error
        return updates

    async def ask(self, method: str, **parameters: Any) -> Any:
        """What a method that changes nothing returns, or one that may be repeated at will.

        Raises:
            TelegramError: for whatever went wrong.
        """
        return await self._bot.do_api_request(method, api_kwargs=parameters)

    async def call(self, method: str, parameters: Mapping[str, Any]) -> Outcome:
        """Make one call and say how it ended; raises nothing that Telegram or the network
        causes.
        """
        try:
            result = await self._bot.do_api_request(method, api_kwargs=_with_files(parameters))
        except TelegramError as error:
            return _judge(error)
        return Taken(result.get("message_id") if isinstance(result, dict) else None)


def _with_files(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A document is kept in the outbox as its name and text; the upload wants an `InputFile`."""
    document = parameters.get("document")
    if not isinstance(document, dict):
        return dict(parameters)
    file = telegram.InputFile(document["text"].encode(), filename=document["filename"])
    return {**parameters, "document": file}


def _judge(error: TelegramError) -> Outcome:
    outcome: Outcome
    match error:
        case RetryAfter():
            outcome = TooMany(_seconds(error.retry_after))
        case ChatMigrated():
            outcome = Migrated(error.new_chat_id)
        case Forbidden():
            outcome = ChatGone(error.message)
        case BadRequest():
            outcome = _judge_bad_request(error.message)
        case TimedOut() | NetworkError():
            outcome = _judge_network_error(error)
        case InvalidToken() | Conflict():
            outcome = NotTaken(error.message)
        case _:
            # Status 200 with something else than the Bot API's JSON, as a proxy may send.
            outcome = InDoubt(error.message)
    return outcome


def _seconds(duration: float | timedelta) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def _judge_bad_request(message: str) -> Outcome:
    if "message is not modified" in message:
        return Taken(None)
    if "can't parse" in message:
        return Unparsable(message)
    return ChatGone(message) if _GONE.search(message) else Refused(message)


def _judge_network_error(error: NetworkError) -> Outcome:
    cause = error.__cause__
    if isinstance(cause, _NOT_SENT):
        return NotTaken(error.message)
    if isinstance(cause, httpx.HTTPError) or isinstance(error, TimedOut):
        return InDoubt(error.message)
    if "(413)" in error.message or "Too Large" in error.message:
        return Refused(error.message)
    # An HTTP answer with status 5xx: Telegram says that it did not do it.
    return NotTaken(error.message)
