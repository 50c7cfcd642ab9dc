"""The speed of text extraction, and its effect on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median, quantiles

import trafilatura

from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.reasons import PageUnreadableError
from app.articles.worker import NICENESS
from app.articles.workers import ExtractionWorkers
from bench.pages import load_pages
from simulators.figures import Figure

PAGES = 600
ROUNDS = 3
TICK_SECONDS = 0.002


async def measure() -> list[Figure]:
    """Pages per second in all workers compared with a plain loop, and the event loop's stalls."""
    sources = load_pages()
    pages = [
        Page(
            f"https://a.example/{number}",
            "text/html; charset=utf-8",
            sources[number % len(sources)],
        )
        for number in range(PAGES)
    ]
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]  # other load on the cores lowers the workers' ratio
    workers = ExtractionWorkers(cores)
    await _extract_all(workers, pages[: 4 * cores])  # start them
    # The same niceness as the workers, so that other load affects both alike.
    loops = ProcessPoolExecutor(1, get_context("spawn"), os.nice, (NICENESS,))
    loops.submit(_rate, _plain, pages[:20]).result()
    plain: list[float] = []
    alone: list[float] = []
    pooled: list[float] = []
    stalls: list[float] = []
    for _ in range(ROUNDS):  # alternating, so that other load affects all alike
        plain.append(loops.submit(_rate, _plain, pages[: PAGES // cores]).result())
        alone.append(loops.submit(_rate, _alone, pages[: PAGES // cores]).result())
        rate, stalled = await _watched(workers, pages)
        pooled.append(rate)
        stalls.extend(stalled)
    await workers.close()
    loops.shutdown()
    return [
        Figure("load of the machine beforehand", load, "processes"),
        Figure("extraction, plain trafilatura loop", median(plain), "pages/s"),
        Figure("extraction, ours in a plain loop", median(alone), "pages/s"),
        Figure(f"extraction, {cores} workers", median(pooled), "pages/s"),
        Figure(
            "workers against trafilatura loop", median(pooled) / median(plain), "×", 0.9 * cores
        ),
        Figure("workers against our loop", median(pooled) / median(alone), "×"),
        Figure(
            "event loop stall while extracting, p99",
            1000 * quantiles(stalls, n=100)[98],
            "ms",
            50,
            "lower",
        ),
        Figure("event loop stall while extracting, worst", 1000 * max(stalls), "ms"),
    ]


def _rate(extract: Callable[[Page], object], pages: Sequence[Page]) -> float:
    start = time.perf_counter()
    for page in pages:
        extract(page)
    return len(pages) / (time.perf_counter() - start)


def _plain(page: Page) -> None:
    trafilatura.extract(page.body.decode(errors="replace"), url=page.url, include_comments=False)


def _alone(page: Page) -> None:
    with contextlib.suppress(PageUnreadableError):  # some of the real pages have almost no text
        extract(page)


async def _watched(workers: ExtractionWorkers, pages: Sequence[Page]) -> tuple[float, list[float]]:
    stalls: list[float] = []
    watcher = asyncio.create_task(_watch(stalls))
    start = time.perf_counter()
    await _extract_all(workers, pages)
    rate = len(pages) / (time.perf_counter() - start)
    watcher.cancel()
    return rate, stalls


async def _watch(stalls: list[float]) -> None:
    """Record the delay of each tick, in seconds."""
    while True:
        due = time.perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        stalls.append(time.perf_counter() - due)


async def _extract_all(workers: ExtractionWorkers, pages: Sequence[Page]) -> None:
    async def one(page: Page) -> None:
        with contextlib.suppress(PageUnreadableError):
            await workers.extract(page)

    await asyncio.gather(*map(one, pages))
