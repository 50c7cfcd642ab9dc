"""Sends the first `getUpdates` before the rest of the app is imported.

Importing the app and connecting to PostgreSQL takes most of a second, which readers would wait for
after every update or restart. This module imports only what is fast, so the poll is waiting at
Telegram within milliseconds after the start; `http.client` alone would take as long as everything
else. It sends no offset and so confirms nothing; the poller confirms what it fetches after storing
it in PostgreSQL.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from concurrent.futures import Future
from urllib.parse import urlsplit

from app.telegram.api.updates import ALLOWED_UPDATES, RawUpdate

# Short, because the poller cannot take this poll over, and its thread is blocked until it ends.
POLL_SECONDS = 5


class FirstPoll:
    """A `getUpdates` running in a daemon thread."""

    def __init__(self, token: str, api_url: str) -> None:
        self._url = urlsplit(f"{api_url.rstrip('/')}/bot{token}/getUpdates")
        self.updates: Future[list[RawUpdate]] = Future()
        self.updates.set_running_or_notify_cancel()
        threading.Thread(target=self._run, name="first-poll", daemon=True).start()

    def _run(self) -> None:
        try:
            self.updates.set_result(self._poll())
        except Exception as error:
            self.updates.set_exception(error)

    def _poll(self) -> list[RawUpdate]:
        with self._connect() as connection:
            connection.sendall(self._request())
            head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(
                b"\r\n\r\n"
            )
        if not body:
            raise ConnectionError(f"getUpdates: {head[:100]!r}")
        answer = json.loads(body)
        if not answer.get("ok"):
            raise ConnectionError(f"getUpdates: {answer.get('description')}")
        updates = answer["result"]
        if not isinstance(updates, list):
            raise ConnectionError("getUpdates: an answer without a list of updates")
        return updates

    def _connect(self) -> socket.socket:
        host, secure = self._url.hostname or "", self._url.scheme == "https"
        address = host, self._url.port or (443 if secure else 80)
        connection = socket.create_connection(address, timeout=POLL_SECONDS + 5)
        if not secure:
            return connection
        import ssl

        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)

    def _request(self) -> bytes:
        body = json.dumps({"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES})
        # With HTTP/1.0 the response ends with the connection, and is never chunked.
        head = (
            f"POST {self._url.path} HTTP/1.0",
            f"Host: {self._url.netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join((*head, "", body)).encode()


def start_first_poll() -> FirstPoll | None:
    """Start polling with the settings in the environment; None if there is no token.

    A malformed setting is not reported here: `app.settings` does that shortly afterwards.
    """
    token = os.environ.get("TELEGRAM_BOT_TOKEN")
    api_url = os.environ.get("TELEGRAM_API_URL") or "https://api.telegram.org"
    if not token or urlsplit(api_url).scheme not in ("http", "https"):
        return None
    return FirstPoll(token, api_url)
