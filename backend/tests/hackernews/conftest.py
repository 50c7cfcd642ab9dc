"""A Hacker News API whose items and failures the tests choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.hackernews.api import HackerNewsApi

Item = dict[str, Any]


@dataclass
class HackerNewsServer:
    """What the API would answer; `failures` maps a path to a function that may answer instead."""

    items: dict[int, Any] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, Callable[[], web.Response | None]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    not_modified: Counter[str] = field(default_factory=Counter)
    url: str = ""

    def add(self, **item: Any) -> Item:
        item.setdefault("type", "story")
        self.items[item["id"]] = item
        return item

    async def answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"].removesuffix(".json")
        self.requests[path] += 1
        if path in self.failures and (failure := self.failures[path]()) is not None:
            return failure
        kind, _, number = path.partition("/")
        value = self.lists.get(kind, [])
        if kind in ("item", "user"):
            value = self.items.get(int(number)) if kind == "item" else self.users.get(number)
        etag = f'"{hash(str(value))}"'
        if request.headers.get("If-None-Match") == etag:
            self.not_modified[path] += 1
            return web.Response(status=304)
        return web.json_response(value, headers={"ETag": etag})


@pytest.fixture
async def hacker_news() -> AsyncIterator[HackerNewsServer]:
    simulated = HackerNewsServer()
    app = web.Application()
    app.router.add_get("/v0/{path:.*}", simulated.answer)
    async with TestServer(app) as server:
        simulated.url = str(server.make_url("/v0"))
        yield simulated


@pytest.fixture
async def api(hacker_news: HackerNewsServer) -> AsyncIterator[HackerNewsApi]:
    client = HackerNewsApi(hacker_news.url, first_wait=0.001)
    yield client
    await client.close()
