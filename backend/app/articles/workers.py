"""A small pool of processes that extract text, so that no page stalls or ends the bot.

Workers are started when there is something to extract, replaced after a number of pages (parsers
leak), killed when a page takes too long, and ended when there is nothing to do: each of them takes
about 70 MB, which a small host has better uses for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import resource
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.reasons import Reason, UnreadableError

PAGE_SECONDS = 15.0
IDLE_SECONDS = 60.0
PAGES_OF_A_WORKER = 500
LARGEST_WORKER_BYTES = 256 * 1024**2
NICENESS = 5


class ExtractionWorkers:
    """Extracts pages in other processes.

    Args:
        count: of processes; as many as there are cores to run on when not given.
        page_seconds: after which a page's worker is killed.
        idle_seconds: after which all workers end.
    """

    def __init__(
        self,
        count: int | None = None,
        *,
        page_seconds: float = PAGE_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._count = count or len(os.sched_getaffinity(0))
        self._page_seconds = page_seconds
        self._idle_seconds = idle_seconds
        self._pool: ProcessPool | None = None
        self._busy = 0
        self._ending: asyncio.TimerHandle | None = None

    async def extract(self, page: Page) -> str:
        """The page's text, as from `extract.extract`.

        Raises:
            UnreadableError: there is none, or getting it takes too much time or memory.
        """
        self._busy += 1
        if self._ending:
            self._ending.cancel()
        try:
            future = self._running_pool().schedule(extract, (page,), timeout=self._page_seconds)
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise UnreadableError(Reason.EXTRACTION_TIMEOUT, page.url) from error
        except ProcessExpired as error:
            raise UnreadableError(Reason.EXTRACTION_FAILED, str(error)) from error
        except RuntimeError as error:  # the pool itself is broken, so the next page gets another
            self._end()
            raise UnreadableError(Reason.EXTRACTION_FAILED, str(error)) from error
        finally:
            self._busy -= 1
            if not self._busy:
                loop = asyncio.get_running_loop()
                self._ending = loop.call_later(self._idle_seconds, self._end)

    async def close(self) -> None:
        """End the workers at once."""
        if self._ending:
            self._ending.cancel()
        self._end()

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                self._count,
                max_tasks=PAGES_OF_A_WORKER,
                initializer=_prepare,
                # A fork would share the bot's memory and locks in whatever state they are.
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            asyncio.get_running_loop().run_in_executor(None, pool.join)


def _prepare() -> None:
    """Make this worker the first to yield: its processor to the bot, its life to the host."""
    # It tells of every oddity, and strangers' documents have as many as they like.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (LARGEST_WORKER_BYTES, LARGEST_WORKER_BYTES))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    import trafilatura  # noqa: F401, PLC0415 - now rather than within the first page's time
