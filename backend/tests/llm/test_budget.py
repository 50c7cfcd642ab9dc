"""The budgets hold: before the call, across processes, and when one is killed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from rehearsal.outside import llm
from rehearsal.processes import start_python

from app.database.connection import Pool
from app.llm.budget import renewal
from app.llm.outcomes import ModelError, Outcome
from app.llm.prices import PRICES, UNKNOWN, price_of
from app.settings import Settings
from tests.llm.conftest import Make
from tests.llm.test_model import ask, calls, operator_heard


@pytest.mark.parametrize("period", ["daily", "monthly"])
async def test_a_spent_budget_ends_the_calls_and_is_told_once(
    make_model: Make, simulated: llm.Model, database: Pool, period: str
) -> None:
    model = make_model(**{f"llm_{period}_budget_usd": Decimal("0.01")})
    with pytest.raises(ModelError) as failure:
        for _ in range(1000):
            await ask(model)
    assert failure.value.outcome is Outcome.OVER_BUDGET
    with pytest.raises(ModelError):
        await ask(model)
    assert len(simulated.requests) == len(await calls(database)) > 3
    assert await database.fetchval("SELECT sum(cost_usd) FROM llm_calls") <= Decimal("0.01")
    (told,) = await operator_heard(database)
    assert f"LLM_{period.upper()}_BUDGET_USD" in told


async def test_money_of_other_days_and_months_is_not_counted(
    make_model: Make, database: Pool
) -> None:
    model = make_model(llm_daily_budget_usd=Decimal(1), llm_monthly_budget_usd=Decimal(20))
    await database.execute(
        """
        INSERT INTO llm_calls (at, purpose, model, cost_usd, outcome) VALUES
          (date_trunc('month', now(), 'UTC') - interval '1 second', 'summary', 'm', 50, 'answered')
        """
    )
    await ask(model)
    await database.execute("UPDATE llm_calls SET at = date_trunc('day', now(), 'UTC')")
    with pytest.raises(ModelError):
        await ask(model)


async def test_calls_at_once_cannot_overspend_together(
    make_model: Make, simulated: llm.Model, database: Pool
) -> None:
    # What is not answered stays reserved, so that what was reserved together can be seen.
    simulated.behaviour = "hang"
    budget = Decimal("0.03")
    models = [make_model(0.3, llm_daily_budget_usd=budget) for _ in range(4)]
    ended = await asyncio.gather(
        *(ask(model) for model in models for _ in range(5)), return_exceptions=True
    )
    outcomes = [one.outcome for one in ended if isinstance(one, ModelError)]
    assert len(outcomes) == 20
    assert outcomes.count(Outcome.OVER_BUDGET) >= 10
    reserved = await calls(database)
    assert len(reserved) > 2
    assert sum(row["cost_usd"] for row in reserved) <= budget


SPENDER = """
import asyncio, os
from app.database.connection import open_pool
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError
from app.settings import load_settings
from app.telegram.alerts import Alerts
from tests.llm.test_model import ask

async def main():
    settings = load_settings()
    pool = await open_pool(settings.postgresql_dsn)
    model = LanguageModel(pool, settings, Alerts(99))
    try:
        while True:
            await ask(model)
    except ModelError as error:
        print(error.outcome)

asyncio.run(main())
"""


def _environment(database_url: str, server: TestServer, budget: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": "1:x",
        "DATABASE_URL": database_url,
        "OPENAI_API_KEY": "a-key",
        "OPENAI_BASE_URL": str(server.make_url("/v1")),
        "LLM_DAILY_BUDGET_USD": budget,
    }


async def test_two_processes_share_one_budget(
    server: TestServer, database: Pool, database_url: str, tmp_path: Path
) -> None:
    environment = _environment(database_url, server, "0.02")
    with (tmp_path / "log").open("wb") as log:
        processes = [
            start_python("-c", SPENDER, environment=environment, stdout=log, stderr=log)
            for _ in range(2)
        ]
        codes = await asyncio.gather(*(asyncio.to_thread(one.wait, 60) for one in processes))
    assert codes == [0, 0], (tmp_path / "log").read_text()
    assert (tmp_path / "log").read_text().splitlines().count("over_budget") == 2
    spent = await database.fetchval("SELECT sum(cost_usd) FROM llm_calls")
    assert Decimal("0.01") < spent <= Decimal("0.02")
    assert len(await operator_heard(database)) == 1


async def test_a_process_killed_during_a_call_leaves_its_reservation(
    make_model: Make, simulated: llm.Model, server: TestServer, database: Pool, database_url: str
) -> None:
    simulated.behaviour = "hang"
    process = start_python("-c", SPENDER, environment=_environment(database_url, server, "0.05"))
    try:
        async with asyncio.timeout(30):
            while not simulated.requests:  # noqa: ASYNC110 - the simulated server tells nobody
                await asyncio.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    (row,) = await calls(database)
    assert row["outcome"] == "reserved"
    assert row["cost_usd"] > 0
    # It stays on the account when it is closed, since the call may have been charged.
    await database.execute("UPDATE llm_calls SET at = now() - interval '11 minutes'")
    simulated.behaviour = "answer"
    await ask(make_model())
    abandoned, answered = await calls(database)
    assert (abandoned["outcome"], answered["outcome"]) == ("abandoned", "answered")
    assert abandoned["cost_usd"] == row["cost_usd"] > answered["cost_usd"]


def test_a_snapshot_costs_as_its_model_and_an_unknown_one_the_most() -> None:
    def price(model: str, **settings: str) -> object:
        return price_of(
            Settings(
                telegram_bot_token="1:x",
                database_url="postgresql://x/y",
                openai_model=model,
                **settings,
            )
        )

    assert price("gpt-5-mini-2025-08-07") == (PRICES["gpt-5-mini"], True)
    assert price("llama3.3:70b") == (UNKNOWN, False)
    own, known = price(
        "llama3.3:70b", llm_input_usd_per_million="0", llm_output_usd_per_million="0"
    )
    assert known
    assert (own.input, own.cached, own.output) == (0, 0, 0)


def test_a_daily_budget_is_new_at_midnight_utc() -> None:
    assert renewal(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
