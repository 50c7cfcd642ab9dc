"""A requested file is sent to Telegram and then deleted from the disk."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from simulators.control import TelegramControl, wait_until
from simulators.processes import App


def test_an_export_arrives_and_leaves_no_file(
    app: App, telegram: TelegramControl, environment: dict[str, str]
) -> None:
    app.start()
    telegram.say(1, "/start")
    telegram.wait_for_messages(1, 1)
    telegram.say(1, "/export_my_data")
    *_, message = wait_until(
        lambda: found if (found := telegram.messages(1)) and "document" in found[-1] else None,
        "the file",
        60,
    )
    address = f"{telegram.address}/control/files/{message['document']['file_id']}"
    with urllib.request.urlopen(address, timeout=10) as reply:
        data = json.load(reply)
    assert [one["text"] for one in data["messages_from_you"]] == ["/export_my_data", "/start"]
    assert data["readers"][0]["language"] == "en"
    folder = Path(environment["DATA_DIR"]) / "outgoing"
    wait_until(lambda: not list(folder.iterdir()) or None, "the file is deleted", 120)
