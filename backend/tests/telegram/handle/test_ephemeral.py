"""What concerns one member of a group is for that member's eyes, where the server can do that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.sender import Sender
from simulators.control import TelegramControl, wait_until
from simulators.processes import service
from tests.telegram.chat import GROUP, PERSON, Said, Talk, settings

TOKEN = "42:ephemeral"
PRIVATE = {"receiver_user_id": PERSON}


def receivers(said: list[Said]) -> list[Any]:
    return [one.parameters.get("ephemeral_message_parameters") for one in said]


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with service("telegram", "--token", TOKEN) as address:
        yield TelegramControl(address)


@pytest.fixture
async def group(database: Pool, telegram: TelegramControl) -> AsyncIterator[Talk]:
    """A group with an admin, who is not PERSON."""
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [5]})
    api = BotApi(TOKEN, telegram.address)
    talk = Talk(database, settings(questions_per_day=0), api, delivers=False)
    await talk.onboarded(GROUP)
    yield talk
    await api.close()


async def test_only_the_asking_member_sees_that_a_command_is_for_admins(group: Talk) -> None:
    refused = await group.say("/settings", GROUP, user_id=PERSON)
    assert "Only admins" in refused[0].text and receivers(refused) == [PRIVATE]
    shown = await group.say("/settings", GROUP, user_id=5)
    assert receivers(shown) == [None]


async def test_only_the_asking_member_sees_the_question_limit(group: Talk) -> None:
    await group.pool.execute(
        """
        INSERT INTO stories (id, kind, title, posted_at, article_state)
        VALUES (7, 'story', 'A', now(), 'none')
        """
    )
    page = "https://news.ycombinator.com/item?id=7"
    refused = await group.say(f"/ask {page} Why?", GROUP, user_id=PERSON)
    assert "switched off" in refused[0].text and receivers(refused) == [PRIVATE]
    await group.onboarded(PERSON)
    alone = await group.say(f"/ask {page} Why?", PERSON)
    assert "switched off" in alone[0].text and receivers(alone) == [None]


async def test_only_the_asking_member_sees_the_flood_notice(group: Talk) -> None:
    said: list[Said] = []
    for _ in range(70):
        said += await group.say("/help", GROUP, user_id=PERSON)
    [told] = [one for one in said if "a lot at once" in one.text]
    assert receivers([told]) == [PRIVATE]
    assert {str(one) for one in receivers(said)} == {"None", str(PRIVATE)}


async def test_other_replies_are_visible_to_all(group: Talk) -> None:
    for words in "/help", "/saved", "/why 3", "/search cheese":
        said = await group.say(words, GROUP, user_id=PERSON)
        assert said and receivers(said) == [None], words


async def test_senders_without_a_name_are_answered_publicly(group: Talk) -> None:
    chat = {"id": GROUP, "type": "supergroup", "title": "A chat"}
    other = {"id": -1000000000009, "type": "channel", "title": "Channel"}
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    for sender in chat, other:
        said = await group.send(
            {"text": "/export_my_data", "sender_chat": sender, "from": bot}, GROUP
        )
        assert said and receivers(said) == [None]


@pytest.mark.parametrize("knows", [True, False])
async def test_a_refused_ephemeral_message_is_sent_normally(
    group: Talk, telegram: TelegramControl, knows: bool
) -> None:
    if not knows:
        telegram.post("settings", {"unsupported": ["ephemeral_message_parameters"]})
    await group.say("/settings", GROUP, user_id=PERSON)
    running = asyncio.create_task(Sender(group.pool, group.api, Limits(Rates(0, 0, 0))).run())
    await asyncio.to_thread(
        wait_until,
        lambda: [*telegram.get("ephemeral"), *telegram.messages(GROUP)] or None,
        "a message",
    )
    running.cancel()
    await asyncio.wait([running])
    alone = [one["text"] for one in telegram.get("ephemeral")]
    everybody = [one["text"] for one in telegram.messages(GROUP)]
    assert (len(alone), len(everybody)) == ((1, 0) if knows else (0, 1))
    assert "Only admins" in [*alone, *everybody][0]
    row = await group.pool.fetchrow("SELECT state, message_id FROM outbox")
    assert row["state"] == "sent" and (row["message_id"] is None) == knows
