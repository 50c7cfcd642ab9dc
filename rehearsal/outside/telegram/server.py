"""Puts the Bot API, the control API and the chat page on one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from rehearsal.outside.telegram.api import BotApi
from rehearsal.outside.telegram.control import WORLD, routes
from rehearsal.outside.telegram.flood import FloodLimits
from rehearsal.outside.telegram.world import World

PAGE = Path(__file__).with_name("page.html")
SAVE_SECONDS = 1.0


def make_app(
    *,
    token: str | None = None,
    limits: FloodLimits | None = None,
    memory: Path | None = None,
) -> web.Application:
    """A simulated Telegram; `memory` is a file that it keeps its chats in across restarts."""
    world = World(token, limits or FloodLimits(), memory)
    world.recall()
    app = web.Application(client_max_size=64 * 1024**2)
    app[WORLD] = world
    app.router.add_routes(routes)
    app.router.add_route("*", "/bot{token}/{method}", BotApi(world).handle)
    app.router.add_get("/", _page)
    app.cleanup_ctx.append(_remember)
    return app


async def _page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE, headers={"Cache-Control": "no-store"})


async def _remember(app: web.Application) -> AsyncIterator[None]:
    async def keep_saving() -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            app[WORLD].save()

    saving = asyncio.create_task(keep_saving())
    yield
    saving.cancel()
    app[WORLD].save()
