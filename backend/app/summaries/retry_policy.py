"""What happens when a text could not be written: the reason, and when it is tried again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from app.database.connection import OUTAGES, Connection, Pool
from app.llm.budget import renewal
from app.llm.outcomes import OF_THE_ACCOUNT, OF_THE_SERVER, ModelError, Outcome

log = logging.getLogger(__name__)

ACCOUNT_WAIT = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=2)
MAX_WAIT = timedelta(hours=2)
# The most unusable answers of the model to the same prompt.
MAX_ATTEMPTS = 3

Job = TypeVar("Job")
# Records the reason of a failure and the time of the next attempt; None: there is none.
GiveBack = Callable[[Connection, Job, str, datetime | None], Awaitable[None]]

_NO_ANSWER = {*OF_THE_SERVER, Outcome.RATE_LIMITED, Outcome.IN_USE, Outcome.BUSY}


class UnusableError(Exception):
    """The model's answer cannot be shown to readers; `reason` has the cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reason_of(error: ModelError | UnusableError) -> str:
    """The reason as the tables have it."""
    return str(error.outcome) if isinstance(error, ModelError) else error.reason


@asynccontextmanager
async def given_back_on_failure(
    pool: Pool, give_back: GiveBack[Job], job: Job, attempts: int, task: str
) -> AsyncIterator[None]:
    """Give a claimed job back if the body fails, so that one failure does not affect other jobs.

    `attempts` includes this one. `task` is what the log says cannot be done.

    Raises:
        OUTAGES: PostgreSQL does not answer. The job stays claimed until its lease ends.
    """
    try:
        yield
    except OUTAGES:
        raise
    except (ModelError, UnusableError) as error:
        reason = reason_of(error)
    except Exception:
        log.exception("Cannot %s", task)
        reason = "error"
    else:
        return
    due_at = next_attempt_at(reason, attempts, datetime.now(UTC))
    async with pool.acquire() as connection:
        await give_back(connection, job, reason, due_at)


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
