"""The SQL of `llm_calls`: the ledger, from which budgets are computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection
from app.database.locks import Lock
from app.llm.outcomes import Outcome, Usage

# The purpose of readers' questions; all other calls are for every reader.
QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Part:
    """US dollars of a day or a month, including reservations."""

    total: Decimal
    questions: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """The amounts spent since midnight and since the first of the month, both in UTC.

    `in_flight` is reserved for calls that have not ended; `payer` is the amount that one person has
    used today.
    """

    day: Part
    month: Part
    in_flight: Decimal
    questions_in_flight: Decimal
    payer: Decimal


async def spent(connection: Connection, payer: str | None = None) -> Spent:
    row: Any = await connection.fetchrow(
        """
        WITH calls AS (
          SELECT cost_usd AS cost, at >= date_trunc('day', now(), 'UTC') AS today,
                 purpose = $2 AS question, outcome = $3 AS flies, payer
          FROM llm_calls WHERE at >= date_trunc('month', now(), 'UTC'))
        SELECT coalesce(sum(cost) FILTER (WHERE today), 0),
               coalesce(sum(cost) FILTER (WHERE today AND question), 0),
               coalesce(sum(cost), 0),
               coalesce(sum(cost) FILTER (WHERE question), 0),
               coalesce(sum(cost) FILTER (WHERE flies), 0),
               coalesce(sum(cost) FILTER (WHERE flies AND question), 0),
               coalesce(sum(cost) FILTER (WHERE today AND payer = $1), 0)
        FROM calls
        """,
        payer,
        QUESTION,
        Outcome.RESERVED,
    )
    day, of_day, month, of_month, *rest = row
    return Spent(Part(day, of_day), Part(month, of_month), *rest)


async def lock_budget(connection: Connection) -> None:
    """Block other reservations until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.BUDGET.value)


async def reserve(
    connection: Connection,
    *,
    purpose: str,
    story_id: int | None,
    payer: str | None,
    model: str,
    cost: Decimal,
    expected: Decimal,
) -> int:
    """Insert a call at its highest possible cost. Returns the row's id."""
    call_id: int = await connection.fetchval(
        """
        INSERT INTO llm_calls (purpose, story_id, payer, model, cost_usd, expected_usd)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
        """,
        purpose,
        story_id,
        payer,
        model,
        cost,
        expected,
    )
    return call_id


async def mark_abandoned(connection: Connection, age: timedelta) -> None:
    """Settle the rows of killed processes at the expected cost: the calls may have been charged."""
    await connection.execute(
        """
        UPDATE llm_calls SET outcome = $2, cost_usd = coalesce(expected_usd, cost_usd)
        WHERE outcome = $3 AND at BETWEEN now() - interval '2 days' AND now() - $1::interval
        """,
        age,
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
) -> Decimal:
    """Record the end of a call. Returns its cost, which is the expected one if `cost` is None."""
    settled: Decimal = await connection.fetchval(
        """
        UPDATE llm_calls
        SET outcome = $2, prompt_tokens = $3, completion_tokens = $4,
            cost_usd = coalesce($5, expected_usd, cost_usd), latency_ms = $6
        WHERE id = $1
        RETURNING cost_usd
        """,
        call_id,
        outcome,
        usage.prompt if usage else 0,
        usage.completion if usage else 0,
        cost,
        latency_ms,
    )
    return settled


async def forget_calls(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old calls from the ledger. Returns the number of deleted rows."""
    return await delete_older(connection, "llm_calls", "at", age, limit)
