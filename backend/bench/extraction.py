"""The speed of text extraction, and its effect on the event loop.

A page takes more CPU time than trafilatura's, because the app also decides whether the page is an
article at all. The workers are therefore compared with a loop of the same code; what the decision
costs is the difference between the two loops.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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
MAX_CPU_MILLISECONDS = 100  # of a page
MIN_OF_EACH_CORE = 0.8
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
    loops.submit(_loop, _plain, pages[:20]).result()
    plain: list[_Loop] = []
    alone: list[_Loop] = []
    pooled: list[float] = []
    stalls: list[float] = []
    for _ in range(ROUNDS):  # alternating, so that other load affects all alike
        plain.append(loops.submit(_loop, _plain, pages[: PAGES // cores]).result())
        alone.append(loops.submit(_loop, _alone, pages[: PAGES // cores]).result())
        rate, stalled = await _watched(workers, pages)
        pooled.append(rate)
        stalls.extend(stalled)
    await workers.close()
    loops.shutdown()
    return [
        Figure("load of the machine beforehand", load, "processes"),
        Figure("extraction, plain trafilatura loop", _rates(plain), "pages/s"),
        Figure("extraction, ours in a plain loop", _rates(alone), "pages/s"),
        Figure(f"extraction, {cores} workers", median(pooled), "pages/s"),
        Figure(
            "workers against our loop",
            *(median(pooled) / _rates(alone), "×", MIN_OF_EACH_CORE * cores),
        ),
        Figure("CPU time of a page, trafilatura alone", _cpu(plain), "ms"),
        Figure("CPU time of a page, ours", _cpu(alone), "ms", MAX_CPU_MILLISECONDS, "lower"),
        Figure(
            "event loop stall while extracting, p99",
            1000 * quantiles(stalls, n=100)[98],
            "ms",
            50,
            "lower",
        ),
        Figure("event loop stall while extracting, worst", 1000 * max(stalls), "ms"),
    ]


@dataclass(frozen=True, slots=True)
class _Loop:
    pages_per_second: float
    cpu_milliseconds: float  # of a page


def _rates(loops: Sequence[_Loop]) -> float:
    return median(one.pages_per_second for one in loops)


def _cpu(loops: Sequence[_Loop]) -> float:
    return median(one.cpu_milliseconds for one in loops)


def _loop(extract: Callable[[Page], object], pages: Sequence[Page]) -> _Loop:
    start, busy = time.perf_counter(), time.process_time()
    for page in pages:
        extract(page)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return _Loop(len(pages) / seconds, 1000 * busy / len(pages))


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
