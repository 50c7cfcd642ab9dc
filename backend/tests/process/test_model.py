"""With a key, readers get the model's summaries, with links to the comments."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import pytest

from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import App

pytestmark = pytest.mark.usefixtures("reader")

READER, OPERATOR = 1001, 7
COMMENTS = range(101, 107)


def story_with_comments() -> dict[str, Any]:
    now = int(time.time())
    items: dict[str, Any] = {
        "1": {
            "id": 1,
            "type": "story",
            "by": "someone",
            "time": now,
            "title": "Ask HN: Should the bridge be rebuilt?",
            "text": "The old bridge fell in the flood, and nobody knows whether it is needed. " * 8,
            "score": 100,
            "descendants": len(COMMENTS),
            "kids": list(COMMENTS),
        }
    }
    for comment in COMMENTS:
        items[str(comment)] = {
            "id": comment,
            "type": "comment",
            "by": f"user{comment}",
            "parent": 1,
            "time": now,
            "text": "It should be rebuilt as it was, because the town grew around it.",
        }
    return {"items": items, "lists": {"topstories": [1]}}


def start(app: App, model: Control) -> None:
    app.start(
        OPENAI_API_KEY="a-key",
        OPENAI_BASE_URL=f"{model.address}/v1",
        ADMIN_CHAT_ID=str(OPERATOR),
    )


def discussions(database_url: str) -> int | None:
    """How many discussions are summarised, None for none."""

    async def count() -> int:
        connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
        found = await connection.fetchval("SELECT count(*) FROM discussions WHERE state = 'ready'")
        await connection.close()
        return int(found)

    return asyncio.run(count()) or None


def digest(telegram: TelegramControl) -> dict[str, Any]:
    telegram.say(READER, "/digest")
    return wait_until(
        lambda: next((one for one in telegram.messages(READER) if "bridge" in one["text"]), None),
        "a digest",
    )


def test_a_digest_and_a_card_from_the_model(
    app: App,
    telegram: TelegramControl,
    hackernews: Control,
    model: Control,
    environment: dict[str, str],
) -> None:
    hackernews.post("items", story_with_comments())
    start(app, model)
    wait_until(lambda: discussions(environment["DATABASE_URL"]), "a discussion")
    message = digest(telegram)
    assert "excerpt" not in message["text"]
    keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
    [story] = [key["callback_data"] for key in keys if key["text"] == "1"]
    telegram.press(READER, message["message_id"], story)
    card = wait_until(
        lambda: next((one for one in telegram.messages(READER) if "agree" in one["text"]), None),
        "a card",
    )
    assert "Key points" in card["text"]
    links = [entity.get("url") for entity in card["entities"]]
    assert f"https://news.ycombinator.com/item?id={COMMENTS[0]}" in links
    assert not any("999999999999" in (link or "") for link in links)


def test_a_spent_account_yields_excerpts_and_one_alert(
    app: App, telegram: TelegramControl, hackernews: Control, model: Control
) -> None:
    hackernews.post("items", story_with_comments())
    trouble = {"behaviour": "fail", "status": 429, "code": "insufficient_quota"}
    model.post("settings", trouble | {"retry_after": 0.01})
    start(app, model)
    assert "excerpt" in digest(telegram)["text"]
    [told] = telegram.wait_for_messages(OPERATOR, 1)
    assert "Add credit to the account" in told["text"]
