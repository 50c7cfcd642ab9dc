"""When what could not be made, or only as an excerpt, is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.llm.budget import renewal
from app.llm.outcomes import OF_THE_ACCOUNT, OF_THE_SERVER, Outcome

ACCOUNT_WAIT = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=2)
# How often the model may answer something unusable to the same question.
MOST_ATTEMPTS = 3


class UnusableError(Exception):
    """The model answered, but not with what readers may be shown; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def due_again(reason: str, attempts: int, now: datetime) -> datetime | None:
    """The time of the next attempt; None: what is there stays.

    `reason` is an `Outcome` or that of an `UnusableError`; `attempts` counts the one that failed.
    """
    if reason == Outcome.NO_KEY:
        return None
    if reason == Outcome.OVER_BUDGET:
        return renewal(now)
    if reason in OF_THE_ACCOUNT:
        return now + ACCOUNT_WAIT
    if reason not in {*OF_THE_SERVER, Outcome.RATE_LIMITED} and attempts >= MOST_ATTEMPTS:
        return None
    wait: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 10)
    return now + min(wait, LONGEST_WAIT)
