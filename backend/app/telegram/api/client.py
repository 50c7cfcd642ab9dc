"""Calls the Bot API and classifies the outcomes.

python-telegram-bot makes the calls and names the errors. Its exceptions alone do not tell whether a
message that failed may have been delivered nevertheless; the outcomes here do.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
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

from app.telegram.api.documents import with_document
from app.telegram.api.fence import NotSentError, TooLateError, start_before
from app.telegram.api.outcomes import (
    Accepted,
    CallOutcome,
    ChatGone,
    ChatRefuses,
    InDoubt,
    Migrated,
    NotAccepted,
    PollConflictError,
    PollError,
    Refused,
    TokenRejectedError,
    TooManyRequests,
    Unparsable,
    UnreadableUpdatesError,
    WebhookActiveError,
)
from app.telegram.api.refusals import Refusal, classify_refusal
from app.telegram.api.requests import (
    AiohttpRequest,
    MalformedAnswerError,
    UnansweredError,
)
from app.telegram.api.updates import ALLOWED_UPDATES, RawUpdate

# The outbox stores methods and parameters under the Bot API's names, so the generic call is right.
warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)
# Both of its types are handled here.
warnings.filterwarnings("ignore", ".*attribute `retry_after`", PTBDeprecationWarning)

log = logging.getLogger(__name__)

POLL_SECONDS = 25
POLL_MARGIN_SECONDS = 10.0
MAX_UPDATES = 100
# For a 429 without a duration.
DEFAULT_RETRY_AFTER = 3.0
_RETRY_AFTER = re.compile(r"retry after (\d+)", re.IGNORECASE)
ANSWER_SECONDS = 20.0
CONNECT_SECONDS = 5.0


class BotApi:
    """One bot's calls to one Bot API server; files to be sent are in the folder `documents`."""

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        connections: int = 64,
        documents: Path | None = None,
    ) -> None:
        self._documents = documents
        self._usual = AiohttpRequest.DEFAULT_NONE
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
        self, offset: int | None, limit: int = MAX_UPDATES, seconds: int = POLL_SECONDS
    ) -> list[RawUpdate]:
        """Wait for updates at most `seconds`; giving `offset` confirms every update below it.

        Raises:
            PollError: or one of its subclasses.
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

    async def delete_webhook(self) -> CallOutcome:
        """Make updates available to polls again; pending ones are kept."""
        return await self.call("deleteWebhook", {"drop_pending_updates": False})

    async def ask(self, method: str, **parameters: Any) -> Any:
        """The result of a method that changes nothing or may be repeated.

        Raises:
            TelegramError: the call failed.
        """
        return await self._bot.do_api_request(method, api_kwargs=parameters)

    async def call(
        self, method: str, parameters: Mapping[str, Any], *, leave_before: float | None = None
    ) -> CallOutcome:
        """Make one call and return its outcome; errors of Telegram or the network are not raised.
        The call does not begin after `leave_before`, on the clock of `app.telegram.api.fence`.
        """
        with ExitStack() as opened:
            try:
                given, upload_seconds = opened.enter_context(
                    with_document(parameters, self._documents)
                )
            except Exception as error:
                log.exception("The parameters of a %s cannot be sent", method)
                return Refused(repr(error))
            opened.enter_context(start_before(leave_before))
            seconds = ANSWER_SECONDS + upload_seconds if upload_seconds else self._usual
            return await self._call(method, given, seconds)

    async def _call(
        self, method: str, parameters: dict[str, Any], read_timeout: Any
    ) -> CallOutcome:
        try:
            result = await self._bot.do_api_request(
                method, api_kwargs=parameters, read_timeout=read_timeout
            )
        except TelegramError as error:
            return _judge(error)
        except (KeyError, AttributeError):
            return InDoubt("an answer without a result")
        except Exception as error:
            # Any exception: a message without a recorded outcome would block its chat.
            log.exception("%s failed with an unexpected error", method)
            return InDoubt(repr(error))
        return Accepted(_message_id(result))


def _message_id(result: Any) -> int | None:
    """The id of the message that a call made or changed; 0: Telegram will send the message
    later.
    """
    found = result.get("message_id") if isinstance(result, dict) else None
    return found if isinstance(found, int) and 0 < found < 2**63 else None


def _poll_error(error: TelegramError) -> PollError:
    found: PollError
    if isinstance(error.__cause__, MalformedAnswerError):
        return PollError(_first_words(error))
    match error:
        case Conflict() if "webhook" in error.message:
            found = WebhookActiveError(error.message)
        case Conflict():
            found = PollConflictError(error.message)
        case InvalidToken():
            found = TokenRejectedError(
                f"{error.message}: TELEGRAM_BOT_TOKEN is wrong or was revoked; ask @BotFather"
            )
        case MalformedAnswerError(payload=payload):
            found = UnreadableUpdatesError(error.message)
            found.payload = payload.decode("utf-8", "replace")
        case _:
            found = PollError(error.message)
            if isinstance(outcome := _judge(error), TooManyRequests):
                found.retry_after = outcome.retry_after
    return found


def _judge(error: TelegramError) -> CallOutcome:
    if isinstance(error.__cause__, MalformedAnswerError):
        # The response came from a server in between, which knows nothing about the chat.
        return _judge_status(_first_words(error))
    outcome: CallOutcome
    match error:
        case RetryAfter():
            outcome = TooManyRequests(_seconds(error.retry_after))
        case ChatMigrated():
            outcome = Migrated(error.new_chat_id)
        case Forbidden():
            outcome = _judge_refusal(error.message, forbidden=True)
        case BadRequest():
            outcome = _judge_bad_request(error.message)
        case TooLateError():
            outcome = NotAccepted(error.message, ours=True)
        case InvalidToken() if "method not found" in str(error.__cause__ or error).lower():
            outcome = Refused(str(error.__cause__ or error))  # the server is older than the method
        case NotSentError() | InvalidToken() | Conflict():
            outcome = NotAccepted(error.message)
        case UnansweredError() | MalformedAnswerError():
            outcome = InDoubt(error.message)
        case NetworkError():
            outcome = _judge_status(error.message)
        case _:
            outcome = InDoubt(error.message)
    return outcome


def _first_words(error: TelegramError) -> str:
    """The beginning of a message that may contain a whole HTML page."""
    return error.message.partition(". Parsing the server response")[0]


def _seconds(duration: float | timedelta) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def _judge_bad_request(message: str) -> CallOutcome:
    # The library capitalises the first letter.
    if "message is not modified" in message.lower():
        return Accepted(None)
    if "can't parse" in message.lower():
        return Unparsable(message)
    return _judge_refusal(message, forbidden=False)


def _judge_refusal(message: str, *, forbidden: bool) -> CallOutcome:
    match classify_refusal(message, forbidden=forbidden):
        case Refusal.GONE:
            return ChatGone(message)
        case Refusal.CHAT:
            return ChatRefuses(message)
        case Refusal.CALL:
            return Refused(message)


def _judge_status(message: str) -> CallOutcome:
    """An HTTP status without an error class; the message names or describes it."""
    if "Too Many Requests" in message:
        seconds = _RETRY_AFTER.search(message)
        return TooManyRequests(float(seconds[1]) if seconds else DEFAULT_RETRY_AFTER)
    if "(413)" in message or "Too Large" in message:
        return Refused(message)
    return InDoubt(message)  # a server in between may have forwarded the request
