"""From Hacker News to summaries, with the real app and slow servers."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from app.database.migrate import upgrade
from bench import outside
from bench.pages import load_pages
from simulators.embedded import postgresql
from simulators.figures import Figure
from simulators.processes import App, app_environment, service

STORIES = 120
LATENCY_SECONDS = 0.2
PATIENCE_SECONDS = 600.0


async def measure() -> list[Figure]:
    """Stories per minute, from the start of the app until all are summarised."""
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        server = context.enter_context(postgresql(folder / "postgresql", durable=False))
        await upgrade(server.dsn())
        pages = load_pages()
        hackernews = context.enter_context(outside.hacker_news(pages, folder / "hackernews"))
        telegram = context.enter_context(service("telegram"))
        model = context.enter_context(service("llm"))
        await outside.publish(hackernews, range(1, STORIES + 1), len(pages))
        for slow in (hackernews, model):
            await outside.set_latency(slow, LATENCY_SECONDS)
        environment = app_environment(
            database_url=server.url(),
            telegram=telegram,
            hackernews=hackernews,
            token="42:bench",
            folder=folder,
        ) | {
            "OPENAI_API_KEY": "bench",
            "OPENAI_BASE_URL": f"{model}/v1",
            "STORIES_PER_DAY": str(STORIES),
            "LLM_DAILY_BUDGET_USD": "1000",
            "LLM_MONTHLY_BUDGET_USD": "1000",
        }
        app = App(environment, folder / "log")
        context.callback(app.kill_all)
        start = time.perf_counter()
        app.start()
        await _all_summarised(server.dsn())
        seconds = time.perf_counter() - start
    return [
        Figure("end to end, at 200 ms an answer", 60 * STORIES / seconds, "stories/min"),
        Figure(f"{STORIES} stories summarised after", seconds, "s"),
    ]


async def _all_summarised(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    ready = "SELECT count(DISTINCT story_id) FROM summaries WHERE state = 'ready'"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await connection.fetchval(ready) < STORIES:  # noqa: ASYNC110 - rows tell nobody
                await asyncio.sleep(0.2)
    finally:
        await connection.close()
