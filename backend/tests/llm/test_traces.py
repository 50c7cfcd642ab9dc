"""Langfuse receives every call, and no call waits for it."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.llm.outcomes import ModelError
from app.llm.traces import AT_ONCE
from simulators import llm
from simulators.processes import start_python
from tests.llm.conftest import Make
from tests.llm.test_model import TEXT, ask

KEYS = {"langfuse_public_key": "pk-1", "langfuse_secret_key": "sk-1"}


@dataclass
class Langfuse:
    """What was sent to it, and whether it answers at all."""

    url: str = ""
    hangs: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    authorization: str | None = None
    spans: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.authorization = request.headers.get("Authorization")
        batch = ExportTraceServiceRequest.FromString(await request.read())
        for span in batch.resource_spans[0].scope_spans[0].spans:
            values = {
                one.key: one.value.string_value or one.value.int_value for one in span.attributes
            }
            self.spans.append(values | {"name": span.name, "start": span.start_time_unix_nano})
        self.asked.set()
        if self.hangs:
            await self.over.wait()
        return web.Response()


@pytest.fixture
async def langfuse() -> AsyncIterator[Langfuse]:
    simulated = Langfuse()
    app = web.Application()
    app.router.add_post("/api/public/otel/v1/traces", simulated.take)
    async with TestServer(app) as server:
        simulated.url = str(server.make_url(""))
        yield simulated
        simulated.over.set()


async def test_a_call_is_traced_with_its_words_tokens_and_cost(
    make_model: Make, langfuse: Langfuse, simulated: llm.ModelBehaviour
) -> None:
    model = make_model(**KEYS, langfuse_host=langfuse.url)
    for _ in range(AT_ONCE - 1):
        await ask(model)
    simulated.behaviour = "refuse"
    with pytest.raises(ModelError):
        await ask(model)
    async with asyncio.timeout(30):
        await langfuse.asked.wait()
    assert langfuse.authorization == f"Basic {b64encode(b'pk-1:sk-1').decode()}"
    span = langfuse.spans[0]
    assert span["name"] == span["langfuse.trace.name"] == "summary"
    assert span["langfuse.observation.type"] == "generation"
    assert span["langfuse.observation.model.name"] == "gpt-5-mini"
    assert span["langfuse.observation.metadata.story_id"] == 7
    roles = [one["role"] for one in json.loads(span["langfuse.observation.input"])]
    assert roles == ["system", "user"]
    assert json.loads(span["langfuse.observation.output"])["text"] == TEXT
    assert json.loads(span["langfuse.observation.usage_details"])["input"] > 0
    assert json.loads(span["langfuse.observation.cost_details"])["total"] > 0
    levels = [span.get("langfuse.observation.level") for span in langfuse.spans]
    assert levels.count("ERROR") == 1


@pytest.mark.parametrize("trouble", ["unreachable", "hanging"])
async def test_an_outage_of_langfuse_does_not_affect_calls(
    make_model: Make, langfuse: Langfuse, trouble: str
) -> None:
    langfuse.hangs = True
    url = langfuse.url if trouble == "hanging" else "http://127.0.0.1:9"
    model = make_model(**KEYS, langfuse_host=url)
    for _ in range(3 * AT_ONCE):
        assert (await ask(model)).text == TEXT


LAST_CALL = """
import asyncio
import signal
from app.database.connection import open_pool
from app.llm import traces
from app.llm.model import LanguageModel
from app.settings import load_settings
from app.telegram.operator.alerts import Alerts
from tests.llm.test_model import ask

traces.SEND_SECONDS = 600
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started this may ignore it

async def main():
    settings = load_settings()
    pool = await open_pool(settings.postgresql_dsn)
    model = LanguageModel(pool, settings, Alerts(None))
    for _ in range(16):
        await ask(model)
    await asyncio.Event().wait()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
"""


async def test_the_end_of_a_process_does_not_wait_for_it(
    langfuse: Langfuse, server: TestServer, database_url: str
) -> None:
    langfuse.hangs = True
    environment = {
        "TELEGRAM_BOT_TOKEN": "1:x",
        "DATABASE_URL": database_url,
        "OPENAI_API_KEY": "a-key",
        "OPENAI_BASE_URL": str(server.make_url("/v1")),
        "LANGFUSE_PUBLIC_KEY": "pk-1",
        "LANGFUSE_SECRET_KEY": "sk-1",
        "LANGFUSE_HOST": langfuse.url,
    }
    process = start_python("-c", LAST_CALL, environment=environment)
    try:
        async with asyncio.timeout(30):
            await langfuse.asked.wait()
        process.send_signal(2)
        # Its exporter would wait for ten minutes, and then try again.
        await asyncio.to_thread(process.wait, 60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
