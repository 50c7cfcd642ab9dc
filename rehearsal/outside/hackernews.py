"""Hacker News' API, and pages for its stories to link to.

The API is the Firebase one (https://github.com/HackerNews/API): `/v0/topstories.json`,
`/v0/item/<id>.json`, … with `null` for what is not there, and ETags for those who ask with
`If-None-Match`.

A dataset is a folder with `items.json` (id → item as the API gives it), `lists.json` (list name →
ids) and, if there are any, `articles.json` (link → {"file": …}) with the pages in `articles/`.
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

Json = dict[str, Any]
LISTS = ("topstories", "newstories", "beststories", "askstories", "showstories", "jobstories")


@dataclass(slots=True)
class News:
    """The items and lists that are served, and the troubles to serve them with."""

    items: dict[int, Json | None] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)
    pages: dict[str, Path] = field(default_factory=dict)  # by path on this server
    latency: float = 0.0
    failing: int = 0  # answer so many calls with `status`
    status: int = 500
    requests: int = 0


NEWS = web.AppKey("news", News)


def load_dataset(folder: Path, *, recent: bool, own_address: str = "") -> News:
    """Read a dataset.

    With `recent` all times are moved by the same amount, so that the newest story is an hour old.
    Links to the pages of the dataset are pointed at `own_address`, when one is given.
    """
    news = News()
    raw_items: dict[str, Json | None] = json.loads((folder / "items.json").read_text())
    news.lists = json.loads((folder / "lists.json").read_text())
    news.items = {int(item_id): item for item_id, item in raw_items.items()}
    if recent:
        _make_recent(news)
    links = folder / "articles.json"
    if links.exists():
        for link, page in json.loads(links.read_text()).items():
            news.pages[page["file"]] = folder / "articles" / page["file"]
            for item in news.items.values():
                if own_address and item and item.get("url") == link:
                    item["url"] = f"{own_address}/articles/{page['file']}"
    return news


def _make_recent(news: News) -> None:
    """Spread the stories over the last day, oldest first, and keep each comment's distance to its
    story.
    """
    stories = sorted(
        (
            item
            for item in news.items.values()
            if item and item.get("type") != "comment" and "time" in item
        ),
        key=lambda item: int(item["time"]),
    )
    now = int(time.time())
    moved: dict[int, int] = {}
    for number, story in enumerate(stories):
        new_time = now - 3600 - (len(stories) - number - 1) * 72000 // max(1, len(stories))
        moved[story["id"]] = new_time - int(story["time"])
        story["time"] = new_time
    for item in sorted((item for item in news.items.values() if item), key=lambda item: item["id"]):
        if item.get("type") == "comment" and item.get("parent") in moved:
            moved[item["id"]] = moved[item["parent"]]
            item["time"] = min(now, int(item.get("time", now)) + moved[item["id"]])


def make_app(news: News) -> web.Application:
    """Serve `news` at /v0, its pages at /articles, and the control API at /control."""
    app = web.Application(client_max_size=64 * 1024**2)
    app[NEWS] = news
    app.router.add_get("/v0/item/{id}.json", _item)
    app.router.add_get("/v0/{list}.json", _list)
    app.router.add_get("/articles/{file}", _page)
    app.router.add_post("/control/items", _put_items)
    app.router.add_post("/control/settings", _change)
    app.router.add_get("/control/state", _state)
    return app


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
    """`{"items": {id: item}, "lists": {name: ids}}` are added to, or replace, what is served."""
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
