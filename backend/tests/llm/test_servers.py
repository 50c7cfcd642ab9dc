"""OpenAI-compatible servers with their own error messages, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.database.connection import Pool
from app.llm import breaker
from app.llm.breaker import FAILURES_IN_A_ROW, FAILURES_TO_TELL
from app.llm.error_responses import parse_error_response
from app.llm.outcomes import ModelError, Outcome
from app.llm.servers import ServerKind, server_of
from app.settings import Settings
from simulators import llm
from simulators.llm_servers import SERVERS
from tests.llm.conftest import Make
from tests.llm.test_model import TEXT, Answer, ask, calls, operator_heard

CONTEXT = 4000
LONG = "It stood for a hundred years. " * 2000
ANY_CONTEXT = {"llm_context_tokens": 1_000_000}
COMPLAINING = [name for name, server in SERVERS.items() if server.too_long]


@pytest.mark.parametrize("name", COMPLAINING)
async def test_a_prompt_that_is_too_long_is_shortened_and_sent_again(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, name: str
) -> None:
    simulated.server, simulated.context = name, CONTEXT
    model = make_model(**ANY_CONTEXT)
    assert (await ask(model, f"{LONG} {TEXT}")).text.endswith(TEXT)
    answered = simulated.requests[-1]["messages"][-1]["content"]
    assert answered.startswith("It stood") and "[…]" in answered
    assert len(answered) > len(LONG) / 30, "not cut more than it must be"
    first = len(simulated.requests)
    # What was learned is not forgotten, and says nothing about the server's health.
    for _ in range(FAILURES_IN_A_ROW):
        await ask(model, f"{LONG} {TEXT}")
    assert len(simulated.requests) == first + FAILURES_IN_A_ROW
    assert await operator_heard(database) == []
    assert {row["outcome"] for row in await calls(database)} == {"answered"}


async def test_a_context_too_small_for_a_prompt_does_not_count_as_a_server_failure(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.server, simulated.context = "llama.cpp", 300
    model = make_model(**ANY_CONTEXT)
    for _ in range(2 * FAILURES_TO_TELL):
        with pytest.raises(ModelError) as failure:
            await ask(model, LONG)
        assert failure.value.outcome is Outcome.TOO_LONG
    assert await operator_heard(database) == []
    assert {row["cost_usd"] for row in await calls(database)} == {0}


async def test_a_server_that_cuts_silently_gets_no_more_than_it_takes(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.server, simulated.context = "ollama", 4096
    assert (await ask(make_model(), f"{LONG} {TEXT}")).text.endswith(TEXT)
    [request] = simulated.requests
    content = "".join(message["content"] for message in request["messages"])
    assert len(content) // 4 + request["max_tokens"] <= 4096
    assert request["max_tokens"] == request["max_completion_tokens"]
    assert request["messages"][0]["role"] == "system"
    assert request["messages"][-1]["content"].startswith("It stood")


async def test_earlier_turns_are_dropped_before_the_question_is_shortened(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    model = make_model()
    turns = [("user", "Old. " * 1500), ("assistant", "Said. " * 1500), ("user", TEXT)]
    await model.ask("question", "Say it.", turns, Answer, max_tokens=500)  # type: ignore[arg-type]
    asked = [message["content"] for message in simulated.requests[0]["messages"][1:]]
    assert asked[-1] == TEXT
    assert len(asked) < 3


@pytest.mark.parametrize("name", SERVERS)
async def test_parameters_that_a_server_does_not_take_are_left_out(
    make_model: Make, simulated: llm.ModelBehaviour, name: str
) -> None:
    simulated.server = name
    model = make_model()
    assert (await ask(model)).text == TEXT
    asked = len(simulated.requests)
    assert (await ask(model)).text == TEXT
    assert len(simulated.requests) == asked + 1
    assert SERVERS[name].limit in simulated.requests[-1]


@pytest.mark.parametrize("key", ["x", "token", "max", "max_completion_tokens", "a-key"])
async def test_a_key_that_is_a_part_of_a_complaint_does_not_hide_it(
    make_model: Make, simulated: llm.ModelBehaviour, key: str
) -> None:
    simulated.server = "mistral"
    assert (await ask(make_model(openai_api_key=key))).text == TEXT


async def test_a_key_repeated_by_a_server_is_not_shown(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    key = "sk-0123456789"
    simulated.behaviour, simulated.status = "fail", 401
    simulated.message = f"Incorrect API key provided: {key}."
    with pytest.raises(ModelError) as failure:
        await ask(make_model(openai_api_key=key))
    assert key not in str(failure.value)
    [told] = await operator_heard(database)
    assert key not in told and "•••" in told


async def test_a_limit_that_is_too_large_is_not_taken_for_an_unknown_one(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.server, simulated.context = "vllm", CONTEXT
    model = make_model(**ANY_CONTEXT)
    await ask(model, LONG)
    assert {"max_tokens", "max_completion_tokens"} <= simulated.requests[-1].keys()
    assert simulated.requests[-1]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("status", "outcome", "requests"),
    [(429, Outcome.RATE_LIMITED, 3), (402, Outcome.NO_QUOTA, 1), (502, Outcome.SERVER_ERROR, 3)],
)
async def test_an_error_inside_a_200_is_what_it_names_and_free(
    make_model: Make,
    simulated: llm.ModelBehaviour,
    database: Pool,
    status: int,
    outcome: Outcome,
    requests: int,
) -> None:
    simulated.behaviour, simulated.status = "fail_inside", status
    with pytest.raises(ModelError) as failure:
        await ask(make_model())
    assert failure.value.outcome is outcome
    assert len(simulated.requests) == requests
    assert [row["cost_usd"] for row in await calls(database)] == [0]


@pytest.mark.parametrize("shape", llm.INSIDE)
async def test_an_error_inside_a_200_is_told_in_its_own_words(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, shape: str
) -> None:
    simulated.behaviour, simulated.status = "fail_inside", 503
    simulated.inside, simulated.message = shape, "The model is loading"
    with pytest.raises(ModelError, match="The model is loading") as failure:
        await ask(make_model())
    assert failure.value.outcome is Outcome.SERVER_ERROR
    assert [row["cost_usd"] for row in await calls(database)] == [0]


async def test_an_answer_in_parts_is_joined(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.behaviour = "parts"
    assert (await ask(make_model())).text == TEXT


async def test_an_answer_that_broke_off_is_trouble_of_the_server_and_tried_again(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    simulated.behaviour, simulated.status, simulated.times = "break_off", 502, 1
    assert (await ask(make_model())).text == TEXT
    simulated.times = None
    with pytest.raises(ModelError) as failure:
        await ask(make_model())
    assert failure.value.outcome is Outcome.SERVER_ERROR
    assert (await calls(database))[-1]["cost_usd"] == 0


@pytest.mark.parametrize("name", SERVERS)
async def test_a_content_filter_is_a_refusal_of_one_story(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, name: str
) -> None:
    model = make_model()
    simulated.server = name
    await ask(model)
    simulated.behaviour = "filter"
    for _ in range(FAILURES_TO_TELL + 1):
        with pytest.raises(ModelError) as failure:
            await ask(model)
        assert failure.value.outcome is Outcome.REFUSED
    simulated.behaviour = "answer"
    assert (await ask(model)).text == TEXT
    assert await operator_heard(database) == []
    assert {row["cost_usd"] for row in await calls(database) if row["outcome"] == "refused"} == {0}


@pytest.mark.parametrize("manner", ["wrapped", "echoed", "boxed", "listless", "camel", "explained"])
async def test_an_unambiguous_malformed_answer_is_repaired(
    make_model: Make, simulated: llm.ModelBehaviour, manner: str
) -> None:
    simulated.behaviour = manner
    answer = await ask(make_model())
    assert answer.text == TEXT
    assert answer.points == ([] if manner == "listless" else [TEXT])


async def test_a_lasting_rate_limit_stops_calls_and_is_reported(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.behaviour, simulated.status, simulated.retry_after = "fail", 429, 0.001
    model = make_model()
    for _ in range(FAILURES_IN_A_ROW + 5):
        with pytest.raises(ModelError) as failure:
            await ask(model)
        assert failure.value.outcome is Outcome.RATE_LIMITED
    assert len(simulated.requests) == 3 * FAILURES_IN_A_ROW
    monkeypatch.setattr(breaker, "PAUSE_FOR_THE_SERVER", 0)
    monkeypatch.setattr(breaker, "MAX_RETRY_AFTER", 0)
    model = make_model()
    simulated.requests.clear()
    for _ in range(FAILURES_TO_TELL + 2):
        with pytest.raises(ModelError):
            await ask(model)
    tried = FAILURES_TO_TELL + 2 - FAILURES_IN_A_ROW
    assert len(simulated.requests) == 3 * FAILURES_IN_A_ROW + tried, "once each when it is tried"
    [told] = await operator_heard(database)
    assert "LLM_CONCURRENCY" in told
    simulated.behaviour = "answer"
    assert (await ask(model)).text == TEXT


def test_retry_after_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    one = breaker.ModelBreaker()
    for _ in range(FAILURES_IN_A_ROW):
        one.enter()
        one.failed(ModelError(Outcome.RATE_LIMITED, "slower", retry_after=200))
        one.leave()
    now[0] += 199
    with pytest.raises(ModelError):
        one.enter()
    now[0] += 2
    one.enter()
    with pytest.raises(ModelError):
        one.enter()  # one tries, and the others wait for it
    one.answered()
    one.leave()
    one.enter()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Input tokens exceed the configured limit of 272000 tokens."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (400, "The input token count (1200000) exceeds the maximum number of tokens allowed."),
        (400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
        (413, "Payload Too Large"),
        (429, "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 34000"),
    ],
)
def test_too_long_in_many_words(status: int, text: str) -> None:
    assert parse_error_response(status, {"message": text}).is_too_long


@pytest.mark.parametrize(
    "text",
    [
        "only has room for 4096 tokens",
        "This model only has room for 4,096 tokens, but 9,000 were sent.",
        "9000 tokens do not fit: the model can hold 4096.",
        "Input of 9000 tokens is larger than 4096.",
        "Not enough space in the KV cache for 9000 tokens (4096 free).",
        "At most 4096 tokens are supported, not 9000.",
        "Must have less than 4096 tokens. Given: 9000",
        "Prompt too long: 9000 tokens exceeds max context window of 4096 tokens",
    ],
)
def test_a_limit_in_tokens_in_other_words_is_the_context(text: str) -> None:
    error = parse_error_response(400, {"message": text})
    assert error.is_too_long
    assert error.context == 4096


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (
            429,
            "Rate limit reached on tokens per minute (TPM): Limit 6000, Requested 1443",
        ),
        (500, "context deadline exceeded"),
        (
            400,
            "max_tokens is too large: 9999. The model supports at most 4096 completion tokens",
        ),
        (401, "Your account has exceeded its limit of tokens; the context is billing"),
        (400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
        (400, "At most 4096 tokens can be generated."),
        (400, "Only 2 tokens of the account are valid for model 2024-0718"),
        (422, "Your plan allows up to 100000 tokens per day."),
        (400, "Invalid API token; only 64 characters are allowed."),
    ],
)
def test_similar_errors_are_not_length_errors(status: int, text: str) -> None:
    assert not parse_error_response(status, {"message": text}).is_too_long


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (None, ServerKind.OPENAI),
        ("https://api.openai.com/v1", ServerKind.OPENAI),
        ("https://eu.api.openai.com/v1", ServerKind.OPENAI),
        ("https://openrouter.ai/api/v1", ServerKind.HOSTED),
        ("http://8.8.8.8:8000/v1", ServerKind.HOSTED),
        ("https://api.openai.com.evil.example/v1", ServerKind.HOSTED),
        ("http://localhost:11434/v1", ServerKind.OWN),
        ("http://127.0.0.1:8080/v1", ServerKind.OWN),
        ("http://[::1]:8080/v1", ServerKind.OWN),
        ("http://192.168.1.20:1234/v1", ServerKind.OWN),
        ("http://100.64.1.2:1234/v1", ServerKind.OWN),
        ("http://ollama:11434/v1", ServerKind.OWN),
        ("http://host.docker.internal:11434/v1", ServerKind.OWN),
        ("http://GPU.local/v1", ServerKind.OWN),
    ],
)
def test_servers_are_recognised_by_their_address(url: str | None, kind: ServerKind) -> None:
    server = server_of(_settings(openai_base_url=url))
    assert server.kind is kind
    if kind is ServerKind.OWN:
        assert (server.deadline.total_seconds(), server.concurrency, server.context) == (
            300,
            2,
            4096,
        )


def test_settings_override_the_defaults() -> None:
    more = {"llm_deadline_seconds": 900, "llm_concurrency": 1, "llm_context_tokens": 32_768}
    server = server_of(_settings(openai_base_url="http://ollama:11434/v1", **more))
    assert server.deadline == timedelta(minutes=15)
    assert (server.concurrency, server.context) == (1, 32_768)


async def test_concurrent_calls_are_limited(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.behaviour = "hang"
    model = make_model(llm_concurrency=2, llm_daily_budget_usd=Decimal(1000))
    asking = [asyncio.create_task(ask(model)) for _ in range(6)]
    async with asyncio.timeout(60):
        while len(simulated.requests) < 2:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(simulated.requests) == 2
    for one in asking:
        one.cancel()
    await asyncio.wait(asking)


def _settings(**values: Any) -> Settings:
    return Settings(telegram_bot_token="1:x", database_url="postgresql://x/y", **values)
