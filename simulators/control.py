"""A small client of the control APIs, for tests, benchmarks and the rehearsal."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


class Control:
    """A client of the simulated service at `address`."""

    def __init__(self, address: str) -> None:
        self.address = address

    def post(self, path: str, body: object) -> Any:
        """POST JSON to `/control/<path>`."""
        request = urllib.request.Request(
            f"{self.address}/control/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def get(self, path: str) -> Any:
        """GET JSON from `/control/<path>`."""
        with urllib.request.urlopen(f"{self.address}/control/{path}", timeout=60) as reply:
            return json.load(reply)


class TelegramControl(Control):
    """Simulates what people do, and faults of the server, in the simulated Telegram."""

    def say(self, chat_id: int, text: str, **more: Any) -> Json:
        """Send `text` as a person; returns the ids of the update and the message."""
        said: list[Json] = self.post("say", [{"chat_id": chat_id, "text": text, **more}])
        return said[0]

    def press(self, chat_id: int, message_id: int, data: str, **more: Any) -> None:
        self.post("press", {"chat_id": chat_id, "message_id": message_id, "data": data, **more})

    def trouble(self, method: str, kind: str, **more: Any) -> None:
        """Make calls of `method` fail; see `simulators.telegram.state.CallFault`."""
        self.post("trouble", {"method": method, "kind": kind, **more})

    def messages(self, chat_id: int | None = None) -> list[Json]:
        """The messages that the bot has sent, oldest first."""
        path = "sent" if chat_id is None else f"sent?chat_id={chat_id}"
        return [one["message"] for one in self.get(path)]

    def wait_for_messages(self, chat_id: int, count: int, seconds: float = 30.0) -> list[Json]:
        """Wait until the bot has sent at least `count` messages to the chat; returns them."""
        return wait_until(
            lambda: found if len(found := self.messages(chat_id)) >= count else None,
            f"{count} messages to chat {chat_id}",
            seconds,
        )


def wait_until(
    check: Callable[[], T | None], what: str, seconds: float = 30.0, every: float = 0.02
) -> T:
    """Wait for the first value of `check` that is not None.

    Raises:
        AssertionError: there is none in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (value := check()) is not None:
            return value
        time.sleep(every)
    raise AssertionError(f"no {what} within {seconds:.0f} s")
