"""Each possible end of a call has its outcome, its row and its cost."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.database.connection import Pool
from app.llm.breaker import FAILURES_IN_A_ROW, FAILURES_TO_TELL
from app.llm.dialect import Dialect
from app.llm.error_responses import parse_error_response
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.llm.servers import Server, ServerKind
from app.llm.shapes import Shape
from simulators import llm
from tests.llm.conftest import Make


class Answer(Shape):
    text: str
    points: list[str]


SERVER = Server("https://x.example/v1", ServerKind.HOSTED, timedelta(seconds=9), 4, None)
TEXT = "The bridge over the river was rebuilt after the flood."


async def ask(
    model: LanguageModel, text: str = TEXT, purpose: str = "summary", payer: str | None = None
) -> Answer:
    return await model.ask(
        *(purpose, "Say it again.", [("user", text)], Answer),
        max_tokens=500,
        story_id=7,
        payer=payer,
    )


async def calls(database: Pool) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch("SELECT * FROM llm_calls ORDER BY id")]


async def operator_heard(database: Pool) -> list[str]:
    rows = await database.fetch("SELECT parameters ->> 'text' AS text FROM outbox ORDER BY id")
    return [row["text"] for row in rows]


async def test_an_answer_has_its_shape_and_its_row(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    answer = await ask(make_model())
    assert answer == Answer(text=TEXT, points=[TEXT])
    (row,) = await calls(database)
    assert (row["purpose"], row["story_id"], row["model"]) == ("summary", 7, "gpt-5-mini")
    assert row["outcome"] == "answered"
    assert row["latency_ms"] >= 0
    in_millions = row["prompt_tokens"] * Decimal("0.25") + row["completion_tokens"] * Decimal(2)
    assert row["cost_usd"] == round(in_millions / 1_000_000, 6) > 0
    (request,) = simulated.requests
    assert "temperature" not in request
    assert request["max_completion_tokens"] >= 500
    schema = request["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["additionalProperties"] is False
    assert schema["schema"]["required"] == ["text", "points"]


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        ({"behaviour": "refuse"}, Outcome.REFUSED),
        ({"behaviour": "cut"}, Outcome.CUT_OFF),
        ({"behaviour": "nonsense"}, Outcome.NONSENSE),
        ({"behaviour": "silence"}, Outcome.NONSENSE),
        ({"behaviour": "wrong_types"}, Outcome.NONSENSE),
        ({"behaviour": "nest"}, Outcome.NONSENSE),
        ({"behaviour": "fail", "status": 400}, Outcome.REJECTED),
        ({"behaviour": "fail", "status": 401}, Outcome.MISCONFIGURED),
        ({"behaviour": "fail", "status": 404, "code": "model_not_found"}, Outcome.MISCONFIGURED),
        ({"behaviour": "fail", "status": 429, "code": "insufficient_quota"}, Outcome.NO_QUOTA),
        ({"behaviour": "fail", "status": 429, "code": "rate_limit_exceeded"}, Outcome.RATE_LIMITED),
        ({"behaviour": "fail", "status": 503}, Outcome.SERVER_ERROR),
    ],
)
async def test_every_failure_has_its_outcome(
    make_model: Make,
    simulated: llm.ModelBehaviour,
    database: Pool,
    settings: dict[str, Any],
    outcome: Outcome,
) -> None:
    simulated.retry_after = 0.01
    for name, value in settings.items():
        setattr(simulated, name, value)
    with pytest.raises(ModelError) as failure:
        await ask(make_model())
    assert failure.value.outcome is outcome
    (row,) = await calls(database)
    assert row["outcome"] == outcome
    charged = settings["behaviour"] != "fail"
    assert (row["cost_usd"] > 0) == charged


async def test_a_silent_server_times_out_and_is_charged_the_estimate(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour = "hang"
    with pytest.raises(ModelError) as failure:
        await ask(make_model(deadline_seconds=0.3))
    assert failure.value.outcome is Outcome.TIMEOUT
    assert len(simulated.requests) == 1
    (row,) = await calls(database)
    assert row["outcome"] == "timeout"
    assert row["cost_usd"] == row["expected_usd"]
    prompt_usd = row["expected_usd"] - 500 * Decimal(2) / 1_000_000
    assert 0 < prompt_usd < Decimal("0.0001"), "some hundred tokens of a prompt"


async def test_an_address_without_a_server(make_model: Make, database: Pool) -> None:
    with pytest.raises(ModelError) as failure:
        await ask(make_model(openai_base_url="http://127.0.0.1:9/v1"))
    assert failure.value.outcome is Outcome.UNREACHABLE
    assert (await calls(database))[0]["cost_usd"] == 0


async def test_an_endless_answer_is_read_to_a_limit(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour = "flood"
    with pytest.raises(ModelError) as failure:
        await ask(make_model())
    assert failure.value.outcome is Outcome.NONSENSE
    assert len(simulated.requests) == 1
    assert simulated.flooded < 32 * 1024**2, "what is on its way included"
    (row,) = await calls(database)
    assert row["cost_usd"] > 0


async def test_an_account_without_quota_is_not_retried(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour, simulated.status, simulated.code = "fail", 429, "insufficient_quota"
    model = make_model()
    for _ in range(3):
        with pytest.raises(ModelError) as failure:
            await ask(model)
        assert failure.value.outcome is Outcome.NO_QUOTA
    assert len(simulated.requests) == 1
    assert len(await operator_heard(database)) == 1


async def test_a_temporary_failure_is_retried_within_the_call(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour, simulated.times, simulated.retry_after = "fail", 2, 0.01
    assert (await ask(make_model())).text == TEXT
    assert len(simulated.requests) == 3
    assert len(await calls(database)) == 1


@pytest.mark.parametrize(
    "unsupported",
    [
        ["max_completion_tokens"],
        ["reasoning_effort"],
        ["json_schema"],
        ["response_format"],
        ["max_completion_tokens", "reasoning_effort", "response_format"],
    ],
)
async def test_an_older_server_gets_requests_it_supports(
    make_model: Make, simulated: llm.ModelBehaviour, unsupported: list[str]
) -> None:
    simulated.unsupported = unsupported
    model = make_model()
    assert (await ask(model)).text == TEXT
    asked = len(simulated.requests)
    assert (await ask(model)).text == TEXT
    assert len(simulated.requests) == asked + 1, "what was learned is not forgotten"


async def test_reasoning_and_code_fences_around_the_answer_are_ignored(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.behaviour = "fenced"
    assert (await ask(make_model())).text == TEXT


@pytest.mark.parametrize("told", [{"usage": False}, {"behaviour": "boast"}])
async def test_where_a_server_tells_no_tokens_or_too_many_they_are_estimated(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, told: dict[str, Any]
) -> None:
    await ask(make_model())
    for name, value in told.items():
        setattr(simulated, name, value)
    await ask(make_model())
    exact, estimated = [row["cost_usd"] for row in await calls(database)]
    assert exact / 2 < estimated < exact * 2


def test_a_server_that_rejects_everything_is_not_adapted_to_for_ever() -> None:
    dialect = Dialect("gpt-5-mini", SERVER)
    complaint = parse_error_response(
        400, "reasoning_effort, max_completion_tokens, max_tokens, response_format: bad"
    )
    assert [dialect.adapt(complaint) for _ in range(6)] == [True] * 4 + [False] * 2


async def test_no_call_is_made_without_a_key(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    with pytest.raises(ModelError) as failure:
        await ask(make_model(openai_api_key=None))
    assert failure.value.outcome is Outcome.NO_KEY
    assert simulated.requests == []
    assert await calls(database) == []


def test_the_sdk_is_not_imported_without_a_key() -> None:
    script = "import sys, app.pipeline; print({'openai', 'opentelemetry'} & set(sys.modules))"
    imported = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert imported.stdout.strip() == "set()"


@pytest.mark.parametrize(("status", "code"), [(401, None), (429, "insufficient_quota")])
async def test_an_account_error_stops_calls_and_is_reported_once(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, status: int, code: str | None
) -> None:
    simulated.behaviour, simulated.status, simulated.code = "fail", status, code
    simulated.retry_after = 0.01
    model = make_model()
    for _ in range(3):
        with pytest.raises(ModelError):
            await ask(model)
    assert len(await calls(database)) == 1
    assert len(await operator_heard(database)) == 1
    assert await database.fetchval("SELECT quiet_since FROM alerts") is None
    # The next process tries, and from then on it may be over.
    simulated.behaviour = "answer"
    await ask(make_model())
    assert await database.fetchval("SELECT quiet_since FROM alerts") is not None


@pytest.mark.parametrize(("status", "asked"), [(500, 3), (400, 1)])
async def test_calls_to_a_failing_server_stop_and_a_lasting_outage_is_reported(
    make_model: Make,
    simulated: llm.ModelBehaviour,
    database: Pool,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    asked: int,
) -> None:
    simulated.behaviour, simulated.status, simulated.retry_after = "fail", status, 0.001
    model = make_model()
    for _ in range(FAILURES_IN_A_ROW + 2):
        with pytest.raises(ModelError):
            await ask(model)
    assert len(simulated.requests) == asked * FAILURES_IN_A_ROW
    assert await operator_heard(database) == []
    monkeypatch.setattr("app.llm.breaker.PAUSE_FOR_THE_SERVER", 0)
    monkeypatch.setattr("app.llm.breaker.MAX_RETRY_AFTER", 0)
    model = make_model()
    for _ in range(FAILURES_TO_TELL + 2):
        with pytest.raises(ModelError):
            await ask(model)
    [told] = await operator_heard(database)
    assert "OPENAI_BASE_URL" in told
