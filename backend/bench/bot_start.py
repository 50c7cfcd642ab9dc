"""The time from a process's start to its first poll and reply, and its memory at rest."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from compileall import compile_dir
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import psutil
from aiohttp import web

from bench.stack import Stack, stack
from simulators.control import Control, wait_until
from simulators.embedded import free_port, redis
from simulators.figures import Figure
from simulators.processes import BACKEND, service, stop

STARTS = 7
STORIES = 30
TITLE = "What is number"
READER = 1_000
SETTLE_SECONDS = 15.0


async def measure() -> list[Figure]:
    """Medians of several starts with one waiting update, as after a restart: with the minimal
    settings, and with all of them.
    """
    figures = []
    compile_dir(BACKEND / "app", quiet=1)  # as in the image, also where Python writes no bytecode
    async with stack() as running:
        Control(running.environment["HN_API_URL"].removesuffix("/v0")).post("items", _stories())
        figures += await _measure(running, "", {}, max_megabytes=120)
        async with _everything() as environment:
            # The clients of the model and of Redis, RocksDB and what they serve take 45 MB.
            figures += await _measure(running, ", everything set", environment, max_megabytes=160)
    return figures


async def _measure(
    running: Stack, name: str, environment: Mapping[str, str], max_megabytes: float
) -> list[Figure]:
    starts = [
        await asyncio.to_thread(_start, running, chat_id, environment)
        for chat_id in range(1, STARTS + 1)
    ]
    polls, answers = zip(*starts, strict=True)
    memory = await asyncio.to_thread(_memory_after_digest, running, environment)
    return [
        Figure(f"process start to first poll{name}", median(polls), "s", 0.3, "lower"),
        Figure(f"process start to first answer{name}", median(answers), "s", 1.0, "lower"),
        Figure(
            f"memory at rest (RSS), a digest sent{name}",
            memory / 1e6,
            "MB",
            max_megabytes,
            "lower",
        ),
    ]


def _start(running: Stack, chat_id: int, environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds from the start of a process to its first poll and to its first answer."""
    telegram = running.telegram
    polls_before = len(telegram.get("polls"))
    messages_before = len(telegram.messages(chat_id))
    telegram.say(chat_id, "/help")
    began = time.time()
    process = running.app.start(**environment)
    telegram.wait_for_messages(chat_id, messages_before + 1)
    answered: float = telegram.get(f"sent?chat_id={chat_id}")[messages_before]["at"]
    polled: float = telegram.get(f"polls?since={polls_before}")[0]["began"]
    stop(process)
    return polled - began, answered - began


def _memory_after_digest(running: Stack, environment: Mapping[str, str]) -> float:
    """Bytes, some seconds after the stories were read and summarised and a digest was sent."""
    reader = READER + len(environment)
    process = running.app.start(**environment)
    running.telegram.say(reader, "/start")
    running.telegram.say(reader, "/digest")
    wait_until(
        lambda: next(
            (m for m in running.telegram.messages(reader) if TITLE in m.get("text", "")), None
        ),
        "digest",
        60,
    )
    time.sleep(SETTLE_SECONDS)
    resident: float = psutil.Process(process.pid).memory_info().rss
    stop(process)
    return resident


def _stories() -> dict[str, object]:
    now = int(time.time())
    items = {
        str(n): {
            "id": n,
            "type": "story",
            "by": "someone",
            "time": now - 60 * n,
            "title": f"Ask HN: {TITLE} {n}?",
            "text": f"Story {n}. " + "A sentence with enough words to be summarised. " * 40,
            "score": 100 + n,
            "descendants": 0,
        }
        for n in range(1, STORIES + 1)
    }
    return {"items": items, "lists": {"topstories": list(range(1, STORIES + 1))}}


@asynccontextmanager
async def _everything() -> AsyncIterator[dict[str, str]]:
    """Run a model, Redis and Langfuse; yields the settings for them.

    Raises:
        AssertionError: Langfuse received no call to the model.
    """
    traced = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        traced.set()
        return web.Response()

    langfuse = web.Application()
    langfuse.router.add_post("/api/public/otel/v1/traces", take)
    runner = web.AppRunner(langfuse, shutdown_timeout=0.2)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        model = context.enter_context(service("llm"))
        yield {
            "OPENAI_API_KEY": "a-key",
            "OPENAI_BASE_URL": f"{model}/v1",
            "REDIS_URL": context.enter_context(redis(folder)),
            "LANGFUSE_PUBLIC_KEY": "pk-1",
            "LANGFUSE_SECRET_KEY": "sk-1",
            "LANGFUSE_HOST": f"http://127.0.0.1:{port}",
        }
    await runner.cleanup()
    assert traced.is_set(), "no call to the model was traced"
