"""Readers' settings and groups, through the whole app and the simulated Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from app.database.connection import Pool
from app.wording import LANGUAGES
from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import App, stop
from tests.process.test_first_digest import stories

READER, ADMIN, MEMBER = 1001, 2001, 2002
GROUP = -1000000000001


def with_words(telegram: TelegramControl, chat_id: int, words: str) -> dict[str, Any]:
    return wait_until(
        lambda: next((m for m in telegram.messages(chat_id) if words in m.get("text", "")), None),
        f"message with {words!r}",
        60,
    )


@pytest.mark.usefixtures("reader")
async def test_alerts_up_to_the_cap_and_the_week_with_all_of_them(
    app: App, telegram: TelegramControl, hackernews: Control, database: Pool
) -> None:
    process = app.start()
    for words in "alerts 50", "alerts_per_day 2", "weekly sunday", "days off", "zone Kathmandu":
        telegram.say(READER, f"/settings {words}")
    with_words(telegram, READER, "Asia/Kathmandu")
    stop(process)
    hackernews.post("items", stories(5))
    app.start()
    alert = with_words(telegram, READER, "Just now on Hacker News")
    await database.execute("UPDATE readers SET next_weekly_at = now()")
    weekly = with_words(telegram, READER, "the week to")
    numbers = {n: [f"number {n}" in one["text"] for one in (alert, weekly)] for n in range(1, 6)}
    assert sum(alerted for alerted, _ in numbers.values()) == 2
    assert all(in_the_week for _, in_the_week in numbers.values())


async def test_a_group_and_what_telegram_shows_of_the_bot(
    app: App, telegram: TelegramControl, database: Pool
) -> None:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADMIN]})
    process = app.start()
    wait_until(lambda: len(telegram.get("state")["menus"]) == 3 * len(LANGUAGES) or None, "menus")
    telegram.post("membership", {"chat_id": GROUP, "status": "member", "user_id": ADMIN})
    welcome = with_words(telegram, GROUP, "HN Pal is here")
    telegram.press(GROUP, welcome["message_id"], "onboard:topic:Rust", user_id=MEMBER)
    telegram.say(GROUP, "/pause", user_id=MEMBER)
    wait_until(
        lambda: any("Only admins" in one["text"] for one in telegram.get("ephemeral")) or None,
        "a word to the member alone",
    )
    telegram.say(GROUP, "/pause@other_bot", user_id=ADMIN)
    telegram.say(GROUP, "/topics rust, climate", user_id=ADMIN)
    with_words(telegram, GROUP, "Added: Rust")
    assert await database.fetchval("SELECT count(*) FROM interests") == 2
    assert await database.fetchval("SELECT paused_at FROM readers") is None
    asked = telegram.get("state")["counts"]["setMyCommands"]
    stop(process)
    app.start()
    telegram.say(READER, "/help")
    telegram.wait_for_messages(READER, 1)
    wait_until(lambda: telegram.get("state")["counts"]["getMe"] >= 2 or None, "second start")
    assert telegram.get("state")["counts"]["setMyCommands"] == asked
