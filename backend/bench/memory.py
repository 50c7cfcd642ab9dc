"""The growth of the process's memory while it collects and reads."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from app.articles.cache import ArticleCache
from app.articles.read import PageReader
from app.database.connection import Pool, open_pool
from app.database.migrate import upgrade
from app.hackernews.collect import Collector
from app.settings import Settings
from bench import outside
from bench.pages import load_pages
from simulators.embedded import postgresql
from simulators.figures import Figure

STORIES = 2000
BATCH = 100
# Caches and the allocator fill up first; from here on memory should be constant.
WARM_AFTER = 600


async def measure() -> list[Figure]:
    """Collect and read 2,000 stories with their discussions, and measure the process's memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with postgresql(folder / "postgresql", durable=False) as server:
            await upgrade(server.dsn())
            pool = await open_pool(server.dsn())
            try:
                return await _measure(pool, folder, server.url())
            finally:
                await pool.close()


async def _measure(pool: Pool, folder: Path, database_url: str) -> list[Figure]:
    pages = load_pages()
    with outside.hacker_news(pages, folder / "hackernews") as address:
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        settings = Settings(
            telegram_bot_token="1:x",
            database_url=database_url,
            hn_api_url=f"{address}/v0",
            fetch_private_hosts=frozenset({(parts.hostname, parts.port)}),
            stories_per_day=BATCH,
        )
        cache = ArticleCache(folder / "articles", settings.article_store_bytes)
        collector, reader = Collector(pool, settings), PageReader(pool, settings, cache)
        sizes: list[float] = []
        for first in range(1, STORIES + 1, BATCH):
            await outside.publish(address, range(first, first + BATCH), len(pages))
            await collector.step()
            while await reader.step():
                pass
            await pool.execute("UPDATE stories SET first_seen_at = now() - interval '3 days'")
            gc.collect()
            sizes.append(psutil.Process().memory_info().rss / 1024**2)
        await reader.close()
        await collector.close()
        await cache.close()
        read = await pool.fetchval("SELECT count(*) FROM stories WHERE article_state = 'read'")
    warm = sizes[WARM_AFTER // BATCH :]
    half = len(warm) // 2
    growth = sum(warm[half:]) / len(warm[half:]) - sum(warm[:half]) / half
    return [
        Figure("stories read", read, "stories", 0.8 * STORIES),
        Figure("memory after 600 stories", warm[0], "MB"),
        Figure("memory after 2,000 stories", warm[-1], "MB"),
        Figure("growth from 600 to 2,000 stories", growth, "MB", 5, "lower"),
    ]
