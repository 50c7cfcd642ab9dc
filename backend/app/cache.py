"""A cache in Redis that all instances share.

`await cache.get(key)` and `await cache.put(key, value, seconds)` store bytes that can be obtained
in another way. Nothing here raises or waits for long: without a `REDIS_URL`, before `open`, while
Redis is down or slow, and for an evicted key, the result is None. After a failure, Redis is not
called for a while, so that an outage costs calls nothing. Any key may be evicted at any time, and
any client may have written a value: validate it before use. A key is `<what>:<of which>`; all keys
get the prefix `hnpal:`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

PREFIX = "hnpal:"
ANSWER_SECONDS = 0.25
# The pause after a failure of Redis; doubled for each further failure.
FIRST_REST_SECONDS, MAX_REST_SECONDS = 1.0, 60.0
CONNECTIONS = 16
MAX_VALUE_BYTES = 1024**2

T = TypeVar("T")


class Cache:
    """A client of Redis whose failures have no effect on the caller.

    Args:
        url: such as redis://redis:6379/0; None: no cache.
        answer_seconds: the timeout of a call.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        url: str | None,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._answer_seconds = answer_seconds
        self._clock = clock
        self._redis: Redis | None = None
        self._failures = 0
        self._asked_again_at = 0.0

    async def open(self) -> None:
        """Start using Redis. Not called before the first reply: importing the client takes 0.1
        s.
        """
        if self._url is None or self._redis is not None:
            return
        try:
            self._redis = await asyncio.to_thread(_client, self._url, self._answer_seconds)
        except ValueError as error:
            log.error("REDIS_URL is invalid, so there is no cache: %s", error)

    async def close(self) -> None:
        redis, self._redis = self._redis, None
        if redis is not None:
            await redis.aclose()

    async def get(self, key: str) -> bytes | None:
        """The value, or None."""

        async def get(redis: Redis) -> bytes | None:
            value = await redis.get(PREFIX + key)
            return value if isinstance(value, bytes) else None

        return await self._ask(get)

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store a value for `seconds`, if possible."""

        async def put(redis: Redis) -> None:
            await redis.set(PREFIX + key, value, ex=seconds)

        if len(value) <= MAX_VALUE_BYTES:
            await self._ask(put)

    async def _ask(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        redis, now = self._redis, self._clock()
        if redis is None or now < self._asked_again_at:
            return None
        failures = self._failures
        if failures:
            # This call tests whether Redis is back; others do not wait for its result.
            self._asked_again_at = now + self._answer_seconds
        from redis.exceptions import RedisError, ResponseError

        try:
            async with asyncio.timeout(self._answer_seconds):
                answer = await question(redis)
        except ResponseError as error:  # Redis works, but is full or the key has another type
            log.info("Redis rejected a command: %s", error)
            return None
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            if failures == self._failures:  # otherwise a concurrent call has recorded the failure
                self._failed(error)
            return None
        if self._failures:
            log.warning("Redis is back")
            self._failures, self._asked_again_at = 0, 0.0
        return answer

    def _failed(self, error: Exception) -> None:
        if not self._failures:
            log.warning("Redis is down, continuing without it: %s", error or type(error).__name__)
        rest = FIRST_REST_SECONDS * 2 ** min(self._failures, 10)
        self._failures += 1
        self._asked_again_at = self._clock() + min(rest, MAX_REST_SECONDS)


def _client(url: str, answer_seconds: float) -> Redis:
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=answer_seconds,
        socket_timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        # The default would retry three times with pauses.
        retry=Retry(NoBackoff(), 0),
    )
    return Redis(connection_pool=pool)
