"""The Hacker News API over HTTP: https://github.com/HackerNews/API.

Polite: few requests at once, conditional ones where an entity tag is known, and everybody waits
when the server asks one of them to.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

import httpx

from app.hackernews import retry_after
from app.hackernews.items import Comment, Story, ids, parse_item
from app.hackernews.together import together

ListName: TypeAlias = Literal["topstories", "beststories", "askstories", "showstories"]

CONCURRENT_REQUESTS = 20
REQUEST_SECONDS = 20.0
ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
LARGEST_ANSWER_BYTES = 8 * 1024**2
# One broken item must not stop a round; this many failures with no success between are an outage.
FAILURES_OF_AN_OUTAGE = 5


class HackerNewsUnavailableError(Exception):
    """The API does not answer usefully, whatever is asked."""


class _TryAgainError(Exception):
    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class HackerNewsApi:
    """A client of one API server.

    Args:
        url: such as https://hacker-news.firebaseio.com/v0
        first_wait: seconds before the second attempt; doubled for each one after it.
        sleep: how waiting is done.
    """

    def __init__(
        self,
        url: str,
        *,
        first_wait: float = FIRST_WAIT_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._sleep = sleep
        self._first_wait = first_wait
        self._client = httpx.AsyncClient(
            headers={"User-Agent": "HNPal (a digest bot)", "X-Firebase-ETag": "true"},
            timeout=REQUEST_SECONDS,
            limits=httpx.Limits(max_connections=CONCURRENT_REQUESTS),
        )
        self._slots = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._open_at = 0.0  # the event loop's time before which nobody asks
        self._failures = 0
        self._lists: dict[ListName, tuple[str, tuple[int, ...]]] = {}

    async def close(self) -> None:
        await self._client.aclose()

    async def ranked(self, name: ListName) -> tuple[int, ...]:
        """The ids of a list in its order; empty when it cannot be had.

        Raises:
            HackerNewsUnavailableError: when nothing else could be had either.
        """
        etag, known = self._lists.get(name, ("", ()))
        answer = await self._get(f"{name}.json", etag)
        if answer is None:
            return known
        new_etag, value = answer
        ranked = ids(value)
        if new_etag:
            self._lists[name] = new_etag, ranked
        return ranked

    async def item(self, item_id: int) -> Story | Comment | None:
        """One item; None when there is none, when it is of another kind, or cannot be had now.

        Raises:
            HackerNewsUnavailableError: when nothing else could be had either.
        """
        answer = await self._get(f"item/{item_id}.json")
        item = parse_item(answer[1], datetime.now(UTC)) if answer else None
        return item if item is not None and item.id == item_id else None

    async def items(self, item_ids: Iterable[int]) -> list[Story | Comment | None]:
        """Several items at once, in the order asked for; each as from `item`.

        Raises:
            HackerNewsUnavailableError: when nothing else could be had either.
        """
        return await together(self.item(item_id) for item_id in item_ids)

    async def _get(self, path: str, etag: str = "") -> tuple[str, Any] | None:
        """The entity tag and the decoded answer; None when there is nothing new."""
        async with self._slots:
            for attempt in range(ATTEMPTS):
                try:
                    answer = await self._attempt(path, etag)
                except (
                    _TryAgainError,
                    httpx.HTTPError,
                    OSError,
                    ValueError,
                    RecursionError,
                ) as error:
                    self._wait(error, attempt)
                else:
                    self._failures = 0
                    return answer
        self._failures += 1
        if self._failures >= FAILURES_OF_AN_OUTAGE:
            self._failures = 0
            raise HackerNewsUnavailableError(f"{self._url} does not answer ({path} was the last)")
        return None

    def _wait(self, error: Exception, attempt: int) -> None:
        wait = self._first_wait * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311
        if isinstance(error, _TryAgainError) and error.after is not None:
            wait = max(wait, error.after)
        now = asyncio.get_running_loop().time()
        self._open_at = max(self._open_at, now + min(wait, LONGEST_WAIT_SECONDS))

    async def _attempt(self, path: str, etag: str) -> tuple[str, Any] | None:
        now = asyncio.get_running_loop().time()
        await self._sleep(max(0, self._open_at - now))
        headers = {"If-None-Match": etag} if etag else {}
        async with (
            asyncio.timeout(REQUEST_SECONDS),
            self._client.stream("GET", f"{self._url}/{path}", headers=headers) as response,
        ):
            status = response.status_code
            if status == HTTPStatus.NOT_MODIFIED:
                return None
            if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                after = retry_after.seconds(response.headers.get("Retry-After"), datetime.now(UTC))
                raise _TryAgainError(f"status {status}", after)
            if status != HTTPStatus.OK:
                return "", None
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER_BYTES:
                    return "", None
        return response.headers.get("ETag", ""), json.loads(body)
