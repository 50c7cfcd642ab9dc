"""`make demo`: the whole of HN Pal on this machine, with a chat page instead of Telegram.

Everything is the production code path: the same process, the same PostgreSQL dialect, the same
HTTP. Only the addresses differ. What the demo remembers is in `.demo/`, so that the next one goes
on where this one stopped.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rehearsal.embedded import ServerFailedError, free_port, postgresql, redis
from rehearsal.processes import ROOT, python, service

STATE = ROOT / ".demo"
DATASET = ROOT / "rehearsal" / "data" / "stories"
HACKER_NEWS = "https://hacker-news.firebaseio.com/v0"
TOKEN = "1:demo"  # noqa: S105 - the simulated Telegram takes it
PAGE_PORT = 8080
AFRESH = "`make demo-reset` forgets what the demo remembers and lets it start afresh"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.demo", description=__doc__)
    parser.add_argument(
        "--print-digest", action="store_true", help="print today's digest in the terminal and end"
    )
    parser.add_argument(
        "--offline", action="store_true", help="use the bundled stories even with the internet"
    )
    parser.add_argument(
        "--port", type=int, help=f"of the chat page ({PAGE_PORT}, or a free one if that is taken)"
    )
    arguments = parser.parse_args()
    # What it does is read while it does it, through a pipe as well.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # A supervisor may end the demo with SIGTERM; the servers must end with it all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    STATE.mkdir(exist_ok=True)
    try:
        with ExitStack() as stack:
            stack.enter_context(_alone())
            environment = _world(stack, offline=arguments.offline)
            if arguments.print_digest:
                return _print_digest(environment)
            return _chat(stack, environment, arguments.port or _page_port())
    except ServerFailedError as error:
        print(f"The demo cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. `make demo` goes on from here; `make demo-reset` forgets everything.")
        return 0


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the demo's state: a second demo on it would stop the first one's PostgreSQL."""
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerFailedError("another demo runs in this clone; stop it first") from None
        yield


def _world(stack: ExitStack, *, offline: bool) -> dict[str, str]:
    """Start everything around the app; returns the app's settings."""
    print("Starting PostgreSQL and Redis ...")
    try:
        server = stack.enter_context(postgresql(STATE / "postgresql"))
    except ServerFailedError as error:
        raise ServerFailedError(f"{error}\nIf that does not help, {AFRESH}.") from None
    redis_url = stack.enter_context(redis(STATE / "redis"))
    environment = {
        "DATABASE_URL": server.url(),
        "REDIS_URL": redis_url,
        "DATA_DIR": str(STATE / "data"),
        "HEALTH_FILE": str(STATE / "health.json"),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "ENVIRONMENT": "demo",
        "LOG_LEVEL": "WARNING",
    }
    if not offline and _reachable(HACKER_NEWS):
        print("Reading Hacker News live.")
    else:
        print(
            "No Hacker News here: using the bundled stories (see rehearsal/data/README.md).",
        )
        dataset = ("--dataset", str(DATASET), "--recent", "--real-links")
        address = stack.enter_context(service("hackernews", *dataset))
        environment["HN_API_URL"] = f"{address}/v0"
        with python("-m", "rehearsal.bundled", environment=environment) as keeping:
            if keeping.wait() != 0:
                raise ServerFailedError(f"the stories cannot be stored, see above; {AFRESH}")
    for name in "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL":
        if name in os.environ:
            environment[name] = os.environ[name]
    if "OPENAI_API_KEY" not in environment:
        print("No OPENAI_API_KEY: summaries are excerpts of the articles.")
    return environment


def _chat(stack: ExitStack, environment: dict[str, str], port: int) -> int:
    address = stack.enter_context(
        service("telegram", "--token", TOKEN, "--memory", str(STATE / "chats.json"), port=port)
    )
    environment["TELEGRAM_API_URL"] = address
    app = stack.enter_context(python("-m", "app.main", environment=environment))
    print(f"\n  Open {address} and press Start.   (Ctrl-C stops)\n")
    return app.wait()


def _print_digest(environment: dict[str, str]) -> int:
    environment["TELEGRAM_API_URL"] = "http://127.0.0.1:9"  # nobody is talked to
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
