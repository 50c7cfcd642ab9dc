"""Start a simulated service: `python -m simulators telegram --port 0`.

Prints one JSON line with its address once it accepts requests, and runs until it is stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from aiohttp import web

from simulators import hackernews, llm
from simulators.embedded import free_port
from simulators.telegram import server as telegram
from simulators.telegram.flood import FloodLimits


def main() -> None:
    arguments = _parse()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        sys.exit(f"Port {arguments.port}: {error.strerror}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free port (%(default)s)")
    services = parser.add_subparsers(dest="service", required=True)
    bot_api = services.add_parser("telegram", help="the Bot API, with a chat page at /")
    bot_api.add_argument("--token", help="the only accepted token; any, by default")
    bot_api.add_argument("--memory", type=Path, help="a file that preserves chats across restarts")
    bot_api.add_argument("--notice", default="", help="shown at the top of the chat page")
    bot_api.add_argument("--sites", default="", help="address of a `hackernews --sample` for links")
    bot_api.add_argument("--no-limits", action="store_true", help="never answer 429")
    news = services.add_parser("hackernews", help="the Firebase API at /v0, pages at /articles")
    news.add_argument("--sample", action="store_true", help="serve the sample day")
    news.add_argument("--articles", type=Path, help="a folder of pages, and no stories")
    services.add_parser("llm", help="an OpenAI-compatible API at /v1")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    port = arguments.port or free_port()
    address = f"http://{arguments.host}:{port}"
    runner = web.AppRunner(_app(arguments), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, arguments.host, port, backlog=1024).start()
    print(json.dumps({"service": arguments.service, "address": address}), flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in signal.SIGINT, signal.SIGTERM:
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()


def _app(arguments: argparse.Namespace) -> web.Application:
    match arguments.service:
        case "telegram":
            limits = FloodLimits(0, 0, 0, 0) if arguments.no_limits else FloodLimits()
            return telegram.make_app(
                token=arguments.token,
                limits=limits,
                memory=arguments.memory,
                notice=arguments.notice,
                sites=arguments.sites,
            )
        case "hackernews":
            return hackernews.make_app(_news(arguments))
        case _:
            return llm.make_app()


def _news(arguments: argparse.Namespace) -> hackernews.HackerNewsState:
    if arguments.sample:
        return hackernews.sample_day()
    return (
        hackernews.articles(arguments.articles)
        if arguments.articles
        else hackernews.HackerNewsState()
    )


if __name__ == "__main__":
    main()
