"""The third stage: the best stories get a summary, once for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
import re
from datetime import timedelta
from html import unescape

from app.database.connection import Pool
from app.hackernews.store import best_of_the_day
from app.settings import Settings
from app.summaries import store
from app.summaries.extractive import summarise
from app.summaries.store import Wanted

AT_ONCE = 8
LEASE = timedelta(minutes=5)
_TAG = re.compile(r"<[^>]+>")
ArticleText = Callable[[int], Awaitable[str | None]]


class Summariser:
    """Summarises stories; any number of instances may run."""

    def __init__(self, pool: Pool, settings: Settings, article_text: ArticleText) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._article_text = article_text

    async def step(self) -> int:
        """Make some summaries. Returns how many were made."""
        best = await best_of_the_day(self._pool, self._stories_per_day)
        async with self._pool.acquire() as connection:
            await store.want(connection, best, ["basic"])
            wanted = await store.claim(connection, AT_ONCE, LEASE)
        for one in wanted:
            await self._summarise(one)
        return len(wanted)

    async def _summarise(self, wanted: Wanted) -> None:
        text, basis = None, "none"
        if wanted.article_state == "read":
            text, basis = await self._article_text(wanted.story_id), "article"
        if not text and wanted.text:
            text, basis = _plain(wanted.text), "hn_text"
        sentences = summarise(text or "", wanted.title)
        async with self._pool.acquire() as connection:
            await store.finish(
                connection,
                wanted,
                sentences,
                method="extractive",
                basis=basis if sentences else "none",
            )


def _plain(html: str) -> str:
    return unescape(_TAG.sub("\n", html))
