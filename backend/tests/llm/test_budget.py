"""The budgets hold before a call, across processes, and when a process is killed."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from app.database.connection import Pool
from app.llm.budget import renewal
from app.llm.outcomes import ModelError, Outcome
from app.llm.prices import PRICES, UNKNOWN, price_of
from app.settings import Settings
from simulators import llm
from simulators.processes import start_python
from tests.llm.conftest import Make
from tests.llm.test_model import ask, calls, operator_heard


@pytest.mark.parametrize("period", ["daily", "monthly"])
async def test_a_spent_budget_ends_the_calls_and_is_told_once(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, period: str
) -> None:
    simulated.thinking = 200
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
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour = "hang"
    budget = Decimal("0.03")
    models = [make_model(llm_daily_budget_usd=budget, llm_concurrency=5) for _ in range(4)]
    asking = [asyncio.create_task(ask(model)) for model in models for _ in range(5)]
    try:
        async with asyncio.timeout(30):
            while len(simulated.requests) < 5:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        reserved = await calls(database)
        assert sum(row["cost_usd"] for row in reserved) <= budget
        assert not any(one.done() for one in asking), "the others wait"
    finally:
        for one in asking:
            one.cancel()
        await asyncio.wait(asking)


async def test_calls_wait_for_those_in_flight_instead_of_being_refused(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    """As 8 at once did with a dear model: most were put off to the next midnight."""
    simulated.latency = 0.01
    most = await _most_of_a_call(make_model, database)
    simulated.requests.clear()
    budget = 3 * most
    models = [make_model(llm_daily_budget_usd=budget, llm_concurrency=8) for _ in range(2)]
    answers = await asyncio.gather(*(ask(model) for model in models for _ in range(12)))
    assert len(answers) == len(simulated.requests) == 24
    assert await database.fetchval("SELECT sum(cost_usd) FROM llm_calls") < budget
    assert await operator_heard(database) == []


async def test_a_timeout_is_not_reported_as_a_spent_budget(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    most = await _most_of_a_call(make_model, database)
    model = make_model(
        1, llm_daily_budget_usd=most * Decimal("1.5"), llm_deadline_seconds=1, llm_concurrency=2
    )
    await database.execute(
        "INSERT INTO llm_calls (purpose, model, cost_usd) VALUES ('summary', 'm', $1)", most
    )
    with pytest.raises(ModelError) as failure:
        await ask(model)
    assert failure.value.outcome is Outcome.IN_USE
    assert await operator_heard(database) == []


async def _most_of_a_call(make_model: Make, database: Pool) -> Decimal:
    """What a call of `ask` reserves."""
    with pytest.raises(ModelError) as failure:
        await ask(make_model(llm_daily_budget_usd=Decimal("0.000001")))
    await database.execute("TRUNCATE outbox, alerts")
    found = re.search(r"may cost \$([\d.]+)", str(failure.value))
    assert found
    return Decimal(found[1]) + Decimal("0.0001")


async def test_questions_have_a_part_and_summaries_the_rest(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    model = make_model(llm_daily_budget_usd=Decimal("0.02"), llm_questions_percent=50)
    simulated.thinking = 800
    with pytest.raises(ModelError) as failure:
        for number in range(1000):
            await ask(model, purpose="question", payer=f"somebody {number}")
    assert failure.value.outcome is Outcome.OVER_SHARE
    assert await operator_heard(database) == [], "summaries go on"
    assert await database.fetchval("SELECT sum(cost_usd) FROM llm_calls") <= Decimal("0.01")
    await ask(model)
    await ask(model, purpose="discussion")


async def test_one_person_cannot_take_the_part_of_all_questions(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.thinking = 800
    model = make_model(llm_daily_budget_usd=Decimal("0.06"), llm_questions_percent=50)
    with pytest.raises(ModelError) as failure:
        for _ in range(1000):
            await ask(model, purpose="question", payer="greedy")
    assert failure.value.outcome is Outcome.OVER_SHARE
    spent = await database.fetchval("SELECT sum(cost_usd) FROM llm_calls")
    assert spent < Decimal("0.06") / 2 / 4 + Decimal("0.002"), "with the last question"
    await ask(model, purpose="question", payer="modest")


async def test_an_unusable_answer_is_charged(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour, simulated.usage = "nonsense", False
    model = make_model()
    for _ in range(20):
        with pytest.raises(ModelError):
            await ask(model)
    costs = [row["cost_usd"] for row in await calls(database)]
    assert len(costs) == 20
    assert 0 < max(costs) < Decimal("0.0002")


async def test_a_private_server_is_free_unless_a_price_is_set(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    free = {"llm_input_usd_per_million": None, "llm_output_usd_per_million": None}
    model = make_model(llm_daily_budget_usd=Decimal(0), openai_model="qwen3:8b", **free)
    await ask(model)
    await ask(model, purpose="question", payer="somebody")
    assert [row["cost_usd"] for row in await calls(database)] == [0, 0]


SPENDER = """
import asyncio, os
from app.database.connection import open_pool
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError
from app.settings import load_settings
from app.telegram.operator.alerts import Alerts
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
        "LLM_INPUT_USD_PER_MILLION": "0.25",
        "LLM_OUTPUT_USD_PER_MILLION": "2",
    }


async def test_two_processes_share_one_budget(
    server: TestServer,
    simulated: llm.ModelBehaviour,
    database: Pool,
    database_url: str,
    tmp_path: Path,
) -> None:
    simulated.thinking = 800
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
    make_model: Make,
    simulated: llm.ModelBehaviour,
    server: TestServer,
    database: Pool,
    database_url: str,
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
    # It stays on the account as was expected, since the call may have been charged.
    await database.execute("UPDATE llm_calls SET at = now() - interval '7 minutes'")
    simulated.behaviour = "answer"
    await ask(make_model())
    abandoned, answered = await calls(database)
    assert (abandoned["outcome"], answered["outcome"]) == ("abandoned", "answered")
    assert row["cost_usd"] > abandoned["cost_usd"] == row["expected_usd"] > answered["cost_usd"]


def test_a_snapshot_costs_as_its_model_and_an_unknown_one_the_most() -> None:
    def price(model: str, **settings: str) -> object:
        return price_of(
            Settings(
                telegram_bot_token="1:x",
                database_url="postgresql://x/y",
                openai_base_url="https://api.example.com/v1",
                openai_model=model,
                **settings,
            )
        )

    assert price("gpt-5-mini-2025-08-07") == (PRICES["gpt-5-mini"], True)
    assert price("openai/gpt-5-mini") == (PRICES["gpt-5-mini"], True)
    assert price("llama3.3:70b") == (UNKNOWN, False)
    own, known = price(
        "llama3.3:70b", llm_input_usd_per_million="0", llm_output_usd_per_million="0"
    )
    assert known
    assert (own.input, own.cached, own.output) == (0, 0, 0)


def test_a_daily_budget_is_new_at_midnight_utc() -> None:
    assert renewal(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
