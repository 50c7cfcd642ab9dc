"""Serves the Bot API, the control API and the chat page on one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from simulators.telegram.api import BotApi
from simulators.telegram.control import STATE, routes
from simulators.telegram.flood import FloodLimits
from simulators.telegram.state import TelegramState

PAGE = Path(__file__).with_name("page.html")
SAVE_SECONDS = 1.0
LOOK = web.AppKey("look", dict[str, str])


def make_app(
    *,
    token: str | None = None,
    limits: FloodLimits | None = None,
    memory: Path | None = None,
    notice: str = "",
    sites: str = "",
) -> web.Application:
    """A simulated Telegram.

    Args:
        memory: a file that preserves its chats across restarts.
        notice: a text at the top of the chat page.
        sites: the address of a simulated Hacker News with the pages of the sample day.
    """
    state = TelegramState(token, limits or FloodLimits(), memory)
    state.recall()
    app = web.Application(client_max_size=64 * 1024**2)
    app[STATE] = state
    app.router.add_routes(routes)
    app.router.add_route("*", "/bot{token}/{method}", BotApi(state).handle)
    app[LOOK] = {"notice": notice, "sites": sites}
    app.router.add_get("/", _page)
    app.router.add_get("/control/page", _look)
    app.cleanup_ctx.append(_remember)
    return app


async def _page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE, headers={"Cache-Control": "no-store"})


async def _look(request: web.Request) -> web.Response:
    """The configuration of the chat page."""
    return web.json_response(request.app[LOOK])


async def _remember(app: web.Application) -> AsyncIterator[None]:
    async def keep_saving() -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            app[STATE].save()

    saving = asyncio.create_task(keep_saving())
    yield
    saving.cancel()
    app[STATE].save()
