"""A client of the Hacker News API: https://github.com/HackerNews/API.

It limits concurrent requests, sends conditional requests where an entity tag is known, and holds
back all requests when the server asks for a pause.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

import aiohttp

from app.cache import Cache
from app.concurrency import gather
from app.hackernews import retry_after
from app.hackernews.items import Comment, HackerNewsUser, Story, ids, parse_item, parse_user
from app.proxy import proxy_for

ListName: TypeAlias = Literal["topstories", "beststories", "askstories", "showstories"]

CONCURRENT_REQUESTS = 20
REQUEST_SECONDS = 20.0
ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 60.0
MAX_ANSWER_BYTES = 8 * 1024**2
# After this many consecutive failures, a request for the front page distinguishes broken items
# from an outage.
FAILURES_IN_A_ROW = 5
FRONT_PAGE: ListName = "topstories"
# How long a broken item is not requested again.
PUT_OFF_SECONDS = 120.0
REMEMBERED_SECONDS = 48 * 3600


class HackerNewsUnavailableError(Exception):
    """The API returns nothing usable for any request."""


class NoSuchUserError(Exception):
    """Hacker News has no user of this name."""


class _TryAgainError(Exception):
    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


_FAILURES = (_TryAgainError, aiohttp.ClientError, OSError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A response body, and its entity tag for the next conditional request."""

    etag: str
    body: bytes
    value: Any


class HackerNewsApi:
    """A client of one API server. Create it inside a running event loop.

    Args:
        url: the API's base URL, such as https://hacker-news.firebaseio.com/v0
        cache: stores items and their entity tags.
        first_wait: seconds before the second attempt; doubled for each one after it.
        sleep: called to wait between attempts.
    """

    def __init__(
        self,
        url: str,
        cache: Cache | None = None,
        *,
        first_wait: float = FIRST_WAIT_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._cache = cache or Cache(None)
        self._sleep = sleep
        self._first_wait = first_wait
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONCURRENT_REQUESTS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "HNPal (a digest bot)", "X-Firebase-ETag": "true"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            proxy=proxy_for(url),
        )
        self._slots = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._open_at = 0.0  # event loop time before which no request is sent
        self._failures = 0
        self._lists: dict[ListName, _Answer] = {}
        self._put_off: dict[int, float] = {}  # item → time before which it is not requested
        self.answered_at: datetime | None = None

    async def close(self) -> None:
        await self._session.close()

    async def ranked(self, name: ListName) -> tuple[int, ...]:
        """The ids of a list in the list's order; the last known ones if the list cannot be fetched.

        Raises:
            HackerNewsUnavailableError: the whole API is unavailable.
        """
        known = self._lists.get(name)
        answer = await self._get(f"{name}.json", known)
        if answer is None or not isinstance(answer.value, list):
            return ids(known.value) if known else ()
        self._lists[name] = answer
        return ids(answer.value)

    async def item(self, item_id: int) -> Story | Comment | None:
        """One item; None if it does not exist, is of another kind or cannot be fetched now.

        Raises:
            HackerNewsUnavailableError: the whole API is unavailable.
        """
        if item_id in self._put_off and self._put_off[item_id] > _now():
            return None
        key = f"hn:item/{item_id}"
        known = _recalled(await self._cache.get(key))
        answer = await self._get(f"item/{item_id}.json", known)
        if answer is None:
            later = {one: until for one, until in self._put_off.items() if until > _now()}
            self._put_off = later | {item_id: _now() + PUT_OFF_SECONDS}
            return None
        if answer is not known and answer.etag:
            value = answer.etag.encode() + b"\n" + answer.body
            await self._cache.put(key, value, REMEMBERED_SECONDS)
        item = parse_item(answer.value, datetime.now(UTC))
        return item if item is not None and item.id == item_id else None

    async def user(self, name: str, limit: int) -> HackerNewsUser | None:
        """A user with up to `limit` of the latest submissions; None when it cannot be had now.

        Raises:
            NoSuchUserError: when there is none of this name.
            HackerNewsUnavailableError: when nothing else could be had either.
        """
        key = f"hn:user/{name}/{limit}"
        known = _recalled(await self._cache.get(key))
        answer = await self._get(f"user/{name}.json", known)
        if answer is None:
            return None
        user = parse_user(answer.value, limit)
        if user is None:
            if answer.value is None and answer.body:
                raise NoSuchUserError(name)
            return None
        if answer is not known and answer.etag:
            # Only what is used is cached: some users have submitted a hundred thousand items.
            kept = json.dumps({"id": user.name, "submitted": user.submitted}).encode()
            await self._cache.put(key, answer.etag.encode() + b"\n" + kept, REMEMBERED_SECONDS)
        return user

    async def items(self, item_ids: Iterable[int]) -> list[Story | Comment | None]:
        """Fetch several items concurrently, in the given order; each result is as from `item`.

        Raises:
            HackerNewsUnavailableError: the whole API is unavailable.
        """
        return await gather(self.item(item_id) for item_id in item_ids)

    def any_failed(self, item_ids: Iterable[int]) -> bool:
        """Whether a request for one of these items has just failed."""
        return any(self._put_off.get(one, 0.0) > _now() for one in item_ids)

    async def _get(self, path: str, known: _Answer | None) -> _Answer | None:
        """The response; `known` itself if it has not changed, None if nothing usable came back."""
        async with self._slots:
            give_up_at = _now() + MAX_WAIT_SECONDS
            for attempt in range(ATTEMPTS):
                try:
                    answer = await self._attempt(path, known)
                except _FAILURES as error:
                    self._wait(error, attempt)
                    if self._open_at > give_up_at:
                        break
                else:
                    self._failures = 0
                    if answer.body:
                        self.answered_at = datetime.now(UTC)
                    return answer
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                self._failures = 0
                await self._check_for_outage(path)
        return None

    async def _check_for_outage(self, path: str) -> None:
        try:
            await self._attempt(f"{FRONT_PAGE}.json", None)
        except _FAILURES as error:
            raise HackerNewsUnavailableError(
                f"{self._url} does not answer ({path} was the last)"
            ) from error

    def _wait(self, error: Exception, attempt: int) -> None:
        wait = self._first_wait * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        if isinstance(error, _TryAgainError) and error.after is not None:
            wait = max(wait, error.after)
        self._open_at = max(self._open_at, _now() + min(wait, MAX_WAIT_SECONDS))

    async def _attempt(self, path: str, known: _Answer | None) -> _Answer:
        await self._sleep(max(0, self._open_at - _now()))
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        async with self._session.get(
            f"{self._url}/{path}", headers=headers, allow_redirects=False
        ) as response:
            status = response.status
            if status == HTTPStatus.NOT_MODIFIED and known:
                return known
            if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                after = retry_after.seconds(response.headers.get("Retry-After"), datetime.now(UTC))
                raise _TryAgainError(f"status {status}", after)
            if status != HTTPStatus.OK:
                return _Answer("", b"", None)
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    return _Answer("", b"", None)
        return _Answer(response.headers.get("ETag", ""), bytes(body), json.loads(body))


def _recalled(remembered: bytes | None) -> _Answer | None:
    etag, _, body = (remembered or b"").partition(b"\n")
    try:
        return _Answer(etag.decode("ascii"), body, json.loads(body))
    except (ValueError, RecursionError):  # a cache may hold anything
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
