"""The second stage: the pages of the best stories become text."""

from __future__ import annotations

import logging
import zlib
from datetime import timedelta

from app.articles import store
from app.articles.cache import ArticleCache
from app.articles.fetch import LARGEST_BYTES, Fetcher
from app.articles.reasons import Reason, UnreadableError, next_wait
from app.articles.sources import plan
from app.articles.words import count_words
from app.articles.workers import ExtractionWorkers
from app.cache import Cache
from app.database.connection import Pool
from app.hackernews.store import best_of_the_day
from app.hackernews.together import Tell, in_lanes, nobody
from app.settings import Settings

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 8
LEASE = timedelta(minutes=3)
# Long enough for every style of summary and the first questions, wherever they are worked on.
SHARED_SECONDS = 6 * 3600
_BLOCKED_BY_PAYWALL = frozenset({Reason.FORBIDDEN, Reason.NO_TEXT, Reason.NEEDS_JAVASCRIPT,
                                 Reason.ROBOT_CHECK, Reason.REFUSED})  # fmt: skip


class Reader:
    """Reads the pages that stories link to; any number of instances may run.

    A text is kept in this instance's store, and shared with the others through the cache, so that
    none of them has to bother the page's server again.
    """

    def __init__(
        self, pool: Pool, settings: Settings, texts: ArticleCache, cache: Cache | None = None
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._texts = texts
        self._cache = cache or Cache(None)
        self._fetcher = Fetcher(settings.fetch_private_hosts)
        self._workers = ExtractionWorkers()

    async def step(self, tell: Tell = nobody) -> int:
        """Try to read the pages of the day's best stories until none is due.

        Returns:
            How many were tried, with whatever success; `tell` hears it before.

        Raises:
            OUTAGES: when PostgreSQL is away.
        """
        return await in_lanes(PAGES_AT_ONCE, self._best, self._claim, self._read, tell)

    async def text(self, story_id: int) -> str | None:
        """The text of a story's page, fetched again if no instance has kept it.

        Returns:
            None when the page was never read, or is not readable any more.

        Raises:
            OUTAGES: when PostgreSQL is away.
        """
        url = await store.url_of(self._pool, story_id)
        if url is None:
            return None
        if (text := await self._kept(story_id, url)) is not None:
            return text
        try:
            text = await self._text_behind(url)
        except UnreadableError as error:
            log.info("Story %d was read before, but not now: %s", story_id, error)
            return None
        await self._keep(story_id, url, text)
        return text

    async def kept(self, story_id: int) -> str | None:
        """The text of a story's page, if some instance has kept it.

        Raises:
            OUTAGES: when PostgreSQL is away.
        """
        url = await store.url_of(self._pool, story_id)
        return await self._kept(story_id, url) if url else None

    async def close(self) -> None:
        await self._workers.close()

    async def _best(self) -> list[int]:
        return await best_of_the_day(self._pool, self._stories_per_day)

    async def _claim(self, best: list[int], number: int) -> list[store.Unread]:
        return await store.claim(self._pool, best, number, LEASE)

    async def _read(self, story: store.Unread) -> None:
        try:
            text = await self._text_behind(story.url)
        except UnreadableError as error:
            log.info("Story %d is not readable: %s", story.story_id, error)
            wait = next_wait(error, story.attempts)
            await store.save_failure(self._pool, story, error.reason, wait)
        else:
            await self._keep(story.story_id, story.url, text)
            await store.save_read(self._pool, story, count_words(text))

    async def _kept(self, story_id: int, url: str) -> str | None:
        if (text := _text_of(url, await self._texts.get(story_id))) is not None:
            return text
        shared = _unpacked(await self._cache.get(_key(story_id)))
        if shared is None or (text := _text_of(url, shared)) is None:
            return None
        await self._texts.put(story_id, shared)
        return text

    async def _keep(self, story_id: int, url: str, text: str) -> None:
        page = page_to_keep(url, text)
        await self._texts.put(story_id, page)
        await self._cache.put(_key(story_id), zlib.compress(page.encode()), SHARED_SECONDS)

    async def _text_behind(self, url: str) -> str:
        ways = plan(url)
        if ways.hopeless:
            raise UnreadableError(ways.hopeless)
        failure = UnreadableError(Reason.BAD_ADDRESS)
        for address in ways.addresses:
            try:
                return await self._workers.extract(await self._fetcher.fetch(address))
            except UnreadableError as error:
                failure = error
            except Exception as error:
                # One page's surprise stops no other's.
                log.exception("%s cannot be read", address)
                failure = UnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200])
        if ways.paywalled and failure.reason in _BLOCKED_BY_PAYWALL:
            raise UnreadableError(Reason.PAYWALL, str(failure)) from failure
        raise failure


def page_to_keep(url: str, text: str) -> str:
    """A page's text behind its address: moderators replace links, and then it is another's."""
    return f"{url}\n{text}"


def _text_of(url: str, page: str | None) -> str | None:
    """The text of what `page_to_keep` made, if it is that of the page at `url`."""
    address, _, text = (page or "").partition("\n")
    return text if address == url else None


def _key(story_id: int) -> str:
    return f"text:{story_id}"


def _unpacked(value: bytes | None) -> str | None:
    """The text in a value of the cache; None when it is anything else."""
    try:
        return zlib.decompressobj().decompress(value, LARGEST_BYTES).decode() if value else None
    except (zlib.error, UnicodeDecodeError):
        return None
