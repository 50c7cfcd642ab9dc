"""A dead man's service: it notes when it is called."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLL_SECONDS = 0.2


class Heartbeats:
    """The calls of one check, as Unix seconds."""

    def __init__(self, place: str) -> None:
        self.path = f"/ping/{secrets.token_urlsafe(16)}"
        self.address = f"http://{place}{self.path}"
        self._calls: list[float] = []

    def heard(self) -> None:
        self._calls.append(time.time())

    @property
    def count(self) -> int:
        return len(self._calls)

    def since(self, moment: float) -> int:
        """The number of calls since then."""
        return sum(at >= moment for at in self._calls)

    def wait_for_one(self, since: float, seconds: float) -> bool:
        """Whether there is a call since then, within so many seconds."""
        deadline = time.monotonic() + seconds
        while not self.since(since):
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


@contextmanager
def listening(address: str) -> Iterator[Heartbeats]:
    """Serve on a free port of `address`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == heartbeats.path
            if known:
                heartbeats.heard()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
            """Log nothing."""

    with ThreadingHTTPServer((address, 0), Answer) as server:
        heartbeats = Heartbeats(f"{address}:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, name="heartbeats", daemon=True).start()
        try:
            yield heartbeats
        finally:
            server.shutdown()
