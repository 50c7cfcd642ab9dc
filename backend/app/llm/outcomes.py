"""The outcomes of a call to the model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The values of `llm_calls.outcome`; the first ones occur before anything is sent."""

    NO_KEY = "no_key"
    OVER_BUDGET = "over_budget"
    OVER_SHARE = "over_share"  # the questions' part of the budget, or one person's part, is spent
    IN_USE = "in_use"  # calls in flight have reserved the rest of the budget and do not end
    BUSY = "busy"  # the server's limit of concurrent calls is reached
    # Set before the call; a row that keeps it belongs to a process that was killed.
    RESERVED = "reserved"
    ABANDONED = "abandoned"
    ANSWERED = "answered"
    REFUSED = "refused"  # by the model or by a content filter
    CUT_OFF = "cut_off"  # the answer exceeded its token limit
    NONSENSE = "nonsense"  # not the requested JSON
    TOO_LONG = "too_long"  # the prompt exceeds the server's limit even after shortening
    REJECTED = "rejected"  # the server does not accept this request
    MISCONFIGURED = "misconfigured"  # the key, the model's name or the address is wrong
    NO_QUOTA = "no_quota"  # the account has no credit left
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `cached` are the prompt's tokens that the server had cached."""

    prompt: int
    completion: int
    cached: int = 0


# Every other call fails in the same way until somebody changes the account or the settings.
OF_THE_ACCOUNT = frozenset({Outcome.MISCONFIGURED, Outcome.NO_QUOTA})
# A temporary trouble of the server.
OF_THE_SERVER = frozenset({Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.TIMEOUT})
# Another request may succeed.
OF_THE_REQUEST = frozenset({Outcome.TOO_LONG})
# Nothing was generated, so nothing is charged. A call that timed out may have been.
FREE = frozenset({Outcome.TOO_LONG, Outcome.REJECTED, Outcome.MISCONFIGURED, Outcome.NO_QUOTA,
                  Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE})  # fmt: skip
NOTHING = Usage(0, 0)


class ModelError(Exception):
    """A call without an answer; `outcome` classifies the reason, the message describes it."""

    def __init__(
        self, outcome: Outcome, detail: str, usage: Usage | None = None, retry_after: float = 0.0
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.usage = usage
        self.retry_after = retry_after  # the pause that the server asks for
