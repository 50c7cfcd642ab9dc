"""The budgets: an amount is reserved before each call and replaced by the cost after it.

Any number of processes share the budgets. Until a call has ended, its highest possible cost counts.
A call that fits only once other calls have ended waits for them. A call whose cost stays unknown,
because it timed out or its process was killed, is settled at its expected cost: its prompt and an
answer of the requested length.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.concurrency import Signal
from app.database.connection import Pool
from app.llm import store
from app.llm.outcomes import FREE, ModelError, Outcome, Usage
from app.llm.prices import price_of
from app.llm.servers import server_of
from app.llm.store import QUESTION, Spent
from app.settings import Settings

# One person may use this fraction of the questions' part.
PERSON_DIVISOR = 4
# After a call's deadline plus this time, its process counts as killed.
ABANDONED_PAST_DEADLINE = timedelta(minutes=1)
# Other processes do not announce the end of their calls.
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tokens of a call that has not been made: the highest possible and the likely number."""

    most: Usage
    expected: Usage


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in US dollars, and the amount spent, which includes calls in flight."""

    spent: Decimal
    in_flight: Decimal
    limit: Decimal
    outcome: Outcome
    words: str

    def has_room(self, cost: Decimal) -> bool:
        return self.spent + cost <= self.limit

    def may_have_room(self, cost: Decimal) -> bool:
        """Whether there would be room if all calls in flight cost nothing."""
        return self.spent - self.in_flight + cost <= self.limit


class Budget:
    """The daily and the monthly budget, and the part of both that questions may use. Days and
    months are in UTC.
    """

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._model = settings.openai_model
        self._daily = settings.llm_daily_budget_usd
        self._monthly = settings.llm_monthly_budget_usd
        self._questions = Decimal(settings.llm_questions_percent) / 100
        self._part_of_a_person = self._daily * self._questions / PERSON_DIVISOR
        self._deadline = server_of(settings).deadline
        self._settled = Signal()
        self.price, self.price_is_known = price_of(settings)

    @property
    def max_wait(self) -> timedelta:
        """The longest time that a call waits for others."""
        return self._deadline

    async def reserve(
        self, purpose: str, story_id: int | None, payer: str | None, estimate: Estimate
    ) -> int:
        """Reserve the highest possible cost of a call, as soon as there is room for it.

        Returns:
            The id of the call's row.

        Raises:
            ModelError: `OVER_BUDGET`, `OVER_SHARE`, or `IN_USE` if other calls do not end in time.
        """
        give_up_at = time.monotonic() + self.max_wait.total_seconds()
        seen = self._settled.count
        while (call_id := await self._try_to_reserve(purpose, story_id, payer, estimate)) is None:
            if time.monotonic() > give_up_at:
                raise ModelError(Outcome.IN_USE, "other calls have reserved what is left")
            await self._settled.wait(seen, LOOK_SECONDS)
            seen = self._settled.count
        return call_id

    async def settle(
        self, call_id: int, outcome: Outcome, usage: Usage | None, latency: timedelta
    ) -> Decimal:
        """Record the end of a call. Returns its cost, or the expected cost if it is unknown."""
        cost = None
        if usage is not None:
            cost = self.price.of(usage)
        elif outcome in FREE:
            cost = Decimal(0)
        async with self._pool.acquire() as connection:
            settled = await store.settle(
                connection,
                call_id,
                outcome=outcome,
                usage=usage,
                cost=cost,
                latency_ms=round(latency / timedelta(milliseconds=1)),
            )
        self._settled.set()
        return settled

    async def _try_to_reserve(
        self, purpose: str, story_id: int | None, payer: str | None, estimate: Estimate
    ) -> int | None:
        """None: there may be room once the calls in flight have ended."""
        cost = self.price.of(estimate.most)
        async with self._pool.acquire() as connection, connection.transaction():
            await store.lock_budget(connection)
            await store.mark_abandoned(connection, self._deadline + ABANDONED_PAST_DEADLINE)
            spent = await store.spent(connection, payer)
            # The last question may exceed it: with an expensive model one question may cost the
            # whole part.
            if 0 < spent.payer >= self._part_of_a_person:
                raise ModelError(Outcome.OVER_SHARE, "one person's part of the budget is spent")
            limits = list(self._limits(spent, purpose))
            for limit in limits:
                if not limit.may_have_room(cost):
                    raise ModelError(limit.outcome, _why(limit, cost))
            if not all(limit.has_room(cost) for limit in limits):
                return None
            return await store.reserve(
                connection,
                purpose=purpose,
                story_id=story_id,
                payer=payer,
                model=self._model,
                cost=cost,
                expected=self.price.of(estimate.expected),
            )

    def _limits(self, spent: Spent, purpose: str) -> Iterator[Limit]:
        over, share = Outcome.OVER_BUDGET, Outcome.OVER_SHARE
        for of, amount, variable in (
            (spent.month, self._monthly, "this month's budget of ${} (LLM_MONTHLY_BUDGET_USD)"),
            (spent.day, self._daily, "today's budget of ${} (LLM_DAILY_BUDGET_USD)"),
        ):
            yield Limit(of.total, spent.in_flight, amount, over, variable.format(amount))
            if purpose == QUESTION:
                part = amount * self._questions
                words = f"the questions' part of {variable.format(amount)}"
                yield Limit(of.questions, spent.questions_in_flight, part, share, words)


def _why(limit: Limit, cost: Decimal) -> str:
    if limit.limit > 0 and cost > limit.limit:
        return f"one call may cost ${cost:.4f}, more than {limit.words}"
    return f"{limit.words} is spent"


def renewal(now: datetime) -> datetime:
    """When a spent budget is renewed: the next midnight, UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
