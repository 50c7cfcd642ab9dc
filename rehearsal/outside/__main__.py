"""Start a simulated service: `python -m rehearsal.outside telegram --port 0`.

Prints one JSON line with its address as soon as it answers, and runs until it is told to stop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from aiohttp import web

from rehearsal.embedded import free_port
from rehearsal.outside import hackernews, llm
from rehearsal.outside.telegram import server as telegram
from rehearsal.outside.telegram.flood import FloodLimits


def main() -> None:
    arguments = _parse()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        sys.exit(f"Port {arguments.port}: {error.strerror}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.outside", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (%(default)s)")
    services = parser.add_subparsers(dest="service", required=True)
    bot_api = services.add_parser("telegram", help="the Bot API, with a chat page at /")
    bot_api.add_argument("--token", help="the only token that is accepted; any, when not given")
    bot_api.add_argument("--memory", type=Path, help="a file to keep chats in across restarts")
    bot_api.add_argument("--no-limits", action="store_true", help="never answer 429")
    news = services.add_parser("hackernews", help="the Firebase API at /v0, pages at /articles")
    news.add_argument("--dataset", type=Path, help="a folder of items; empty when not given")
    news.add_argument("--recent", action="store_true", help="move the times into the last day")
    news.add_argument("--real-links", action="store_true", help="do not lead to the pages here")
    services.add_parser("llm", help="an OpenAI-compatible API at /v1")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    port = arguments.port or free_port()
    address = f"http://{arguments.host}:{port}"
    runner = web.AppRunner(_app(arguments, address), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, arguments.host, port, backlog=1024).start()
    print(json.dumps({"service": arguments.service, "address": address}), flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in signal.SIGINT, signal.SIGTERM:
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()


def _app(arguments: argparse.Namespace, address: str) -> web.Application:
    match arguments.service:
        case "telegram":
            limits = FloodLimits(0, 0, 0, 0) if arguments.no_limits else FloodLimits()
            return telegram.make_app(token=arguments.token, limits=limits, memory=arguments.memory)
        case "hackernews":
            news = hackernews.News()
            if arguments.dataset:
                news = hackernews.load_dataset(
                    arguments.dataset,
                    recent=arguments.recent,
                    own_address="" if arguments.real_links else address,
                )
            return hackernews.make_app(news)
        case _:
            return llm.make_app()


if __name__ == "__main__":
    main()
