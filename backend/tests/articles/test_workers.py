"""Extraction in worker processes that hang, are killed or are idle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from app.articles.fetch import Page
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.workers import ExtractionWorkers
from tests.articles.conftest import article

PAGE = Page("https://a.example/", "text/html", article().encode())
# Some seconds of work for the parsers.
HEAVY = Page("https://a.example/", "text/html", article(paragraphs=20_000).encode())
PATIENCE_SECONDS = 60


def workers_running() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "app.articles.worker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie has no command line either
        return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.02)


@pytest.fixture
async def workers() -> AsyncIterator[ExtractionWorkers]:
    pool = ExtractionWorkers(1, page_seconds=0.5, idle_seconds=0.2)
    yield pool
    await pool.close()


async def reason_of(workers: ExtractionWorkers, page: Page) -> Reason:
    with pytest.raises(PageUnreadableError) as caught:
        await workers.extract(page)
    return caught.value.reason


async def test_pages_are_extracted_in_parallel() -> None:
    workers = ExtractionWorkers(2)
    try:
        texts = await asyncio.gather(*(workers.extract(PAGE) for _ in range(8)))
        assert len(workers_running()) == 2
    finally:
        await workers.close()
    assert len(set(texts)) == 1
    assert "bridge" in texts[0].text


async def test_a_page_that_takes_too_long_is_killed_and_the_next_one_read(
    workers: ExtractionWorkers,
) -> None:
    assert await reason_of(workers, HEAVY) is Reason.EXTRACTION_TIMEOUT
    assert "bridge" in (await workers.extract(PAGE)).text


async def test_the_event_loop_is_not_blocked(workers: ExtractionWorkers) -> None:
    extraction = asyncio.create_task(reason_of(workers, HEAVY))
    turns = 0
    while not extraction.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10


async def test_a_crashed_worker_fails_one_page() -> None:
    workers = ExtractionWorkers(1)
    try:
        await workers.extract(PAGE)
        extraction = asyncio.create_task(reason_of(workers, HEAVY))
        (worker,) = workers_running()
        begun = worker.cpu_times().user
        await until(lambda: worker.cpu_times().user > begun + 0.2)
        worker.kill()
        assert await extraction is Reason.EXTRACTION_FAILED
        assert "bridge" in (await workers.extract(PAGE)).text
    finally:
        await workers.close()


async def test_a_reason_comes_back_from_the_worker(workers: ExtractionWorkers) -> None:
    page = Page("https://a.example/", "image/png", b"\x89PNG\x00")
    assert await reason_of(workers, page) is Reason.NOT_TEXT


async def test_a_document_cannot_fill_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    workers = ExtractionWorkers(1)
    try:
        broken = Page("https://a.example/", "application/pdf", b"%PDF-1.7\n" + b"\x00\xff" * 1000)
        assert await reason_of(workers, broken) is Reason.EXTRACTION_FAILED
    finally:
        await workers.close()
    assert "EOF marker" not in capfd.readouterr().err


async def test_idle_workers_end_and_come_back(workers: ExtractionWorkers) -> None:
    await workers.extract(PAGE)
    assert workers_running()
    await until(lambda: not workers_running())
    await workers.extract(PAGE)


async def test_workers_have_a_lower_priority(workers: ExtractionWorkers) -> None:
    await workers.extract(PAGE)
    own = psutil.Process().nice()
    # A worker that has only just been started is nice a moment later.
    await until(lambda: all(worker.nice() > own for worker in workers_running()))
