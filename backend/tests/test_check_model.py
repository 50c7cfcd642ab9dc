"""The output of `make check-model` for servers that work, partly work or do not work, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from app import check_model
from app.llm.prices import UNKNOWN
from app.settings import ModelSettings
from app.written_story import ARTICLE
from simulators import llm
from simulators.processes import start_python

Check = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async with TestServer(llm.make_app()) as server:
        yield server


@pytest.fixture
def simulated(server: TestServer) -> llm.ModelBehaviour:
    return server.app[llm.MODEL]


@pytest.fixture
def check(server: TestServer, capsys: pytest.CaptureFixture[str]) -> Check:
    async def run(**values: Any) -> tuple[int, str]:
        settings = ModelSettings(
            **{"openai_api_key": "x", "openai_base_url": str(server.make_url("/v1"))} | values
        )
        code = await check_model.check(settings)
        return code, capsys.readouterr().out

    return run


async def test_a_model_that_works_and_what_it_costs(
    check: Check, simulated: llm.ModelBehaviour
) -> None:
    code, said = await check(llm_input_usd_per_million=1, llm_output_usd_per_million=2)
    assert code == 0, said
    assert len(simulated.requests) == 3
    assert said.count("✓") == 3 and "✗" not in said
    assert "at a private address: 2 calls at once, 300 s for each, a context of 4096" in said
    assert "$1 and $2 per million tokens" in said
    assert "A day of 60 stories takes about" in said
    assert "Perhaps LLM_CONTEXT_TOKENS: the story was cut to 4096 tokens" in said
    code, said = await check(llm_context_tokens=32_768)
    assert "Nothing needs to be changed." in said


async def test_a_server_that_cuts_prompts_silently(
    check: Check, simulated: llm.ModelBehaviour
) -> None:
    simulated.server, simulated.context = "ollama", 1500
    _, said = await check(llm_context_tokens=32_768)
    assert "LLM_CONTEXT_TOKENS=1500" in said
    assert "cuts longer prompts silently" in said


async def test_a_server_that_says_what_it_takes(
    check: Check, simulated: llm.ModelBehaviour
) -> None:
    simulated.server, simulated.context = "llama.cpp", 2048
    code, said = await check(llm_context_tokens=32_768)
    assert code == 0, said
    assert "LLM_CONTEXT_TOKENS=2048: the server takes no more" in said
    assert "silently" not in said


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"behaviour": "fail", "status": 401}, "OPENAI_API_KEY, OPENAI_MODEL or OPENAI_BASE_URL"),
        ({"behaviour": "fail", "status": 429, "retry_after": 0.001}, "LLM_CONCURRENCY=1"),
        ({"behaviour": "nonsense"}, "does not return the requested JSON"),
        ({"behaviour": "german"}, "not in English"),
        ({"behaviour": "filter", "server": "azure"}, "content filter"),
        ({"usage": False}, "does not report its tokens"),
        ({"server": "llama.cpp", "context": 300}, "not even a shortened story"),
    ],
)
async def test_what_does_not_work_and_what_to_change(
    check: Check, simulated: llm.ModelBehaviour, settings: dict[str, Any], advice: str
) -> None:
    for name, value in settings.items():
        setattr(simulated, name, value)
    code, said = await check()
    assert advice in said
    assert "LLM_CONTEXT_TOKENS=" not in said
    assert code == (0 if "usage" in settings else 1)


async def test_a_model_with_an_unknown_price(
    check: Check, simulated: llm.ModelBehaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_model, "price_of", lambda _: (UNKNOWN, False))
    code, said = await check()
    assert code == 0, said
    assert "assumed" in said and "LLM_INPUT_USD_PER_MILLION" in said


async def test_a_model_that_does_not_keep_up_with_a_day(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_model, "MAX_HOURS_OF_A_DAY", 1e-9)
    _, said = await check()
    assert "STORIES_PER_DAY=1: 60 stories take" in said


def test_without_a_key_it_says_so() -> None:
    program = start_python("-m", "app.check_model", environment={}, stdout=-1)
    assert program.stdout is not None
    said = program.stdout.read().decode()
    assert program.wait(60) == 2
    assert "OPENAI_API_KEY is not set" in said


def test_the_written_story_is_as_long_as_a_prompt_may_be() -> None:
    assert 9000 < len(ARTICLE) < 13_000
