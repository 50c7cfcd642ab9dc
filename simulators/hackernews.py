"""Hacker News' API, and the pages that its stories link to.

The API is the Firebase one (https://github.com/HackerNews/API): `/v0/topstories.json`,
`/v0/item/<id>.json`, `/v0/user/<name>.json`, … with `null` for missing items, and ETags for
requests with `If-None-Match`.

The sites of the sample day are served as by a proxy, to requests for hosts other than this one. A
browser gets them, and the discussions, from `/visit?address=<address>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.sample_day.discussion import ITEM_ADDRESS, discussion_page
from simulators.sample_day.items import items_of
from simulators.sample_day.pages import SamplePage, pages_of, place_of
from simulators.sample_day.stories import load_stories

Json = dict[str, Any]
LISTS = ("topstories", "newstories", "beststories", "askstories", "showstories", "jobstories")


@dataclass(slots=True)
class HackerNewsState:
    """The items and lists that are served, and how requests fail."""

    items: dict[int, Json | None] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)
    pages: dict[str, Path] = field(default_factory=dict)  # by their name in /articles
    sites: dict[str, SamplePage] = field(default_factory=dict)  # by host and path
    latency: float = 0.0
    failing: int = 0  # this many further calls are answered with `status`
    status: int = 500
    requests: int = 0


NEWS = web.AppKey("news", HackerNewsState)


def sample_day() -> HackerNewsState:
    """The stories of the sample day, with times relative to now."""
    stories = load_stories()
    items, lists = items_of(stories, time.time())
    return HackerNewsState(items=dict(items), lists=lists, sites=pages_of(stories))


def articles(folder: Path) -> HackerNewsState:
    """No stories; the files of a folder are served as pages."""
    return HackerNewsState(pages={file.name: file for file in folder.iterdir()})


def make_app(news: HackerNewsState) -> web.Application:
    """Serve `news` at /v0, its pages at /articles, and the control API at /control."""
    app = web.Application(client_max_size=64 * 1024**2, middlewares=[_proxy])
    app[NEWS] = news
    app.router.add_get("/v0/item/{id}.json", _item)
    app.router.add_get("/v0/user/{name}.json", _user)
    app.router.add_get("/v0/{list}.json", _list)
    app.router.add_get("/articles/{file}", _page)
    app.router.add_get("/visit", _visit)
    app.router.add_post("/control/items", _put_items)
    app.router.add_post("/control/settings", _change)
    app.router.add_get("/control/state", _state)
    return app


@web.middleware
async def _proxy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve the sites of the sample day, for requests with a full address, as to a proxy."""
    if request.raw_path.startswith("/"):
        return await handler(request)
    return _of_a_site(request.app[NEWS], str(request.url))


async def _visit(request: web.Request) -> web.Response:
    """Serve `?address=` to a browser: a page of the sample day, or a discussion."""
    address = request.query["address"]
    if not address.startswith(ITEM_ADDRESS):
        return _of_a_site(request.app[NEWS], address)
    items = request.app[NEWS].items
    if not (number := address.removeprefix(ITEM_ADDRESS)).isdecimal() or not items.get(int(number)):
        raise web.HTTPNotFound
    return web.Response(text=discussion_page(items, int(number)), content_type="text/html")


def _of_a_site(news: HackerNewsState, address: str) -> web.Response:
    page = news.sites.get(place_of(address))
    if page is None:
        raise web.HTTPNotFound
    headers = {"Content-Type": page.content_type}
    return web.Response(body=page.body, status=page.status, headers=headers)


async def _answer(request: web.Request, value: object) -> web.Response:
    news = request.app[NEWS]
    news.requests += 1
    if news.latency:
        await asyncio.sleep(news.latency)
    if news.failing > 0:
        news.failing -= 1
        return web.Response(status=news.status, text="simulated failure")
    body = json.dumps(value).encode()
    etag = hashlib.sha256(body).hexdigest()[:20]
    if request.headers.get("If-None-Match", "").strip('"') == etag:
        return web.Response(status=304, headers={"ETag": f'"{etag}"'})
    return web.Response(body=body, content_type="application/json", headers={"ETag": f'"{etag}"'})


async def _item(request: web.Request) -> web.Response:
    return await _answer(request, request.app[NEWS].items.get(int(request.match_info["id"])))


async def _user(request: web.Request) -> web.Response:
    """The users who have posted, with their posts, the newest first; names are case-sensitive."""
    name = request.match_info["name"]
    items = request.app[NEWS].items.values()
    posted = [item for item in items if item and item.get("by") == name]
    if not posted:
        return await _answer(request, None)
    known: Json = {
        "id": name,
        "created": min(item["time"] for item in posted),
        "karma": 1 + sum(item.get("score", 0) for item in posted),
        "submitted": sorted((item["id"] for item in posted), reverse=True),
    }
    return await _answer(request, known)


async def _list(request: web.Request) -> web.Response:
    news = request.app[NEWS]
    name = request.match_info["list"]
    if name == "maxitem":
        return await _answer(request, max(news.items, default=0))
    return await _answer(request, news.lists.get(name, []) if name in LISTS else None)


async def _page(request: web.Request) -> web.StreamResponse:
    file = request.app[NEWS].pages.get(request.match_info["file"])
    if file is None:
        raise web.HTTPNotFound
    return web.FileResponse(file)


async def _put_items(request: web.Request) -> web.Response:
    """`{"items": {id: item}, "lists": {name: ids}}`: add or replace items and lists."""
    news = request.app[NEWS]
    body: Json = await request.json()
    news.items |= {int(item_id): item for item_id, item in body.get("items", {}).items()}
    news.lists |= body.get("lists", {})
    return web.json_response({"items": len(news.items)})


async def _change(request: web.Request) -> web.Response:
    """`{latency?, failing?, status?}`."""
    news = request.app[NEWS]
    for name, value in (await request.json()).items():
        if name in ("latency", "failing", "status"):
            setattr(news, name, value)
    return web.json_response({})


async def _state(request: web.Request) -> web.Response:
    return web.json_response({"requests": request.app[NEWS].requests})
