"""Reading stories: a due row ends with a text in RocksDB or with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from app.articles.assess.case import Expected
from app.articles.cache import ArticleCache
from app.articles.extract import Article
from app.articles.fetch import Page
from app.articles.read import PageReader
from app.articles.workers import ExtractionWorkers
from app.cache import Cache
from app.database.connection import Pool
from app.hackernews.duplicate_store import possibly_same_stories
from app.settings import Settings
from tests.articles.conftest import PARAGRAPH, Website, article


@pytest.fixture
async def cache(data_dir: Path) -> AsyncIterator[ArticleCache]:
    store = ArticleCache(data_dir / "articles", 16 * 1024**2)
    yield store
    await store.close()


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting one takes most of a test's time, and a page needs no second."""
    monkeypatch.setattr("app.articles.read.ExtractionWorkers", partial(ExtractionWorkers, 1))


@pytest.fixture
def settings(database_url: str, website: Website) -> Settings:
    hosts = frozenset({(website.host, website.port)})
    return Settings(telegram_bot_token="1:x", database_url=database_url, fetch_private_hosts=hosts)


@pytest.fixture
async def reader(
    database: Pool, settings: Settings, cache: ArticleCache
) -> AsyncIterator[PageReader]:
    stage = PageReader(database, settings, cache)
    yield stage
    await stage.close()


async def add_story(database: Pool, story_id: int, url: str, points: int = 10) -> None:
    await database.execute(
        """
        INSERT INTO stories (id, kind, title, url, points, posted_at)
        VALUES ($1, 'story', 'T', $2, $3, now())
        """,
        story_id,
        url,
        points,
    )


async def state(database: Pool, story_id: int) -> asyncpg.Record:
    row = await database.fetchrow("SELECT * FROM stories WHERE id = $1", story_id)
    assert row is not None
    return row


async def test_a_page_becomes_text(
    reader: PageReader, database: Pool, website: Website, cache: ArticleCache
) -> None:
    await add_story(database, 1, website.serve("/a", article()))
    assert await reader.step() == 1
    assert await reader.step() == 0

    text = await cache.get(1)
    assert text is not None
    assert PARAGRAPH.strip() in text
    assert "newsletter" not in text
    row = await state(database, 1)
    assert row["article_state"] == "read"
    assert row["article_words"] > 100
    assert row["article_reason"] is None


@pytest.mark.parametrize(
    ("status", "reason", "final"),
    [
        (404, "not_found", False),
        (403, "forbidden", False),
        (401, "sign_in", False),
        (402, "paywall", False),
        (418, "refused", True),
        (429, "too_many_requests", False),
        (451, "unavailable_for_legal_reasons", True),
        (500, "server_error", False),
        (503, "server_error", False),
    ],
)
async def test_a_status_becomes_a_reason(
    reader: PageReader, database: Pool, website: Website, status: int, reason: str, final: bool
) -> None:
    await add_story(database, 1, website.serve("/a", "no", status=status))
    await reader.step()
    row = await state(database, 1)
    assert row["article_reason"] == reason
    assert row["article_state"] == ("unreadable" if final else "pending")
    assert (row["article_due_at"] > datetime.now(UTC)) is not final


async def test_a_server_error_is_tried_again_when_due(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/a", "", status=500))
    await reader.step()
    assert await reader.step() == 0
    website.serve("/a", article())
    await database.execute("UPDATE stories SET article_due_at = now()")
    await reader.step()
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("read", None)


async def test_a_page_without_text_is_not_tried_for_ever(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/a", "<html><body><p>Hi</p></body></html>"))
    for _ in range(2):
        await reader.step()
        await database.execute("UPDATE stories SET article_due_at = now()")
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("unreadable", "no_text")


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "too many open files")])
async def test_an_unexpected_error_affects_one_page_only(
    reader: PageReader,
    database: Pool,
    website: Website,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    extract = ExtractionWorkers.extract

    async def explode(
        workers: ExtractionWorkers, page: Page, expected: Expected | None = None
    ) -> Article:
        if page.url.endswith("/bad"):
            raise error
        return await extract(workers, page, expected)

    monkeypatch.setattr(ExtractionWorkers, "extract", explode)
    await add_story(database, 1, website.serve("/bad", article()))
    await add_story(database, 2, website.serve("/good", article()))
    assert await reader.step() == 2
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("pending", "extraction_failed")
    assert row["article_claimed_until"] is None
    assert row["article_due_at"] > datetime.now(UTC)
    assert (await state(database, 2))["article_state"] == "read"


async def test_retry_after_is_respected(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/a", "", status=429, Retry_After="7200"))
    await reader.step()
    due: Any = (await state(database, 1))["article_due_at"]
    assert due > datetime.now(UTC) + timedelta(minutes=119)


WALL = (
    "<title>Making sure you're not a bot!</title><p>This server uses Anubis. Your browser does a"
    " proof-of-work puzzle. Please wait a moment while we verify your browser.</p>"
)
BOILERPLATE = "".join(
    f"<p>The portal of the county lists its offices, forms and opening hours, part {n}.</p>"
    for n in range(15)
)


async def test_a_wall_is_tried_again_and_becomes_an_article(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/a", WALL))
    await reader.step()
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("pending", "robot_check")
    website.serve("/a", article())
    await database.execute("UPDATE stories SET article_due_at = now()")
    await reader.step()
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("read", None)


async def test_a_teaser_is_read_as_part_of_an_article(
    reader: PageReader, database: Pool, website: Website
) -> None:
    teaser = article(paragraphs=2).replace(
        "</article>",
        "<p>Subscribe to continue reading. Already a subscriber?</p></article>",
    )
    await add_story(database, 1, website.serve("/a", teaser))
    await reader.step()
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("read", "partial")
    text = await reader.text(1)
    assert text is not None
    assert "bridge" in text
    assert "ubscribe" not in text


async def test_a_text_shared_by_several_addresses_is_no_article(
    reader: PageReader, database: Pool, website: Website
) -> None:
    for story_id, title in (1, "Harbour seals return"), (2, "Compilers for spreadsheets"):
        await add_story(database, story_id, website.serve(f"/{story_id}", BOILERPLATE))
        await database.execute("UPDATE stories SET title = $2 WHERE id = $1", story_id, title)
    await add_story(database, 3, website.serve("/3", BOILERPLATE))
    await database.execute("UPDATE stories SET title = 'The offices of a county' WHERE id = 3")
    await reader.step()
    found = [(await state(database, n))["article_reason"] for n in (1, 2, 3)]
    # The third story is about that page.
    assert found == ["same_text", "same_text", None]


async def test_one_page_with_several_fragments_is_read_for_each(
    reader: PageReader, database: Pool, website: Website
) -> None:
    page = website.serve("/changes", BOILERPLATE)
    for story_id in 1, 2:
        await add_story(database, story_id, f"{page}?release={story_id}")
        title = ("Harbour seals return", "Compilers for spreadsheets")[story_id - 1]
        await database.execute("UPDATE stories SET title = $2 WHERE id = $1", story_id, title)
    await reader.step()
    assert [(await state(database, n))["article_state"] for n in (1, 2)] == ["read", "read"]


async def test_canonical_addresses_make_two_submissions_duplicates(
    reader: PageReader, database: Pool, website: Website
) -> None:
    page = article().replace("<head>", "<head><link rel='canonical' href='/2026/the-bridge'>")
    website.serve("/mobile/77", page)
    await add_story(database, 1, website.url("/mobile/77"))
    await add_story(database, 2, website.redirect("/s/1", website.url("/mobile/77")))
    await add_story(database, 3, website.serve("/other", article("Bees", 7)))
    await database.execute("UPDATE stories SET canonical_url = url")
    await reader.step()
    assert await possibly_same_stories(database) == {1, 2}


async def test_videos_are_recognised_without_a_request(reader: PageReader, database: Pool) -> None:
    await add_story(database, 1, "https://www.youtube.com/watch?v=1")
    await reader.step()
    row = await state(database, 1)
    assert (row["article_state"], row["article_reason"]) == ("unreadable", "video")


async def test_private_addresses_are_not_fetched(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, f"http://localhost:{website.port}/a")
    await reader.step()
    assert (await state(database, 1))["article_reason"] == "private_address"
    assert not website.requests


async def test_evicted_text_is_fetched_again(
    reader: PageReader, database: Pool, website: Website, data_dir: Path
) -> None:
    await add_story(database, 1, website.serve("/a", article()))
    await database.execute("UPDATE stories SET article_state = 'read'")
    text = await reader.text(1)
    assert text is not None
    assert "bridge" in text
    assert await reader.text(1) == text
    assert website.requests["/a"] == 1
    assert await reader.text(2) is None


@pytest.mark.parametrize("status", [200, 418])
async def test_a_link_replaced_during_reading_is_read_next(
    reader: PageReader, database: Pool, website: Website, status: int
) -> None:
    new = website.serve("/new", article().replace("bridge", "lighthouse"))

    async def replace(_: web.Request) -> web.StreamResponse:
        await database.execute(
            "UPDATE stories SET url = $1, article_claimed_until = NULL, article_attempts = 0", new
        )
        return web.Response(text=article(), content_type="text/html", status=status)

    website.pages["/old"] = replace
    await add_story(database, 1, website.url("/old"))
    assert await reader.step() == 2
    assert (await state(database, 1))["article_state"] == "read"
    text = await reader.text(1)
    assert text is not None
    assert "lighthouse" in text
    assert website.requests == {"/old": 1, "/new": 1}


async def test_a_cached_text_of_the_replaced_link_is_not_used(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/old", article()))
    await reader.step()
    # Another instance has read the new one.
    new = website.serve("/new", article().replace("bridge", "lighthouse"))
    await database.execute("UPDATE stories SET url = $1", new)
    assert await reader.kept(1) is None
    text = await reader.text(1)
    assert text is not None
    assert "lighthouse" in text
    assert await reader.kept(1) == text


async def test_two_readers_share_the_work(
    reader: PageReader, database: Pool, website: Website
) -> None:
    await add_story(database, 1, website.serve("/a", article()))
    await database.execute("UPDATE stories SET article_claimed_until = now() + interval '1 minute'")
    assert await reader.step() == 0
    await database.execute("UPDATE stories SET article_claimed_until = now() - interval '1 second'")
    assert await reader.step() == 1


async def test_instances_share_what_they_read(
    database: Pool,
    settings: Settings,
    website: Website,
    cache: ArticleCache,
    data_dir: Path,
    redis_url: str,
) -> None:
    shared = Cache(redis_url)
    await shared.open()
    other_texts = ArticleCache(data_dir / "other", 16 * 1024**2)
    one = PageReader(database, settings, cache, shared)
    other = PageReader(database, settings, other_texts, shared)
    await add_story(database, 1, website.serve("/a", article()))
    await one.step()
    assert await other.text(1) == await one.text(1) is not None
    assert website.requests["/a"] == 1
    assert await other_texts.get(1) is not None

    await shared.put("text:1", b"garbage", 60)
    last = PageReader(database, settings, ArticleCache(data_dir / "last", 16 * 1024**2), shared)
    assert await last.text(1) == await one.text(1)
    assert website.requests["/a"] == 2
    for reader in one, other, last:
        await reader.close()
    await other_texts.close()
    await shared.close()
