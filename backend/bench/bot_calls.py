"""The CPU time of one Bot API call, with python-telegram-bot's default HTTP client and with HN
Pal's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import telegram

from app.telegram.api.client import BotApi
from app.telegram.send.messages import text_message
from bench.stack import TOKEN
from simulators.figures import Figure
from simulators.processes import service

CALLS = 1000
AT_ONCE = 8
MESSAGE = {"chat_id": 1, **text_message("<b>A line</b> of some length.\n" * 20)}


async def measure() -> list[Figure]:
    """The CPU time of this process for one sendMessage, in milliseconds."""
    with service("telegram", "--no-limits") as address:
        bot = telegram.Bot(TOKEN, base_url=f"{address}/bot")
        api = BotApi(TOKEN, address)
        default = await _cost(lambda: bot.do_api_request("sendMessage", api_kwargs=MESSAGE))
        ours = await _cost(lambda: api.call("sendMessage", MESSAGE))
        await api.close()
        await bot.shutdown()
    return [
        Figure("CPU of a call, python-telegram-bot's default", 1000 * default, "ms"),
        Figure("CPU of a call, through aiohttp", 1000 * ours, "ms"),
        Figure("default / ours", default / ours, ""),
    ]


async def _cost(call: Callable[[], Awaitable[object]]) -> float:
    async def calls(count: int) -> None:
        for _ in range(count):
            await call()

    await calls(AT_ONCE)
    began = time.process_time()
    await asyncio.gather(*(calls(CALLS // AT_ONCE) for _ in range(AT_ONCE)))
    return (time.process_time() - began) / CALLS
