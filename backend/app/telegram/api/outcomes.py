"""The outcomes of calls of the Bot API."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """Telegram accepted the call; `message_id` is set if it made or changed a message."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never accept this call."""

    error: str


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Telegram could not parse the text's entities; without them the message may be accepted."""

    error: str


@dataclass(frozen=True, slots=True)
class ChatGone:
    """The chat cannot be reached any more: blocked, kicked, deactivated or unknown."""

    error: str


@dataclass(frozen=True, slots=True)
class ChatRefuses:
    """The chat accepts no message for now, for example a group in which the bot may not write."""

    error: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group is now a supergroup with another id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class TooManyRequests:
    """Not accepted for now; try again after this many seconds."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Not accepted, for a reason outside the message: no connection, or a failure of Telegram.

    `ours`: the call was not made, because this process was suspended.
    """

    error: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The request left and no answer came: Telegram may have accepted it."""

    error: str


CallOutcome = (
    Accepted
    | Refused
    | Unparsable
    | ChatRefuses
    | ChatGone
    | Migrated
    | TooManyRequests
    | NotAccepted
    | InDoubt
)


class PollError(Exception):
    """A `getUpdates` failed; the message has the reason and, if a person can help, what to do."""

    retry_after: float | None = None  # seconds, if Telegram says how long to wait
    payload = ""  # the response, if it is not one of the Bot API


class PollConflictError(PollError):
    """Another process polls with this token."""


class WebhookActiveError(PollError):
    """Telegram sends the updates to a webhook; see `BotApi.delete_webhook`."""


class TokenRejectedError(PollError):
    """Telegram rejects the token."""


class UnreadableUpdatesError(PollError):
    """The response could not be parsed; `payload` is its text."""
