"""How fast pages become text, and how little the event loop notices."""

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
from rehearsal.figures import Figure

from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.reasons import UnreadableError
from app.articles.workers import NICENESS, ExtractionWorkers
from bench.pages import load_pages

PAGES = 600
ROUNDS = 3
TICK_SECONDS = 0.002


async def measure() -> list[Figure]:
    """Pages per second in all workers against a plain loop, and the loop's stalls meanwhile."""
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
    load = os.getloadavg()[0]  # what shares the cores with the workers shrinks their ratio
    workers = ExtractionWorkers(cores)
    await _extract_all(workers, pages[: 4 * cores])  # start them
    # As nice as the workers, or whatever else the machine does would hit the loops less than them.
    loops = ProcessPoolExecutor(1, get_context("spawn"), os.nice, (NICENESS,))
    loops.submit(_rate, _plain, pages[:20]).result()
    plain: list[float] = []
    alone: list[float] = []
    pooled: list[float] = []
    stalls: list[float] = []
    for _ in range(ROUNDS):  # alternating, so that other work on the machine hits all alike
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
    with contextlib.suppress(UnreadableError):  # some of the real pages have next to no text
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
    """Record by how many seconds each tick is late."""
    while True:
        due = time.perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        stalls.append(time.perf_counter() - due)


async def _extract_all(workers: ExtractionWorkers, pages: Sequence[Page]) -> None:
    async def one(page: Page) -> None:
        with contextlib.suppress(UnreadableError):
            await workers.extract(page)

    await asyncio.gather(*map(one, pages))
