"""A small pool of worker processes that extract text, isolated from the bot.

Workers are started on demand, replaced after a number of pages (parsers leak), killed if a page
takes too long, and ended when idle, because each of them takes about 70 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from app.articles.assess.case import Expected
from app.articles.extract import MAX_CHARACTERS, Article
from app.articles.page import Page
from app.articles.picture import picture_of
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.worker import MAX_DETAIL, PREFIX_BYTES, frame, lengths
from app.hackernews.links import URL_CHARACTERS

log = logging.getLogger(__name__)

PAGE_SECONDS = 15.0
START_SECONDS = 60.0
IDLE_SECONDS = 60.0
PAGES_OF_A_WORKER = 500
# Well above the length of texts from `extract`, even if every character is escaped.
MAX_ANSWER_BYTES = 4 * 1024**2
COMMAND = (sys.executable, "-m", "app.articles.worker")
# The environment that Python needs to start; workers get nothing else.
ENVIRONMENT = {
    "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
} | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


@dataclass(slots=True)
class _Worker:
    """A process, and the number of pages that it may still extract."""

    process: Process
    pages_left: int = PAGES_OF_A_WORKER

    async def answer(self, seconds: float) -> dict[str, Any]:
        """The next response.

        Raises:
            TimeoutError: there is none within `seconds`.
            EOFError: the process has ended.
            ValueError: it is malformed.
        """
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            head, body = lengths(await self.process.stdout.readexactly(PREFIX_BYTES))
            if head > MAX_ANSWER_BYTES or body:
                raise ValueError("the answer is too long")
            answer = json.loads(await self.process.stdout.readexactly(head))
        if not isinstance(answer, dict):
            raise ValueError("the answer is not an object")
        return answer

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class ExtractionWorkers:
    """Extracts pages in worker processes.

    Args:
        count: the number of workers; by default the number of usable cores.
        page_seconds: the time limit for a page, after which its worker is killed.
        idle_seconds: after which all workers are ended.
        command: the command that runs a worker.
    """

    def __init__(
        self,
        count: int | None = None,
        *,
        page_seconds: float = PAGE_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._page_seconds = page_seconds
        self._idle_seconds = idle_seconds
        self._command = command
        self._places = asyncio.Semaphore(count or len(os.sched_getaffinity(0)))
        self._idle: list[_Worker] = []
        self._running: set[Process] = set()
        self._busy = 0
        self._ending: asyncio.TimerHandle | None = None
        self._told = False

    async def extract(self, page: Page, expected: Expected | None = None) -> Article:
        """The page's article, as from `extract.extract`.

        Raises:
            PageUnreadableError: there is none, or extraction takes too much time or memory.
        """
        self._busy += 1
        if self._ending:
            self._ending.cancel()
        try:
            async with self._places:
                return await self._extract(page, expected or Expected(url=page.url))
        finally:
            self._busy -= 1
            if not self._busy:
                loop = asyncio.get_running_loop()
                self._ending = loop.call_later(self._idle_seconds, self._end)

    async def close(self) -> None:
        """Kill the workers."""
        if self._ending:
            self._ending.cancel()
        self._end()
        await asyncio.gather(*(process.wait() for process in self._running))

    async def _extract(self, page: Page, expected: Expected) -> Article:
        worker = None
        kept = False
        try:
            worker = self._next_idle() or await self._start()
            assert worker.process.stdin is not None
            seconds = ceil(self._page_seconds) + 1
            asked = {
                "url": page.url,
                "content_type": page.content_type,
                "status": page.status,
                "headers": dict(page.headers),
                "expected": [expected.title, expected.url],
                "seconds": seconds,
            }
            worker.process.stdin.write(frame(asked, page.body))
            answer = await worker.answer(self._page_seconds)
            article = _article(answer)
            kept = True
            return article
        except PageUnreadableError:
            kept = True
            raise
        except TimeoutError as error:
            raise PageUnreadableError(Reason.EXTRACTION_TIMEOUT, page.url) from error
        except (EOFError, OSError, ValueError, RecursionError) as error:
            raise PageUnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:MAX_DETAIL]) from error
        finally:
            if worker is not None:
                self._release(worker, kept=kept)

    def _next_idle(self) -> _Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.process.returncode is None:
                return worker
        return None

    async def _start(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, env=ENVIRONMENT, cwd="/"
        )
        self._running.add(process)
        worker = _Worker(process)
        try:
            missing = (await worker.answer(START_SECONDS)).get("missing")
        except BaseException:
            worker.kill()
            raise
        if missing and not self._told:
            self._told = True
            log.warning(
                "The sandbox of the extraction workers is incomplete on this system: %s",
                "; ".join(map(str, missing)),
            )
        return worker

    def _release(self, worker: _Worker, *, kept: bool) -> None:
        worker.pages_left -= 1
        self._running = {one for one in self._running if one.returncode is None}
        if kept and worker.pages_left and worker.process in self._running:
            self._idle.append(worker)
        else:
            worker.kill()

    def _end(self) -> None:
        self._idle.clear()
        for process in self._running:
            _Worker(process).kill()


def _article(answer: dict[str, Any]) -> Article:
    """Parse a worker's response.

    Raises:
        PageUnreadableError: the worker found no article.
        ValueError: the response is malformed.
    """
    if (text := answer.get("text")) is None:
        detail = " ".join(str(answer.get("detail")).split())
        after = answer.get("retry_after")
        raise PageUnreadableError(
            Reason(str(answer.get("reason"))),
            detail[:MAX_DETAIL],
            after if isinstance(after, float) else None,
        )
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS or "\0" in text:
        raise ValueError("no text")
    text.encode()  # fails for lone surrogates
    canonical = str(answer.get("canonical") or "")[:URL_CHARACTERS]
    # Judged again, because a worker that parses untrusted pages is not trusted either.
    picture = picture_of({"og:image": str(answer.get("picture") or "")}, "")
    return Article(text, answer.get("partial") is True, canonical, picture)
