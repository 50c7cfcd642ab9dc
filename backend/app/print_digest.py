"""`python -m app.print_digest`: today's digest on the terminal, with progress while it is made.

The same stages as the bot's, run until nothing is left to do.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from html import unescape

from app.articles.cache import ArticleCache
from app.articles.read import Reader as ArticleReader
from app.database.connection import open_pool
from app.database.version import ensure_schema
from app.digests.candidates import DAILY_AGE, Candidate, load_candidates
from app.digests.compose import compose_digest, heading
from app.digests.round import Round
from app.digests.select import select
from app.hackernews.collect import Collector
from app.hackernews.together import Tell
from app.llm.model import LanguageModel
from app.readers.styles import StylesInUse
from app.readers.tastes import Taste
from app.settings import Settings, SettingsError, load_settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.telegram.alerts import Alerts

STORIES = 10
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        _tell(f"Cannot make a digest: {error}")
        return 2
    candidates = asyncio.run(_collect(settings))
    now = datetime.now(UTC)
    choices = select(Round(candidates, now), Taste(), (), minimum_points=0, count=STORIES)
    if not choices:
        _tell("There are no stories; is Hacker News reachable (HN_API_URL)?")
        return 1
    first_line = heading("daily", now.date(), "en")
    for message in compose_digest(first_line, choices, "basic", "en"):
        print(_plain(message.html), end="\n\n")  # noqa: T201 - this is what the program is for
    return 0


async def _collect(settings: Settings) -> list[Candidate]:
    pool = await open_pool(settings.postgresql_dsn)
    await ensure_schema(pool)
    cache = ArticleCache(settings.articles_dir, settings.article_store_bytes)
    collector = Collector(pool, settings)
    reader = ArticleReader(pool, settings, cache)
    model = LanguageModel(pool, settings, Alerts(settings.admin_chat_id))
    summariser = Summariser(pool, settings, model, reader.text, StylesInUse(pool))
    discussions = DiscussionSummariser(pool, settings, model)
    try:
        await _run("Collecting", collector.step)
        await _run("Reading", reader.step)
        await _run("Summarising", summariser.step)
        await _run("Listening to the discussions", discussions.step)
        async with pool.acquire() as connection:
            return await load_candidates(connection, datetime.now(UTC), DAILY_AGE)
    finally:
        await reader.close()
        await collector.close()
        await cache.close()
        pool.terminate()


async def _run(name: str, step: Callable[[Tell], Awaitable[int]]) -> None:
    """Run a stage, and show how far it is."""

    def tell(number: int) -> None:
        _tell(f"\r{name} … {number}", end="")

    tell(0)
    done = await step(tell)
    _tell(f"\r{name} … {f'{done} done' if done else 'nothing new'}")


def _tell(words: str, end: str = "\n") -> None:
    print(words, end=end, file=sys.stderr, flush=True)  # noqa: T201


def _plain(html: str) -> str:
    """Telegram's HTML for a terminal: each link behind its words."""
    linked = _LINK.sub(lambda link: f"{link[2]} <{unescape(link[1])}>".replace("<", "\x00"), html)
    return unescape(_TAG.sub("", linked.replace("\x00", "&lt;")))


if __name__ == "__main__":
    sys.exit(main())
