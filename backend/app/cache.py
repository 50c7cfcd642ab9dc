"""What instances share and may lose: a cache in Redis.

`await cache.get(key)` and `await cache.put(key, value, seconds)` keep bytes that can be had again
another way. Nothing here raises and nothing waits for long: without a `REDIS_URL`, before `open`,
while Redis is away or slow, and when it has dropped a key, the answer is None and the caller does
without. A Redis that failed is left alone for a while, so that a dead one costs a call nothing. Any
key may be evicted at any time, and what is found may be anybody's: check it before use. A key is
`<what>:<of which>`; all of them get the prefix `hnpal:`.
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
# How long a Redis that failed is left alone; doubled for each failure after it.
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 1.0, 60.0
CONNECTIONS = 16
LARGEST_VALUE_BYTES = 1024**2

T = TypeVar("T")


class Cache:
    """A client of Redis that can do without it.

    Args:
        url: such as redis://redis:6379/0; None: there is none.
        answer_seconds: how long an answer is waited for.
        clock: seconds that only go forward.
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
        """Begin to use Redis. Not before the first answer: the client takes 0.1 s to import."""
        if self._url is None or self._redis is not None:
            return
        try:
            self._redis = await asyncio.to_thread(_client, self._url, self._answer_seconds)
        except ValueError as error:
            log.error("REDIS_URL cannot be used, so there is no cache: %s", error)

    async def close(self) -> None:
        redis, self._redis = self._redis, None
        if redis is not None:
            await redis.aclose()

    async def get(self, key: str) -> bytes | None:
        """The value, if it is still there."""

        async def get(redis: Redis) -> bytes | None:
            value = await redis.get(PREFIX + key)
            return value if isinstance(value, bytes) else None

        return await self._ask(get)

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long, if that is possible now."""

        async def put(redis: Redis) -> None:
            await redis.set(PREFIX + key, value, ex=seconds)

        if len(value) <= LARGEST_VALUE_BYTES:
            await self._ask(put)

    async def _ask(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        redis, now = self._redis, self._clock()
        if redis is None or now < self._asked_again_at:
            return None
        failures = self._failures
        if failures:
            # This call finds out whether Redis is back; the others do not wait for it to know.
            self._asked_again_at = now + self._answer_seconds
        from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415

        try:
            async with asyncio.timeout(self._answer_seconds):
                answer = await question(redis)
        except ResponseError as error:  # it is there, but the key holds something else, or is full
            log.info("Redis refused: %s", error)
            return None
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            if failures == self._failures:  # else one of those asked at the same time has told
                self._failed(error)
            return None
        if self._failures:
            log.warning("Redis is back")
            self._failures, self._asked_again_at = 0, 0.0
        return answer

    def _failed(self, error: Exception) -> None:
        if not self._failures:
            log.warning("Redis is away, going on without: %s", error or type(error).__name__)
        rest = FIRST_REST_SECONDS * 2 ** min(self._failures, 10)
        self._failures += 1
        self._asked_again_at = self._clock() + min(rest, LONGEST_REST_SECONDS)


def _client(url: str, answer_seconds: float) -> Redis:
    from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=answer_seconds,
        socket_timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        # By itself the client would try three times more and wait in between.
        retry=Retry(NoBackoff(), 0),
    )
    return Redis(connection_pool=pool)
