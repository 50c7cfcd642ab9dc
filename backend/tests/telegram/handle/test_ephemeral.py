"""What concerns one member of a group is for that member's eyes, where the server can do that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.database.connection import Pool
from app.readers import opinions
from app.telegram.api.client import BotApi
from app.telegram.handle.commands import BUTTONS, COMMANDS
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.sender import Sender
from simulators.control import TelegramControl, wait_until
from simulators.processes import service
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, PERSON, Said, Talk, message, settings, texts, user

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
        said += await group.say("/digest", GROUP, user_id=PERSON)
    [told] = [one for one in said if "a lot at once" in one.text]
    assert receivers([told]) == [PRIVATE]
    assert {str(one) for one in receivers(said)} == {"None", str(PRIVATE)}


@pytest.mark.parametrize(
    "words",
    [
        *("/help", "/help ask", "/stats", "/saved", "/saved markdown", "/saved nonsense"),
        *("/following", "/search", "/search cheese", "/why", "/why 3", "/settigns@hnpal_bot"),
        *("/ask", "/ask 3 Why?", "/ask https://news.ycombinator.com/item?id=9 Why?"),
    ],
)
async def test_what_one_member_looks_up_is_for_that_member(group: Talk, words: str) -> None:
    said = await group.say(words, GROUP, user_id=PERSON)
    assert said and receivers(said) == [PRIVATE], texts(said)
    await group.onboarded(PERSON)
    assert set(map(str, receivers(await group.say(words.partition("@")[0], PERSON)))) == {"None"}


@pytest.mark.parametrize(
    "words",
    [
        *("/settings", "/settings hour 9", "/topics", "/topics Rust", "/mute", "/mute crypto"),
        *("/unmute crypto", "/hn", "/hn pg", "/memory", "/pause", "/resume", "/cancel", "/digest"),
        *("/start", "/delete_me"),
    ],
)
async def test_what_the_group_shares_is_for_everybody(group: Talk, words: str) -> None:
    said = await group.say(words, GROUP, user_id=5)
    assert said and set(map(str, receivers(said))) == {"None"}


async def test_every_command_is_decided_about() -> None:
    """Whoever adds a command or a button decides whom it concerns."""
    assert {name for name, command in COMMANDS.items() if command.for_member} == {
        *("saved", "following", "search", "why", "stats", "help")
    }
    assert {name for name, button in BUTTONS.items() if button.for_member} == {"why", "share"}
    for_admins = [one for one in (*COMMANDS.values(), *BUTTONS.values()) if one.for_admins]
    assert not any(one.for_member for one in for_admins)


async def test_a_group_that_is_no_reader_gets_no_help_for_one_member(
    database: Pool, telegram: TelegramControl
) -> None:
    talk = Talk(database, settings(), BotApi(TOKEN, telegram.address), delivers=False)
    assert receivers(await talk.say("/help", GROUP, user_id=PERSON)) == [PRIVATE]
    # That an admin has to send /start concerns all.
    assert receivers(await talk.say("/digest", GROUP, user_id=PERSON)) == [None]


@pytest.fixture
async def story(group: Talk) -> int:
    """A story that the group has saved."""
    one = candidate()
    await add_stories(group.pool, one)
    reader = await group.reader(GROUP)
    async with group.pool.acquire() as connection:
        await opinions.toggle_saved(connection, reader, one.id)
    return one.id


def by_tap(said: list[Said]) -> list[Any]:
    """Who sees the messages after a tap, whose number belongs to the parameter."""
    shown = [one for one in said if one.method.startswith("send")]
    assert all((to or {}).get("callback_query_id", "query") for to in receivers(shown))
    return [to and to["receiver_user_id"] for to in receivers(shown)]


async def test_taps_on_a_card_that_concern_one_member(group: Talk, story: int) -> None:
    opened = await group.press_data(f"story:{story}", 1, GROUP, user_id=PERSON)
    assert by_tap(opened) == [None]  # the card is the group's: members rate it and reply to it
    card = next(one for one in opened if one.method == "sendMessage")
    for data in f"why:{story}", f"share:{story}":
        said = await group.press_data(data, card.message_id, GROUP, user_id=PERSON)
        assert by_tap(said) == [PERSON], data
        [told] = [one for one in said if one.method == "sendMessage"]
        tapped = told.parameters["ephemeral_message_parameters"]["callback_query_id"]
        assert tapped.startswith("query")
    liked = await group.press_data(f"like:{story}:card", card.message_id, GROUP, user_id=PERSON)
    assert {one.method for one in liked} == {"answerCallbackQuery", "editMessageText"}


async def test_what_is_reached_from_a_list_stays_with_its_reader(group: Talk, story: int) -> None:
    shown = {"message_id": 0, "ephemeral_message_id": 5}

    async def tap(data: str) -> list[Said]:
        query = {
            "id": "query1",
            "from": user(PERSON),
            "data": data,
            "message": message({"text": "…"}, GROUP) | shown,
        }
        return await group.update({"callback_query": query})

    assert by_tap(await tap(f"story:{story}")) == [PERSON]
    for data in f"save:{story}:card", "saved:page:0", f"unfollow:{story}:list", "find:0:cheese":
        [edit] = [one for one in await tap(data) if one.method.startswith("edit")]
        assert edit.method == "editEphemeralMessageText", data
        edited = edit.parameters["receiver_user_id"], edit.parameters["ephemeral_message_id"]
        assert edited == (PERSON, 5)
    # The question is asked before the group, as is its answer.
    assert by_tap(await tap(f"ask:{story}")) == [None]


async def test_senders_without_a_name_are_answered_publicly(group: Talk) -> None:
    chat = {"id": GROUP, "type": "supergroup", "title": "A chat"}
    other = {"id": -1000000000009, "type": "channel", "title": "Channel"}
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    for sender in chat, other:
        said = await group.send(
            {"text": "/export_my_data", "sender_chat": sender, "from": bot}, GROUP
        )
        assert said and receivers(said) == [None]


@asynccontextmanager
async def sending(group: Talk) -> AsyncIterator[None]:
    running = asyncio.create_task(Sender(group.pool, group.api, Limits(Rates(0, 0, 0))).run())
    yield
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize("refusal", [None, "not supported", "EPHEMERAL_DISABLED"])
@pytest.mark.parametrize("words", ["/settings", "/stats", "/saved", "/help"])
async def test_a_refused_ephemeral_message_is_sent_normally(
    group: Talk, story: int, telegram: TelegramControl, refusal: str | None, words: str
) -> None:
    if refusal == "not supported":
        telegram.post("settings", {"unsupported": ["ephemeral_message_parameters"]})
    elif refusal:
        trouble = {"status": 400, "description": f"Bad Request: {refusal}", "times": 1}
        telegram.trouble("sendMessage", "status", **trouble)
    [said] = await group.say(words, GROUP, user_id=PERSON)
    async with sending(group):
        await asyncio.to_thread(
            wait_until,
            lambda: [*telegram.get("ephemeral"), *telegram.messages(GROUP)] or None,
            "a message",
        )
        await asyncio.to_thread(wait_until, lambda: telegram.get("state")["pending"] == 0, "calm")
    alone, everybody = telegram.get("ephemeral"), telegram.messages(GROUP)
    assert (len(alone), len(everybody)) == ((0, 1) if refusal else (1, 0))
    [shown] = [*alone, *everybody]
    assert [len(row) for row in shown.get("reply_markup", {}).get("inline_keyboard", [])] == [
        len(row) for row in said.parameters.get("reply_markup", {}).get("inline_keyboard", [])
    ]
    row = await group.pool.fetchrow("SELECT state, message_id FROM outbox")
    assert row["state"] == "sent" and (row["message_id"] is None) == (not refusal)


async def test_a_tap_that_is_too_old_does_not_make_its_answer_public(
    group: Talk, story: int, telegram: TelegramControl
) -> None:
    error = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    telegram.trouble("sendMessage", "status", status=400, description=error, times=1)
    await group.press_data(f"why:{story}", 1, GROUP, user_id=PERSON)
    async with sending(group):
        [shown] = await asyncio.to_thread(
            wait_until, lambda: telegram.get("ephemeral") or None, "an explanation"
        )
    assert shown["receiver_user"]["id"] == PERSON and not telegram.messages(GROUP)


async def test_a_list_is_turned_where_one_member_sees_it(
    group: Talk, story: int, telegram: TelegramControl
) -> None:
    await group.say("/saved", GROUP, user_id=PERSON)
    async with sending(group):
        [shown] = await asyncio.to_thread(
            wait_until, lambda: telegram.get("ephemeral") or None, "a list"
        )
        query = {"id": "q", "from": user(PERSON), "data": f"saved:drop:{story}:0", "message": shown}
        await group.update({"callback_query": query})
        await asyncio.to_thread(
            wait_until, lambda: "edit_date" in telegram.get("ephemeral")[0], "an edit"
        )
        # The list is gone, for example because the client was started anew: it is sent again.
        query |= {"id": "r", "message": shown | {"ephemeral_message_id": 99}}
        await group.update({"callback_query": query})
        await asyncio.to_thread(
            wait_until, lambda: len(telegram.get("ephemeral")) == 2 or None, "another list"
        )
    assert not telegram.messages(GROUP)
    assert all("No stories are saved yet" in one["text"] for one in telegram.get("ephemeral"))


async def test_the_numbers_of_a_group_are_not_called_the_members(group: Talk) -> None:
    [said] = await group.say("/stats", GROUP, user_id=PERSON)
    assert "What this chat has read" in said.text
