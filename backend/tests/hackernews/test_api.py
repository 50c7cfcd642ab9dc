"""The API client: limits, conditional requests, and unexpected answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from app.cache import Cache
from app.hackernews.api import (
    ATTEMPTS,
    FAILURES_IN_A_ROW,
    MAX_ANSWER_BYTES,
    MAX_WAIT_SECONDS,
    HackerNewsApi,
    HackerNewsUnavailableError,
)
from app.hackernews.items import Story
from tests.hackernews.conftest import HackerNewsServer


def failing(times: int, status: int, **headers: str) -> Callable[[], web.Response | None]:
    left = iter(range(times))
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer() -> web.Response | None:
        return None if next(left, None) is None else web.Response(status=status, headers=named)

    return answer


async def test_an_unchanged_list_is_not_transferred_again(
    api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    hacker_news.lists["topstories"] = [3, 1, 2]
    assert await api.ranked("topstories") == (3, 1, 2)
    assert await api.ranked("topstories") == (3, 1, 2)
    assert hacker_news.not_modified["topstories"] == 1
    hacker_news.lists["topstories"] = [4]
    assert await api.ranked("topstories") == (4,)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=403),
        lambda: web.Response(status=404),
        lambda: web.Response(body=b"null"),
        lambda: web.Response(body=b'{"error": "Permission denied"}'),
    ],
)
async def test_an_unavailable_list_keeps_its_last_value(
    api: HackerNewsApi, hacker_news: HackerNewsServer, answer: Callable[[], web.Response]
) -> None:
    hacker_news.failures["topstories"] = answer
    assert await api.ranked("topstories") == ()
    del hacker_news.failures["topstories"]
    hacker_news.lists["topstories"] = [3, 1, 2]
    assert await api.ranked("topstories") == (3, 1, 2)
    hacker_news.failures["topstories"] = answer
    assert await api.ranked("topstories") == (3, 1, 2)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_temporary_errors_are_retried(
    api: HackerNewsApi, hacker_news: HackerNewsServer, status: int
) -> None:
    hacker_news.add(id=1, title="T", time=1)
    hacker_news.failures["item/1"] = failing(ATTEMPTS - 1, status)
    assert isinstance(await api.item(1), Story)


async def test_a_retry_after_applies_to_all_requests(
    hacker_news: HackerNewsServer,
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(round(seconds, 1))

    client = HackerNewsApi(hacker_news.url, sleep=sleep)
    hacker_news.add(id=1, title="T", time=1)
    hacker_news.add(id=2, title="T", time=1)
    hacker_news.failures["item/1"] = failing(1, 429, Retry_After="50")
    assert isinstance(await client.item(1), Story)
    assert isinstance(await client.item(2), Story)
    assert [round(wait, -1) for wait in waits] == [0, 50, 50]
    await client.close()


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"",
        b"{",
        b"[]",
        b"7",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"id": 2, "type": "story", "title": "T"}',
    ],
)
async def test_an_answer_without_the_item_yields_none(
    api: HackerNewsApi, hacker_news: HackerNewsServer, body: bytes
) -> None:
    hacker_news.failures["item/1"] = lambda: web.Response(body=body)
    assert await api.item(1) is None


async def test_an_oversized_answer_is_rejected(
    api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    hacker_news.failures["item/1"] = lambda: web.Response(body=b" " * (MAX_ANSWER_BYTES + 1))
    assert await api.item(1) is None


async def test_a_title_of_five_megabytes_is_a_story(
    api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    hacker_news.add(id=1, title="A" * 5_000_000, time=1)
    item = await api.item(1)
    assert isinstance(item, Story)
    assert len(item.title) == 300


async def test_items_keep_their_order(api: HackerNewsApi, hacker_news: HackerNewsServer) -> None:
    for number in range(1, 60):
        hacker_news.add(id=number, title=f"T{number}", time=1)
    wanted = list(range(59, 0, -1))
    items = await api.items(wanted)
    assert [item.id for item in items if item is not None] == wanted


async def test_many_failures_in_a_row_are_an_outage(
    api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    hacker_news.failures["topstories"] = lambda: web.Response(status=503)
    for number in range(1, 100):
        hacker_news.failures[f"item/{number}"] = lambda: web.Response(status=503)
    with pytest.raises(HackerNewsUnavailableError):
        await api.items(range(1, 100))
    asked = sum(hacker_news.requests.values())
    assert asked <= 100 + ATTEMPTS * FAILURES_IN_A_ROW


async def test_broken_items_are_no_outage_and_are_left_alone_for_a_while(
    api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    for number in range(1, 13):
        hacker_news.failures[f"item/{number}"] = lambda: web.Response(status=500)
    for number in range(13, 16):
        hacker_news.failures[f"item/{number}"] = lambda: web.Response(body=b"<html>Sorry")
    hacker_news.add(id=20, title="T", time=1)
    *broken, whole = await api.items([*range(1, 16), 20])
    assert broken == [None] * 15
    assert isinstance(whole, Story)

    before = hacker_news.requests.total()
    assert await api.items(range(1, 16)) == [None] * 15
    assert hacker_news.requests.total() == before


async def test_an_item_that_always_answers_429_is_given_up(
    hacker_news: HackerNewsServer,
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    client = HackerNewsApi(hacker_news.url, sleep=sleep)
    hacker_news.failures["item/1"] = lambda: web.Response(
        status=503, headers={"Retry-After": "9999"}
    )
    assert await client.item(1) is None
    assert hacker_news.requests["item/1"] <= 2
    assert max(waits) <= MAX_WAIT_SECONDS
    await client.close()


async def test_an_unchanged_item_is_not_sent_again_to_any_instance(
    hacker_news: HackerNewsServer, redis_url: str
) -> None:
    hacker_news.add(id=1, title="T \ud800", time=1, score=1)
    cache = Cache(redis_url)
    await cache.open()
    stories = []
    for _ in range(2):
        client = HackerNewsApi(hacker_news.url, cache)
        stories.append(await client.item(1))
        await client.close()
    assert stories[0] == stories[1] is not None
    assert hacker_news.not_modified["item/1"] == 1

    hacker_news.add(id=1, title="T", time=1, score=2)
    client = HackerNewsApi(hacker_news.url, cache)
    story = await client.item(1)
    assert isinstance(story, Story)
    assert story.points == 2
    await client.close()
    await cache.close()


@pytest.mark.parametrize("garbage", [b"", b"\xff\n{}", b"no line", b'"x"\n{', b"a\r\nb: c\n{}"])
async def test_invalid_cache_entries_are_ignored(
    hacker_news: HackerNewsServer, redis_url: str, garbage: bytes
) -> None:
    hacker_news.add(id=1, title="T", time=1)
    cache = Cache(redis_url)
    await cache.open()
    await cache.put("hn:item/1", garbage, 60)
    client = HackerNewsApi(hacker_news.url, cache)
    assert isinstance(await client.item(1), Story)
    await client.close()
    await cache.close()


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    client = HackerNewsApi(f"http://127.0.0.1:{port}/v0", first_wait=0.001)
    with pytest.raises(HackerNewsUnavailableError):
        await client.items(range(1, 20))
    await client.close()
