"""Calls of the Bot API, with every way they can end told apart.

python-telegram-bot makes the calls and names the errors. What matters here, and what its exceptions
alone do not say, is whether a message that failed may have been delivered all the same.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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
)
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from app.telegram.first_poll import ALLOWED_UPDATES, RawUpdate
from app.telegram.request import AiohttpRequest, NotSentError, UnansweredError, UnreadableError

# The outbox holds methods and parameters as the Bot API names them, so the generic call is the
# right one.
warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)
# Both of its types are understood here.
warnings.filterwarnings("ignore", ".*attribute `retry_after`", PTBDeprecationWarning)

log = logging.getLogger(__name__)

POLL_SECONDS = 25
POLL_MARGIN_SECONDS = 10.0
MOST_UPDATES = 100
# For a 429 that does not say it.
DEFAULT_RETRY_AFTER = 3.0
_RETRY_AFTER = re.compile(r"retry after (\d+)", re.IGNORECASE)
ANSWER_SECONDS = 20.0
CONNECT_SECONDS = 5.0

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

    retry_after: float | None = None  # seconds, when Telegram itself says how long to wait
    payload = ""  # the answer, where it is not one of the Bot API


class PollConflictError(PollError):
    """Another process polls with this token."""


class WebhookActiveError(PollError):
    """Telegram sends the updates to an address instead; see `BotApi.delete_webhook`."""


class TokenRejectedError(PollError):
    """Telegram does not know the token."""


class UnreadableUpdatesError(PollError):
    """The answer could not be read; `payload` is its text."""


class BotApi:
    """One bot's calls to one Bot API server."""

    def __init__(self, token: str, api_url: str, *, connections: int = 64) -> None:
        self._calls = AiohttpRequest(
            api_url,
            connections=connections,
            connect_seconds=CONNECT_SECONDS,
            answer_seconds=ANSWER_SECONDS,
        )
        self._polls = AiohttpRequest(
            api_url,
            connections=1,
            connect_seconds=CONNECT_SECONDS,
            answer_seconds=POLL_SECONDS + POLL_MARGIN_SECONDS,
        )
        self._bot = telegram.Bot(
            token,
            base_url=f"{api_url}/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )

    async def close(self) -> None:
        await self._calls.shutdown()
        await self._polls.shutdown()

    async def get_updates(
        self, offset: int | None, limit: int = MOST_UPDATES, seconds: int = POLL_SECONDS
    ) -> list[RawUpdate]:
        """Wait for updates at most `seconds`; giving `offset` confirms every update below it.

        Raises:
            PollError: or one of its kinds.
        """
        parameters: dict[str, Any] = {
            "timeout": seconds,
            "limit": limit,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if offset is not None:
            parameters["offset"] = offset
        try:
            updates = await self._bot.do_api_request("getUpdates", api_kwargs=parameters)
        except TelegramError as error:
            raise _poll_error(error) from error
        except (KeyError, AttributeError) as error:
            raise PollError("an answer without a result") from error
        if not isinstance(updates, list):
            raise PollError("an answer without a list of updates")
        return updates

    async def delete_webhook(self) -> Outcome:
        """Have updates wait for polls again; those that wait already stay."""
        return await self.call("deleteWebhook", {"drop_pending_updates": False})

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
        except (KeyError, AttributeError):
            return InDoubt("an answer without a result")
        except Exception as error:
            # Whatever it is: a message whose end is not written down would hold its chat up.
            log.exception("%s ended in an unforeseen way", method)
            return InDoubt(repr(error))
        return Taken(result.get("message_id") if isinstance(result, dict) else None)


def _poll_error(error: TelegramError) -> PollError:
    found: PollError
    if isinstance(error.__cause__, UnreadableError):
        return PollError(_first_words(error))
    match error:
        case Conflict() if "webhook" in error.message:
            found = WebhookActiveError(error.message)
        case Conflict():
            found = PollConflictError(error.message)
        case InvalidToken():
            found = TokenRejectedError(
                f"{error.message}: TELEGRAM_BOT_TOKEN is wrong or was revoked; @BotFather gives it"
            )
        case UnreadableError(payload=payload):
            found = UnreadableUpdatesError(error.message)
            found.payload = payload.decode("utf-8", "replace")
        case _:
            found = PollError(error.message)
            if isinstance(outcome := _judge(error), TooMany):
                found.retry_after = outcome.retry_after
    return found


def _with_files(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A document is kept in the outbox as its name and text; the upload wants an `InputFile`."""
    document = parameters.get("document")
    if not isinstance(document, dict):
        return dict(parameters)
    file = telegram.InputFile(document["text"].encode(), filename=document["filename"])
    return {**parameters, "document": file}


def _judge(error: TelegramError) -> Outcome:
    if isinstance(error.__cause__, UnreadableError):
        # A status from something between Telegram and here, which knows nothing of the chat.
        return _judge_status(_first_words(error))
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
        case NotSentError() | InvalidToken() | Conflict():
            outcome = NotTaken(error.message)
        case UnansweredError() | UnreadableError():
            outcome = InDoubt(error.message)
        case NetworkError():
            outcome = _judge_status(error.message)
        case _:
            outcome = InDoubt(error.message)
    return outcome


def _first_words(error: TelegramError) -> str:
    """Of a message that may hold a whole page of HTML."""
    return error.message.partition(". Parsing the server response")[0]


def _seconds(duration: float | timedelta) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def _judge_bad_request(message: str) -> Outcome:
    # The library turns the first letter into a capital one.
    if "message is not modified" in message.lower():
        return Taken(None)
    if "can't parse" in message.lower():
        return Unparsable(message)
    return ChatGone(message) if _GONE.search(message) else Refused(message)


def _judge_status(message: str) -> Outcome:
    """An HTTP status without an error class of its own; the message names it, or describes it."""
    if "Too Many Requests" in message:
        seconds = _RETRY_AFTER.search(message)
        return TooMany(float(seconds[1]) if seconds else DEFAULT_RETRY_AFTER)
    if "(413)" in message or "Too Large" in message:
        return Refused(message)
    if "(504)" in message or "Gateway Time" in message:
        return InDoubt(message)  # who waited in vain had passed the request on
    # Any other 5xx: Telegram, or a proxy before it, says that it was not done.
    return NotTaken(message)
