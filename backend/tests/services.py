"""The simulated services on ports of the tests' own process, where they start a hundred times
sooner than as processes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """Serve `app` in a thread; yields its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="service", daemon=True)
    thread.start()

    def do(order: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(order, loop).result(30)

    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    try:
        do(runner.setup())
        do(web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start())
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        do(runner.cleanup())
        do(_end_the_rest())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_the_rest() -> None:
    """End what is left of requests that nobody waits for any more."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
