"""How a call to the model can end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What `llm_calls.outcome` says; the first two ends happen before anything is sent."""

    NO_KEY = "no_key"
    OVER_BUDGET = "over_budget"
    # Reserved before the call; still so long after it, the process was killed meanwhile.
    RESERVED = "reserved"
    ABANDONED = "abandoned"
    ANSWERED = "answered"
    REFUSED = "refused"  # by the model or by a content filter
    CUT_OFF = "cut_off"  # the answer was longer than it may be
    NONSENSE = "nonsense"  # not the JSON that was asked for
    REJECTED = "rejected"  # the server does not take this request
    MISCONFIGURED = "misconfigured"  # the key, the model's name or the address is wrong
    NO_QUOTA = "no_quota"  # nothing left on the account
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"


# Every other call fails in the same way until a person has done something.
OF_THE_ACCOUNT = frozenset({Outcome.MISCONFIGURED, Outcome.NO_QUOTA})
# The server has trouble, which passes.
OF_THE_SERVER = frozenset({Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.TIMEOUT})
# Nothing was generated, so nothing is charged. A call that timed out may have been.
FREE = frozenset({Outcome.REJECTED, Outcome.MISCONFIGURED, Outcome.NO_QUOTA,
                  Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `cached` are those of the prompt that the server had seen before."""

    prompt: int
    completion: int
    cached: int = 0


class ModelError(Exception):
    """There is no answer; `outcome` says why, the message says more."""

    def __init__(self, outcome: Outcome, detail: str, usage: Usage | None = None) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.usage = usage
