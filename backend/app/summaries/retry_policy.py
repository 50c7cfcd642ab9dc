"""When a failed or extractive result is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.llm.budget import renewal
from app.llm.outcomes import OF_THE_ACCOUNT, OF_THE_SERVER, Outcome

ACCOUNT_WAIT = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=2)
MAX_WAIT = timedelta(hours=2)
# The most unusable answers of the model to the same prompt.
MAX_ATTEMPTS = 3

_NO_ANSWER = {*OF_THE_SERVER, Outcome.RATE_LIMITED, Outcome.IN_USE, Outcome.BUSY}


class UnusableError(Exception):
    """The model's answer cannot be shown to readers; `reason` has the cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def next_attempt_at(reason: str, attempts: int, now: datetime) -> datetime | None:
    """The time of the next attempt; None: the current result is final.

    `reason` is an `Outcome` or that of an `UnusableError`; `attempts` includes the failed one.
    """
    if reason == Outcome.NO_KEY:
        return None
    if reason == Outcome.OVER_BUDGET:
        return renewal(now)
    if reason in OF_THE_ACCOUNT:
        return now + ACCOUNT_WAIT
    if reason not in _NO_ANSWER and attempts >= MAX_ATTEMPTS:
        return None
    wait: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 10)
    return now + min(wait, MAX_WAIT)
