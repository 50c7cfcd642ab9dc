"""The SQL of `llm_calls`: the ledger that budgets are kept by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection
from app.database.locks import Lock
from app.llm.outcomes import Outcome, Usage

# Long after any call has ended.
ABANDONED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars since midnight and since the month's first, both UTC, reservations included."""

    day: Decimal
    month: Decimal


async def spent(connection: Connection) -> Spent:
    row: Any = await connection.fetchrow(
        """
        SELECT coalesce(sum(cost_usd) FILTER (WHERE at >= date_trunc('day', now(), 'UTC')), 0)
                 AS day,
               coalesce(sum(cost_usd), 0) AS month
        FROM llm_calls WHERE at >= date_trunc('month', now(), 'UTC')
        """
    )
    return Spent(row["day"], row["month"])


async def lock_budget(connection: Connection) -> None:
    """Let nobody else reserve until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.BUDGET.value)


async def reserve(
    connection: Connection, *, purpose: str, story_id: int | None, model: str, cost: Decimal
) -> int:
    """Put down a call at the most that it can cost. Returns the row's id."""
    call_id: int = await connection.fetchval(
        """
        INSERT INTO llm_calls (purpose, story_id, model, cost_usd) VALUES ($1, $2, $3, $4)
        RETURNING id
        """,
        purpose,
        story_id,
        model,
        cost,
    )
    return call_id


async def mark_abandoned(connection: Connection) -> None:
    """Close the rows of killed processes. Their cost stays: the calls may have been charged."""
    await connection.execute(
        """
        UPDATE llm_calls SET outcome = $2
        WHERE outcome = $3 AND at BETWEEN now() - interval '2 days' AND now() - $1::interval
        """,
        ABANDONED_AFTER,
        Outcome.ABANDONED,
        Outcome.RESERVED,
    )


async def settle(
    connection: Connection,
    call_id: int,
    *,
    outcome: Outcome,
    usage: Usage | None,
    cost: Decimal | None,
    latency_ms: int,
) -> None:
    """Write down how a call ended; without a `cost` the reserved one stays."""
    await connection.execute(
        """
        UPDATE llm_calls
        SET outcome = $2, prompt_tokens = $3, completion_tokens = $4,
            cost_usd = coalesce($5, cost_usd), latency_ms = $6
        WHERE id = $1
        """,
        call_id,
        outcome,
        usage.prompt if usage else 0,
        usage.completion if usage else 0,
        cost,
        latency_ms,
    )


async def forget_calls(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete calls from the ledger. Returns how many."""
    return await delete_older(connection, "llm_calls", "id", "at", age, limit)
