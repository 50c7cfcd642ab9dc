"""The second stage: converts the pages of the best stories to text."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from app.articles import store
from app.articles.alternative_addresses import alternative_addresses
from app.articles.assess.case import Expected
from app.articles.assess.related import mentions_title
from app.articles.cache import ArticleCache
from app.articles.extract import Article
from app.articles.fetch import MAX_BYTES, Fetcher
from app.articles.fetch_plans import plan
from app.articles.reasons import PageUnreadableError, Reason, next_wait
from app.articles.workers import ExtractionWorkers
from app.cache import Cache
from app.concurrency import Progress, ignore_progress, run_pool
from app.database.connection import Pool
from app.hackernews.duplicate_store import add_page
from app.hackernews.store import best_of_the_day
from app.settings import Settings
from app.text.words import count_words

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 8
LEASE = timedelta(minutes=3)
# Long enough for every style of summary and the first questions, on any instance.
SHARED_SECONDS = 6 * 3600
_BLOCKED_BY_PAYWALL = frozenset({Reason.FORBIDDEN, Reason.NO_TEXT, Reason.NEEDS_JAVASCRIPT,
                                 Reason.ROBOT_CHECK, Reason.REFUSED})  # fmt: skip

# Numbers and codes differ each time a server shows the same wall.
_NOT_WORDS = re.compile(r"[\W\d_]+")
TWIN_WAIT = timedelta(hours=2)

# Returns the text of a story's page by the story's id; None if there is none.
ArticleText = Callable[[int], Awaitable[str | None]]


class PageReader:
    """Reads the pages that stories link to; any number of instances may run.

    Texts are stored by the instance that fetched them, and shared through the cache, so that no
    page is fetched twice.
    """

    def __init__(
        self, pool: Pool, settings: Settings, texts: ArticleCache, cache: Cache | None = None
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._texts = texts
        self._cache = cache or Cache(None)
        self._fetcher = Fetcher(
            settings.fetch_private_hosts, settings.fetch_about_url, proxy=settings.fetch_proxy
        )
        self._workers = ExtractionWorkers()

    async def step(self, progress: Progress = ignore_progress) -> int:
        """Try to read the pages of the day's best stories until none is due.

        Returns:
            The number of attempts; `progress` receives the running count.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        return await run_pool(PAGES_AT_ONCE, self._best, self._claim, self._read, progress)

    async def text(self, story_id: int) -> str | None:
        """The text of a story's page, fetched again if no instance has it.

        Returns:
            None if the page was never read, or cannot be read any more.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        page = await store.page_of(self._pool, story_id)
        if page is None:
            return None
        url, title = page
        if (text := await self._kept(story_id, url)) is not None:
            return text
        try:
            article, _ = await self._article_behind(url, title)
        except PageUnreadableError as error:
            log.info("The page of story %d cannot be read any more: %s", story_id, error)
            return None
        await self._keep(story_id, url, article.text)
        return article.text

    async def kept(self, story_id: int) -> str | None:
        """The stored text of a story's page, if any instance has it.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        page = await store.page_of(self._pool, story_id)
        return await self._kept(story_id, page[0]) if page else None

    async def close(self) -> None:
        await self._workers.close()

    async def _best(self) -> list[int]:
        return await best_of_the_day(self._pool, self._stories_per_day)

    async def _claim(self, best: list[int], number: int) -> list[store.Unread]:
        return await store.claim(self._pool, best, number, LEASE)

    async def _read(self, story: store.Unread) -> None:
        try:
            article, addresses = await self._article_behind(story.url, story.title)
            await self._keep(story.story_id, story.url, article.text)
            await self._save(story, article)
            for address in addresses:
                await add_page(self._pool, story.story_id, story.url, address)
        except PageUnreadableError as error:
            log.info("The page of story %d cannot be read: %s", story.story_id, error)
            wait = next_wait(error, story.attempts)
            await store.save_failure(self._pool, story, error.reason, wait)

    async def _save(self, story: store.Unread, article: Article) -> None:
        """Save that a page was read, unless other pages have the same text.

        A text at several addresses is the article only of stories that it is about.

        Raises:
            PageUnreadableError: it is not about this story.
        """
        fingerprint = fingerprint_of(article.text)
        await store.save_read(
            self._pool,
            story,
            count_words(article.text),
            partial=article.partial,
            fingerprint=fingerprint,
            picture=article.picture,
        )
        # Checked after saving: of two concurrent readers, the later one finds the other.
        others = [
            one
            for one in await store.same_page_stories(self._pool, story, fingerprint)
            if _place(one.url) != _place(story.url)
        ]
        strangers = [one.story_id for one in others if not mentions_title(one.title, article.text)]
        if strangers:
            await store.reject_articles(self._pool, strangers, TWIN_WAIT)
        if others and not mentions_title(story.title, article.text):
            raise PageUnreadableError(Reason.SAME_TEXT, f"as at {others[0].url}"[:200])

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

    async def _article_behind(self, url: str, title: str) -> tuple[Article, frozenset[str]]:
        """The article, and the keys of the page's other addresses."""
        ways = plan(url)
        if ways.unreadable_because:
            raise PageUnreadableError(ways.unreadable_because)
        failure = PageUnreadableError(Reason.BAD_ADDRESS)
        for address in ways.addresses:
            try:
                page = await self._fetcher.fetch(address)
                article = await self._workers.extract(page, Expected(title, address))
                if address != url:  # another address with the plain text
                    return article, frozenset()
                return article, alternative_addresses(url, page.url, article.canonical)
            except PageUnreadableError as error:
                failure = error
            except Exception as error:
                # An unexpected error of one page must not affect others.
                log.exception("%s cannot be read", address)
                failure = PageUnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200])
        if ways.paywalled and failure.reason in _BLOCKED_BY_PAYWALL:
            raise PageUnreadableError(Reason.PAYWALL, str(failure)) from failure
        raise failure


def fingerprint_of(text: str) -> int:
    """A 64-bit number that is equal for texts with the same words."""
    words = _NOT_WORDS.sub(" ", text).lower().encode()
    return int.from_bytes(blake2b(words, digest_size=8).digest(), signed=True)


def _place(url: str) -> tuple[str, str]:
    """The part of an address that differs between pages, without parameters and fragments."""
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")


def page_to_keep(url: str, text: str) -> str:
    """A page's text with its address, because moderators may replace a story's link."""
    return f"{url}\n{text}"


def _text_of(url: str, page: str | None) -> str | None:
    """The text from `page_to_keep`, if it is that of the page at `url`."""
    address, _, text = (page or "").partition("\n")
    return text if address == url else None


def _key(story_id: int) -> str:
    return f"text:{story_id}"


def _unpacked(value: bytes | None) -> str | None:
    """The text in a value of the cache; None for anything else."""
    try:
        return zlib.decompressobj().decompress(value, MAX_BYTES).decode() if value else None
    except (zlib.error, UnicodeDecodeError):
        return None
