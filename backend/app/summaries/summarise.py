"""The third stage: the best stories get a summary, once for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.database.connection import Pool
from app.hackernews.markup import plain_text
from app.hackernews.store import best_of_the_day, comments_of
from app.settings import Settings
from app.summaries import store
from app.summaries.extractive import summarise
from app.summaries.store import Wanted

AT_ONCE = 8
MOST_COMMENTS = 20
LEASE = timedelta(minutes=5)
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
        text, basis = await self._text_of(wanted)
        sentences = summarise(text, wanted.title)
        async with self._pool.acquire() as connection:
            await store.finish(
                connection,
                wanted,
                sentences,
                method="extractive",
                basis=basis if sentences else "none",
            )

    async def _text_of(self, wanted: Wanted) -> tuple[str, str]:
        """What there is to summarise: the article, else HN's own text, else nothing."""
        if wanted.article_state == "read" and (text := await self._article_text(wanted.story_id)):
            return text, "article"
        if wanted.text:
            return plain_text(wanted.text), "hn_text"
        placed = await comments_of(self._pool, wanted.story_id)
        texts = (one.comment.text for one in placed[:MOST_COMMENTS])
        return "\n\n".join(plain_text(text) for text in texts if text), "discussion"
