"""The first poll speaks as any client of the Bot API does, and whatever comes of it ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.telegram.api.updates import ALLOWED_UPDATES, RawUpdate
from app.telegram.receive.first_poll import FirstPoll

Answer = Callable[[], web.StreamResponse]


async def first_poll(answer: Answer, asked: list[web.Request] | None = None) -> list[RawUpdate]:
    async def get_updates(request: web.Request) -> web.StreamResponse:
        await request.read()
        if asked is not None:
            asked.append(request)
        return answer()

    app = web.Application()
    app.router.add_post("/behind/bot42:token/getUpdates", get_updates)
    async with TestServer(app) as server, asyncio.timeout(30):
        address = str(server.make_url("/behind/"))
        return await asyncio.wrap_future(FirstPoll("42:token", address).updates)


async def test_the_first_poll_returns_waiting_updates_and_confirms_none() -> None:
    updates: list[RawUpdate] = [{"update_id": 7, "message": {"text": "ünïcode 🎉" * 50_000}}]
    asked: list[web.Request] = []
    answer = web.json_response({"ok": True, "result": updates})
    assert await first_poll(lambda: answer, asked) == updates
    [request] = asked
    body = json.loads(await request.text())
    assert body == {"timeout": 5, "allowed_updates": ALLOWED_UPDATES}
    assert request.headers["Host"].startswith("127.0.0.1:")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.json_response({"ok": False, "description": "Unauthorized"}, status=401),
        lambda: web.Response(text="<html>Bad Gateway</html>", status=502),
        lambda: web.Response(body=b""),
        lambda: web.json_response([]),
        lambda: web.json_response({"ok": True, "result": None}),
    ],
)
async def test_anything_else_is_an_error(answer: Answer) -> None:
    with pytest.raises((ConnectionError, ValueError, AttributeError)):
        await first_poll(answer)


async def test_an_empty_result_is_an_error() -> None:
    poll = FirstPoll("42:token", "http://127.0.0.1:9")
    with pytest.raises(ConnectionError):
        await asyncio.wrap_future(poll.updates)
