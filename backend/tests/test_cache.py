from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis as redis_client

from app.cache import MAX_REST_SECONDS, MAX_VALUE_BYTES, PREFIX, Cache
from simulators.embedded import redis

# Of a Redis that answers, however busy the machine is.
PATIENCE_SECONDS = 60.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[str]:
    """A Redis for one test, which may do to it what it likes."""
    with redis(tmp_path / "redis") as url:
        yield url


@pytest.fixture
def server(redis_url: str) -> Iterator[redis_client.Redis]:
    """The Redis of all tests, emptied."""
    client = redis_client.Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
async def cache(redis_url: str, server: redis_client.Redis) -> AsyncIterator[Cache]:
    one = Cache(redis_url, answer_seconds=PATIENCE_SECONDS)
    await one.open()
    yield one
    await one.close()


async def test_instances_share_values(cache: Cache, redis_url: str) -> None:
    other = Cache(redis_url, answer_seconds=PATIENCE_SECONDS)
    await other.open()
    await cache.put("page:1", b"\x00text\xff", 60)
    assert await other.get("page:1") == b"\x00text\xff"
    await other.close()


async def test_a_value_expires(cache: Cache, server: redis_client.Redis) -> None:
    await cache.put("page:1", b"text", 60)
    assert 0 < server.ttl(f"{PREFIX}page:1") <= 60


async def test_large_values_are_not_stored(cache: Cache) -> None:
    await cache.put("page:1", bytes(MAX_VALUE_BYTES + 1), 60)
    assert await cache.get("page:1") is None


async def test_without_an_address_nothing_is_stored() -> None:
    cache = Cache(None)
    await cache.open()
    await cache.put("page:1", b"text", 60)
    assert await cache.get("page:1") is None


async def test_no_request_is_made_before_opening(redis_url: str) -> None:
    cache = Cache(redis_url)
    await cache.put("page:1", b"text", 60)
    assert await cache.get("page:1") is None


async def test_an_invalid_address_is_logged_and_ignored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = Cache("http://redis")
    await cache.open()
    assert await cache.get("page:1") is None
    assert "REDIS_URL" in caplog.text


def test_importing_it_does_not_import_the_client() -> None:
    code = "import sys, app.cache; sys.exit('redis' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_an_evicted_key_is_only_missing(own_redis: str) -> None:
    cache = Cache(own_redis, answer_seconds=PATIENCE_SECONDS)
    await cache.open()
    with redis_client.Redis.from_url(own_redis) as server:
        server.config_set("maxmemory", server.info("memory")["used_memory"] + 400_000)
        server.config_set("maxmemory-policy", "allkeys-lru")
    for number in range(100):
        await cache.put(f"page:{number}", bytes(10_000), 60)
    kept = [await cache.get(f"page:{number}") for number in range(100)]
    assert 0 < sum(value is not None for value in kept) < 100
    await cache.close()


async def test_a_full_redis_raises_nothing(own_redis: str) -> None:
    cache = Cache(own_redis, answer_seconds=PATIENCE_SECONDS)
    await cache.open()
    await cache.put("page:1", b"text", 60)
    with redis_client.Redis.from_url(own_redis) as server:
        server.config_set("maxmemory", 1)
    await cache.put("page:2", b"text", 60)
    assert await cache.get("page:1") == b"text"
    await cache.close()


async def test_a_key_of_another_type_counts_as_missing(
    cache: Cache, server: redis_client.Redis
) -> None:
    server.rpush(f"{PREFIX}page:1", "a", "list")
    assert await cache.get("page:1") is None
    await cache.put("page:1", b"text", 60)
    assert await cache.get("page:1") == b"text"


async def test_a_killed_redis_costs_one_call_and_is_used_again_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with redis(tmp_path / "one") as url:
        cache = Cache(url, answer_seconds=PATIENCE_SECONDS, clock=clock)
        await cache.open()
        await cache.put("page:1", b"text", 60)
        with redis_client.Redis.from_url(url) as server:
            os.kill(server.info("server")["process_id"], signal.SIGKILL)
    assert await cache.get("page:1") is None
    assert [await cache.get("page:1") for _ in range(1000)] == [None] * 1000
    assert caplog.text.count("Redis is down") == 1
    port = int(url.rpartition(":")[2].partition("/")[0])
    with redis(tmp_path / "two", port=port):
        assert await cache.get("page:1") is None  # it is still being left alone
        clock.now += MAX_REST_SECONDS
        await cache.put("page:1", b"new", 60)
        assert await cache.get("page:1") == b"new"
        assert "Redis is back" in caplog.text
        await cache.close()


async def test_an_unresponsive_redis_is_asked_less_often() -> None:
    askers: list[int] = []

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        askers.append(writer.get_extra_info("peername")[1])
        await reader.read()
        writer.close()

    async def asked() -> int:
        """How often so far: who asks now is the last in the server's queue."""
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        last = writer.get_extra_info("sockname")[1]
        while last not in askers:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.001)
        askers.remove(last)
        writer.close()
        return len(askers)

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clock = Clock()
    cache = Cache(f"redis://127.0.0.1:{port}/0", answer_seconds=1.0, clock=clock)
    await cache.open()
    async with asyncio.timeout(60):
        together = await asyncio.gather(*(cache.get("page:1") for _ in range(50)))
        assert together == [None] * 50
        at_first, rests = await asked(), []
        for _ in range(5):
            clock.now += 3.0
            before = await asked()
            await asyncio.gather(*(cache.get("page:1") for _ in range(10)))
            rests.append(await asked() - before)
    assert at_first > 0
    # One of ten finds out whether it is back; after a few failures not even that one.
    assert rests == [1, 1, 0, 1, 0]
    await cache.close()
    server.close()


async def test_malformed_responses_are_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    async def talk_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk_http, "127.0.0.1", 0)
    cache = Cache(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    await cache.open()
    assert await cache.get("page:1") is None
    assert "Redis is down" in caplog.text
    await cache.close()
    server.close()
