"""Money is put down before a call and settled after it, so that a budget holds whatever happens.

Any number of processes share the budgets. A call counts at the most that it can cost until it has
ended; one whose process was killed goes on counting so, because it may have been charged.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.database.connection import Pool
from app.llm import store
from app.llm.outcomes import FREE, ModelError, Outcome, Usage
from app.llm.prices import price_of
from app.settings import Settings


class Budget:
    """The daily and the monthly budget; days and months are UTC's."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._model = settings.openai_model
        self._daily = settings.llm_daily_budget_usd
        self._monthly = settings.llm_monthly_budget_usd
        self.price, self.price_is_known = price_of(settings)

    async def reserve(self, purpose: str, story_id: int | None, most: Usage) -> int:
        """Put down a call that takes at most so many tokens. Returns the row's id.

        Raises:
            ModelError: `OVER_BUDGET` when it might not be paid for.
        """
        cost = self.price.of(most)
        async with self._pool.acquire() as connection, connection.transaction():
            await store.lock_budget(connection)
            await store.mark_abandoned(connection)
            spent = await store.spent(connection)
            if spent.month + cost > self._monthly:
                raise ModelError(
                    Outcome.OVER_BUDGET,
                    f"this month's budget of ${self._monthly} (LLM_MONTHLY_BUDGET_USD) is spent",
                )
            if spent.day + cost > self._daily:
                raise ModelError(
                    Outcome.OVER_BUDGET,
                    f"today's budget of ${self._daily} (LLM_DAILY_BUDGET_USD) is spent",
                )
            return await store.reserve(
                connection, purpose=purpose, story_id=story_id, model=self._model, cost=cost
            )

    async def settle(
        self, call_id: int, outcome: Outcome, usage: Usage | None, latency: timedelta
    ) -> Decimal | None:
        """Write down how a call ended. Returns its cost, None when only its most is known."""
        cost = None
        if usage is not None:
            cost = self.price.of(usage)
        elif outcome in FREE:
            cost = Decimal(0)
        async with self._pool.acquire() as connection:
            await store.settle(
                connection,
                call_id,
                outcome=outcome,
                usage=usage,
                cost=cost,
                latency_ms=round(latency / timedelta(milliseconds=1)),
            )
        return cost


def renewal(now: datetime) -> datetime:
    """When a spent budget is worth trying again: the next midnight, UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
