"""`make demo`: all of HN Pal on this machine, with a chat page instead of Telegram.

It runs the production code: the same process, SQL and HTTP, with other addresses. Its state is in
`.demo/`, so that the next run continues where this one stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from demo.state import forget, held
from simulators.control import Control
from simulators.embedded import free_port, postgresql, redis
from simulators.failure import ServerFailedError
from simulators.processes import ROOT, python, service

STATE = ROOT / ".demo"
HACKER_NEWS = "https://hacker-news.firebaseio.com/v0"
TOKEN = "1:demo"  # noqa: S105 - the simulated Telegram takes it
PAGE_PORT = 8080
# Of the simulated model.
SECONDS_OF_A_WORD, LATENCY = 0.08, 0.4
INVENTED = "its sites, people and facts are invented"
NOTICES = {
    "en": f"Sample day: {INVENTED}.",
    "de": "Beispieltag: Websites, Personen und Fakten sind erfunden.",
    "es": "Día de ejemplo: los sitios, las personas y los hechos son inventados.",
}
AFRESH = "`make demo-reset` deletes the demo's data, so that it starts afresh"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--print-digest", action="store_true", help="print today's digest to the terminal and exit"
    )
    parser.add_argument(
        "--offline", action="store_true", help="use the sample day even if Hacker News is reachable"
    )
    parser.add_argument(
        "--simulated-model",
        action="store_true",
        help="have texts put together by a simulated model, from sentences of their sources",
    )
    parser.add_argument(
        "--port", type=int, help=f"the chat page's port; 0 chooses one ({PAGE_PORT}, or a free one)"
    )
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of its data (.demo)")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data and exit")
    arguments = parser.parse_args()
    # Print each line at once, also to a pipe.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # A supervisor or a closed terminal may end the demo; its servers must end too.
    for number in signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        with held(arguments.state), ExitStack() as stack:
            if arguments.reset:
                forget(arguments.state)
                print("The next demo starts afresh.")
                return 0
            return _run(stack, arguments)
    except ServerFailedError as error:
        doing = "be reset" if arguments.reset else "start"
        print(f"The demo cannot {doing}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. `make demo` continues from here; `make demo-reset` deletes everything.")
        return 0


def _run(stack: ExitStack, arguments: argparse.Namespace) -> int:
    live = not arguments.offline and _reachable(HACKER_NEWS)
    # Separate folders, so that tomorrow's live digest contains no invented stories.
    folder = arguments.state / ("live" if live else "sample")
    environment = _servers(stack, folder)
    sample = ""
    if live:
        print("Reading Hacker News live.")
    else:
        print(f"Hacker News cannot be reached, so this is a sample day: {INVENTED}.")
        sample = stack.enter_context(service("hackernews", "--sample"))
        environment |= {
            "HN_API_URL": f"{sample}/v0",
            "FETCH_PROXY": sample,
            "DIGEST_NOTICE": json.dumps(NOTICES),
        }
    for name in os.environ:
        if name.startswith(("OPENAI_", "LLM_")):
            environment[name] = os.environ[name]
    if arguments.simulated_model:
        environment |= _simulated_model(stack)
    if "OPENAI_API_KEY" not in environment:
        print("No OPENAI_API_KEY: summaries are excerpts of the articles.")
    if arguments.print_digest:
        return _print_digest(environment)
    options = ("--notice", f"Sample day: {INVENTED}", "--sites", sample) if sample else ()
    port = _page_port() if arguments.port is None else arguments.port
    return _chat(stack, environment, port, "--memory", str(folder / "chats.json"), *options)


def _servers(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Start PostgreSQL and Redis; returns the app's settings for them."""
    print("Starting PostgreSQL and Redis ...")
    try:
        server = stack.enter_context(postgresql(folder / "postgresql"))
    except ServerFailedError as error:
        raise ServerFailedError(f"{error}\nIf that does not help, {AFRESH}.") from None
    return {
        "DATABASE_URL": server.url(),
        "REDIS_URL": stack.enter_context(redis(folder / "redis")),
        "DATA_DIR": str(folder / "data"),
        "HEALTH_FILE": str(folder / "health.json"),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "ENVIRONMENT": "demo",
        "LOG_LEVEL": "WARNING",
    } | _loopback_without_proxy()


def _simulated_model(stack: ExitStack) -> dict[str, str]:
    """Start the simulated model, which writes at the pace of a real one; returns its settings."""
    print("Summaries and answers are put together by a simulated model.")
    address = stack.enter_context(service("llm"))
    Control(address).post("settings", {"piece_seconds": SECONDS_OF_A_WORD, "latency": LATENCY})
    return {
        "OPENAI_API_KEY": "simulated",
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_MODEL": "simulated",
    }


def _loopback_without_proxy() -> dict[str, str]:
    """Exclude loopback addresses from the environment's proxy."""
    names = "no_proxy", "NO_PROXY"
    kept = next(filter(None, map(os.environ.get, names)), "")
    return dict.fromkeys(names, f"{kept},127.0.0.1".lstrip(","))


def _chat(stack: ExitStack, environment: dict[str, str], port: int, *options: str) -> int:
    address = stack.enter_context(service("telegram", "--token", TOKEN, *options, port=port))
    environment["TELEGRAM_API_URL"] = address
    app = stack.enter_context(python("-m", "app.main", environment=environment))
    print(f"\n  Open {address} and press Start.   (Ctrl-C stops)\n")
    return app.wait()


def _print_digest(environment: dict[str, str]) -> int:
    environment["TELEGRAM_API_URL"] = "http://127.0.0.1:9"  # unused
    with python("-m", "app.print_digest", environment=environment) as printing:
        return printing.wait()


def _page_port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PAGE_PORT))
        except OSError:
            print(f"Port {PAGE_PORT} is taken, so the chat page gets another one.")
            return free_port()
    return PAGE_PORT


def _reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/maxitem.json", timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
