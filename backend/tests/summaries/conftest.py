"""Stories as the earlier stages leave them, and the summarisers with a simulated model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.database.connection import Pool
from app.llm.model import LanguageModel
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from tests.llm.conftest import make_model, server, simulated

__all__ = ["make_model", "server", "simulated"]

ARTICLE = " ".join(
    f"The bridge over the river was rebuilt in {1900 + year} after a flood, and the town paid."
    for year in range(12)
)


@dataclass
class Newsroom:
    """Puts stories on the front page, and summarises them with a given model."""

    pool: Pool
    settings: Settings
    articles: dict[int, str | None] = field(default_factory=dict)
    styles: set[str] = field(default_factory=set)
    # The articles that are long in coming, until they are there.
    awaited: dict[int, asyncio.Event] = field(default_factory=dict)

    async def publish(self, story_id: int, article: str | None = ARTICLE, **changes: Any) -> int:
        """A story whose page was read, unless `article` is None."""
        values: dict[str, Any] = {
            "id": story_id,
            "kind": "story",
            "title": f"The bridge {story_id}",
            "url": f"https://www.town.example/{story_id}",
            "text": None,
            "comment_count": 0,
            "article_state": "read" if article else "unreadable",
        } | changes
        names = ", ".join(values)
        numbers = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        await self.pool.execute(
            f"INSERT INTO stories ({names}, posted_at) VALUES ({numbers}, now())", *values.values()
        )
        self.articles[story_id] = article
        return story_id

    async def discuss(self, story_id: int, *texts: str) -> list[int]:
        """Comments on a story, as often as there are texts. Returns their ids."""
        ids = [story_id * 1000 + place for place in range(len(texts))]
        await self.pool.execute("DELETE FROM comments WHERE story_id = $1", story_id)
        await self.pool.executemany(
            """
            INSERT INTO comments (id, story_id, parent_id, position, depth, author, text)
            VALUES ($1, $2, $2, $3, 0, $4, $5)
            """,
            [
                (one, story_id, place, f"user{place}", text)
                for place, (one, text) in enumerate(zip(ids, texts, strict=True))
            ],
        )
        await self.pool.execute(
            "UPDATE stories SET comment_count = $2, discussion_fetched_at = now() WHERE id = $1",
            story_id,
            len(texts),
        )
        return ids

    def summariser(self, model: LanguageModel) -> Summariser:
        async def article(story_id: int) -> str | None:
            if story_id in self.awaited:
                await self.awaited[story_id].wait()
            text = self.articles[story_id]
            if text == "broken":
                raise ValueError("a defect")
            return text

        async def styles() -> set[str]:
            return self.styles

        return Summariser(self.pool, self.settings, model, article, styles)

    def discusser(self, model: LanguageModel) -> DiscussionSummariser:
        return DiscussionSummariser(self.pool, self.settings, model)

    async def summary(self, story_id: int, style: str = "basic") -> dict[str, Any]:
        row = await self.pool.fetchrow(
            "SELECT * FROM summaries WHERE story_id = $1 AND style = $2", story_id, style
        )
        return dict(row)

    async def discussion(self, story_id: int) -> dict[str, Any]:
        row = await self.pool.fetchrow("SELECT * FROM discussions WHERE story_id = $1", story_id)
        return dict(row)

    async def wait(self) -> None:
        """Let every wait be over."""
        for table in "summaries", "discussions":
            await self.pool.execute(f"UPDATE {table} SET due_at = now() WHERE due_at IS NOT NULL")


@pytest.fixture
def newsroom(database: Pool, database_url: str) -> Newsroom:
    return Newsroom(database, Settings(telegram_bot_token="1:x", database_url=database_url))


Stage = Summariser | DiscussionSummariser


@pytest.fixture
def until_done() -> Callable[[Stage], Any]:
    """Run a stage as long as it finds something to do; returns how much that was."""

    async def run(stage: Stage) -> int:
        done = 0
        while worked := await stage.step():
            done += worked
            assert done < 1000, "it would go on for ever"
        return done

    return run
