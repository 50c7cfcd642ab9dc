"""`python -m rehearsal.bundled`: the bundled stories, as if the app had read their pages before.

Without the internet the pages cannot be fetched, but links, sites and texts are to be the real
ones. So the stories are collected once before the app starts, and the texts of those pages that
are bundled are kept where the app keeps what it has read.
"""

from __future__ import annotations

import asyncio
import json
import sys

from app.articles import store
from app.articles.cache import ArticleCache
from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.read import page_to_keep
from app.articles.words import count_words
from app.database.connection import open_pool
from app.database.version import MigrationFailedError, ensure_schema
from app.hackernews.collect import Collector
from app.settings import load_settings

from rehearsal.demo import DATASET


async def keep_pages() -> None:
    """Collect the stories, and keep the texts of their pages.

    Raises:
        MigrationFailedError: the database cannot be used.
    """
    settings = load_settings()
    pool = await open_pool(settings.postgresql_dsn)
    texts = ArticleCache(settings.articles_dir, settings.article_store_bytes)
    collector = Collector(pool, settings)
    try:
        await ensure_schema(pool)
        await collector.step()
        for link, page in json.loads((DATASET / "articles.json").read_text()).items():
            body = (DATASET / "articles" / page["file"]).read_bytes()
            text = extract(Page(link, "text/html", body))
            for row in await pool.fetch("SELECT id FROM stories WHERE url = $1", link):
                story = store.Unread(row["id"], link, 1)
                await texts.put(story.story_id, page_to_keep(link, text))
                await store.save_read(pool, story, count_words(text))
    finally:
        await collector.close()
        await texts.close()
        await pool.close()


if __name__ == "__main__":
    try:
        asyncio.run(keep_pages())
    except MigrationFailedError as failure:
        sys.exit(str(failure))
