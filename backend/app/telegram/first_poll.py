"""The first `getUpdates`, under way before the rest of the app is imported.

Importing the app and connecting to PostgreSQL takes most of a second, which readers would wait
for after every update or restart. This module needs only the standard library, so the poll is
parked at Telegram within milliseconds of the process's start. It confirms nothing: it sends no
offset, and what it fetches is confirmed by the poller only after it is in PostgreSQL.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

# Short, because this poll cannot be taken over by the poller and blocks its thread until it ends.
POLL_SECONDS = 5
ALLOWED_UPDATES = [
    "message",
    "channel_post",
    "callback_query",
    "my_chat_member",
]
# What the Bot API sends for one update; only the keys that the app itself relies on are named.
RawUpdate = dict[str, Any]


class FirstPoll:
    """A `getUpdates` running in a daemon thread."""

    def __init__(self, token: str, api_url: str) -> None:
        self._url = urlsplit(f"{api_url.rstrip('/')}/bot{token}/getUpdates")
        self._connection: http.client.HTTPConnection | None = None
        self.updates: Future[list[RawUpdate]] = Future()
        self.updates.set_running_or_notify_cancel()
        threading.Thread(target=self._run, name="first-poll", daemon=True).start()

    def _run(self) -> None:
        try:
            self.updates.set_result(self._poll())
        except Exception as error:
            self.updates.set_exception(error)

    def _poll(self) -> list[RawUpdate]:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._url.netloc, timeout=POLL_SECONDS + 5)
        try:
            body = json.dumps({"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES})
            connection.request("POST", self._url.path, body, {"Content-Type": "application/json"})
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        if not answer.get("ok"):
            raise ConnectionError(f"getUpdates: {answer.get('description')}")
        updates: list[RawUpdate] = answer["result"]
        return updates


def start_first_poll() -> FirstPoll | None:
    """Start polling with the bare environment; None when it names no bot.

    A malformed setting is not judged here: `app.settings` does that a moment later, with a message.
    """
    token = os.environ.get("TELEGRAM_BOT_TOKEN")
    api_url = os.environ.get("TELEGRAM_API_URL") or "https://api.telegram.org"
    if not token or urlsplit(api_url).scheme not in ("http", "https"):
        return None
    return FirstPoll(token, api_url)
