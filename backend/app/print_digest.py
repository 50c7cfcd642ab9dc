"""`python -m app.print_digest`: prints today's digest to the terminal, with its progress.

It runs the bot's own stages until no work is left.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from html import unescape

from app.articles.cache import ArticleCache
from app.articles.read import PageReader as ArticleReader
from app.concurrency import Progress
from app.database.connection import open_pool
from app.database.version import ensure_schema
from app.digests.candidates import DAILY_AGE, Candidate, load_candidates
from app.digests.compose import compose_whole
from app.digests.description import describe_digest
from app.digests.lede import LedeWriter
from app.digests.lede_store import present_ledes
from app.digests.round import Round
from app.digests.sections import arrange
from app.digests.select import select
from app.hackernews.collect import Collector
from app.llm.model import LanguageModel
from app.readers.styles import StylesInUse
from app.readers.tastes import Taste
from app.settings import Settings, SettingsError, load_settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.telegram.operator.alerts import Alerts

STORIES = 10
LANGUAGE = "en"
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        _tell(f"The digest cannot be made: {error}")
        return 2
    candidates, lede = asyncio.run(_collect(settings))
    now = datetime.now(UTC)
    choices = select(Round(candidates, now), Taste(), (), minimum_points=0, count=STORIES)
    if not choices:
        _tell("There are no stories. Check that Hacker News is reachable (HN_API_URL).")
        return 1
    notice = settings.notice_in(LANGUAGE)
    digest = describe_digest("daily", now.date(), arrange(choices), "basic", LANGUAGE, notice, lede)
    print(_plain(compose_whole(digest)), end="\n\n")
    return 0


async def _collect(settings: Settings) -> tuple[list[Candidate], str | None]:
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
        await _run("Summarising the discussions", discussions.step)
        if model.has_key:
            await LedeWriter(pool, settings, model).write([LANGUAGE], datetime.now(UTC))
        async with pool.acquire() as connection:
            now = datetime.now(UTC)
            lede = (await present_ledes(connection, now)).get(LANGUAGE)
            candidates = await load_candidates(connection, now, DAILY_AGE)
            return candidates, None if lede is None else lede.text
    finally:
        await reader.close()
        await collector.close()
        await cache.close()
        pool.terminate()


async def _run(name: str, step: Callable[[Progress], Awaitable[int]]) -> None:
    """Run a stage and print its progress."""

    def progress(number: int) -> None:
        _tell(f"\r{name} … {number}", end="")

    progress(0)
    done = await step(progress)
    _tell(f"\r{name} … {f'{done} done' if done else 'nothing new'}")


def _tell(words: str, end: str = "\n") -> None:
    print(words, end=end, file=sys.stderr, flush=True)


def _plain(html: str) -> str:
    """Telegram HTML as terminal text: each link is printed after its text."""
    linked = _LINK.sub(lambda link: f"{link[2]} <{unescape(link[1])}>".replace("<", "\x00"), html)
    return unescape(_TAG.sub("", linked.replace("\x00", "&lt;")))


if __name__ == "__main__":
    sys.exit(main())
