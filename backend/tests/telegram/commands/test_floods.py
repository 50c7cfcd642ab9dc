"""Who sends more than a person could is told so once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.cache import Cache
from app.telegram.floods import MOST
from tests.telegram.chat import PERSON, Said, Talk


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    cache = Cache(redis_url)
    await cache.open()
    yield cache
    await cache.close()


async def test_thirty_commands_at_once_are_answered_politely_once(talk: Talk) -> None:
    await talk.onboarded(PERSON + 1)
    answers: list[Said] = []
    for _ in range(MOST + 10):
        answers += await talk.say("/help", PERSON + 1, user_id=PERSON + 1)
    assert len([one for one in answers if "a lot at once" in one.text]) == 1
    assert len(answers) == MOST + 1
    # Buttons stop waiting all the same, and others are not affected.
    [answer] = await talk.press_data("like:1", chat_id=PERSON + 1, user_id=PERSON + 1)
    assert answer.method == "answerCallbackQuery" and not answer.parameters["show_alert"]
    await talk.onboarded(PERSON + 2)
    [said] = await talk.say("/help", PERSON + 2, user_id=PERSON + 2)
    assert "a lot at once" not in said.text


async def test_of_several_edits_that_wait_only_the_last_is_made(talk: Talk) -> None:
    await talk.onboarded()
    for day in (6, 7):
        await talk.pool.execute("UPDATE outbox SET state = 'pending'")
        await talk.press_data(f"set:day:{day}", message_id=77)
        await talk.pool.execute("UPDATE outbox SET state = 'pending'")
    await talk.press_data("set:day:1", message_id=78)
    edits = await talk.pool.fetch(
        "SELECT parameters FROM outbox WHERE method = 'editMessageText' ORDER BY id"
    )
    assert [row["parameters"]["message_id"] for row in edits] == [77, 78]
