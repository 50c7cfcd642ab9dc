"""A person types /start and has a digest of real stories a few taps later."""

from __future__ import annotations

import time
from typing import Any

import pytest

from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import App

READER = 1001
STORY = "https://example.invalid/story"


def stories(count: int) -> dict[str, Any]:
    now = int(time.time())
    items: dict[str, Any] = {
        str(n): {
            "id": n,
            "type": "story",
            "by": "someone",
            "time": now - 60 * n,
            "title": f"Ask HN: What &lt;b&gt; is number {n}?",
            "text": f"<p>Story {n}. "
            + "A sentence with <i>enough</i> words to be summarised. " * 12,
            "score": 100 + n,
            "descendants": 0,
        }
        for n in range(1, count + 1)
    }
    ids = list(range(1, count + 1))
    items["99"] = None
    return {"items": items, "lists": {"topstories": [*ids, 99, 98], "beststories": ids}}


def press(telegram: TelegramControl, message: dict[str, Any], label: str) -> None:
    keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
    [data] = [key["callback_data"] for key in keys if key["text"] == label]
    telegram.press(READER, message["message_id"], data)


def test_from_start_to_a_digest(app: App, telegram: TelegramControl, hackernews: Control) -> None:
    hackernews.post("items", stories(5))
    app.start()
    telegram.say(READER, "/start")
    [welcome] = telegram.wait_for_messages(READER, 1)
    press(telegram, welcome, "Science")
    press(telegram, welcome, "Done")
    *_, zone = telegram.wait_for_messages(READER, 2)
    press(telegram, zone, "Yes")
    *_, hour = telegram.wait_for_messages(READER, 3)
    press(telegram, hour, "8:00")
    digest = telegram.wait_for_messages(READER, 5)[4]
    assert "Ask HN: What <b> is number 5?" in digest["text"]
    links = [entity.get("url") for entity in digest["entities"]]
    assert "https://news.ycombinator.com/item?id=5" in links
    press(telegram, digest, "1")
    card = telegram.wait_for_messages(READER, 6)[5]
    assert "enough words to be summarised" in card["text"]


@pytest.mark.usefixtures("reader")
def test_the_same_story_is_never_sent_twice(
    app: App, telegram: TelegramControl, hackernews: Control
) -> None:
    hackernews.post("items", stories(3))
    app.start()
    telegram.say(READER, "/digest")
    digest = wait_until(lambda: with_buttons(telegram), "a digest")
    assert all(f"number {n}" in digest["text"] for n in (1, 2, 3))
    sent = len(telegram.messages(READER))
    telegram.say(READER, "/digest")
    again = telegram.wait_for_messages(READER, sent + 1)[-1]
    assert "number" not in again["text"]


def with_buttons(telegram: TelegramControl) -> dict[str, Any] | None:
    return next((one for one in telegram.messages(READER) if "reply_markup" in one), None)
