"""The simulated Telegram answers as the original does, odd calls included.

What it says is the original's, as https://core.telegram.org/bots/api, the Bot API server and the
tests of TDLib's parser have it: the app judges some refusals by their words.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from simulators.telegram import api as simulated
from simulators.telegram.flood import FloodLimits
from simulators.telegram.server import make_app

ADA, GROUP = 1001, -1000000000001
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bot:
    """Calls methods, and does what people do."""

    client: TestClient[Any, Any]

    async def answer(self, method: str, **parameters: Any) -> Json:
        async with self.client.post(f"/bot1:token/{method}", json=parameters) as reply:
            answer: Json = await reply.json()
            assert reply.status == answer.get("error_code", 200)
            return answer

    async def call(self, method: str, **parameters: Any) -> Any:
        answer = await self.answer(method, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        answer = await self.answer(method, **parameters)
        assert not answer["ok"], answer
        return f"{answer['error_code']} {answer['description']}"

    async def control(self, path: str, body: object) -> Any:
        async with self.client.post(f"/control/{path}", json=body) as reply:
            return await reply.json()

    async def say(self, text: str, chat_id: int = ADA) -> int:
        said = await self.control("say", [{"chat_id": chat_id, "text": text}])
        message_id: int = said[0]["message_id"]
        return message_id

    async def texts(self, **parameters: Any) -> list[str]:
        updates = await self.call("getUpdates", **parameters)
        return [update["message"]["text"] for update in updates]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    limits = FloodLimits(overall_per_second=30, chat_burst=3, group_per_minute=4)
    app = make_app(token="1:token", limits=limits)
    async with TestClient(TestServer(app)) as client:
        yield Bot(client)


async def test_updates_are_confirmed_by_a_later_offset_only(bot: Bot) -> None:
    for text in "abcde":
        await bot.say(text)
    assert await bot.texts() == await bot.texts(offset=0) == await bot.texts(offset=1) == [*"abcde"]
    assert await bot.texts(limit=2) == ["a", "b"]
    assert await bot.texts(limit=0) == ["a"]
    assert await bot.texts(limit=1000, timeout=-3) == [*"abcde"]
    assert await bot.texts(offset="3x", limit="many") == ["c"]
    assert await bot.texts(offset=-2) == ["d", "e"]
    assert await bot.texts() == ["d", "e"]
    assert await bot.texts(offset=100) == []
    assert await bot.texts(offset=-5) == []


async def test_only_the_allowed_updates_come_from_then_on(bot: Bot) -> None:
    unasked = {"message_reaction": {"chat": {"id": ADA}}}
    edited = {"edited_message": {"text": "b"}}
    assert await bot.control("updates", [unasked, edited]) == [None, 1]
    kinds = [["message"], None]
    await bot.call("getUpdates", allowed_updates=kinds[0])
    assert await bot.control("updates", [edited, {"message": {"text": "c"}}]) == [None, 2]
    await bot.call("getUpdates", offset=2)
    assert await bot.control("updates", [edited]) == [None], "the previous setting is used"
    await bot.call("getUpdates", allowed_updates=[])
    assert await bot.control("updates", [edited, unasked]) == [3, None]


async def test_the_later_of_two_polls_ends_the_earlier_one(bot: Bot) -> None:
    earlier = asyncio.create_task(bot.refused("getUpdates", timeout=50))
    while not await (await bot.client.get("/control/polls")).json():
        pass
    later = asyncio.create_task(bot.texts(timeout=50))
    assert await earlier == (
        "409 Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await bot.say("hello")
    assert await later == ["hello"]


async def test_polls_are_refused_while_a_webhook_is_set(bot: Bot) -> None:
    await bot.say("before")
    await bot.call("setWebhook", url="https://example.org/hook")
    assert (await bot.call("getWebhookInfo"))["url"] == "https://example.org/hook"
    assert await bot.refused("getUpdates") == (
        "409 Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    await bot.call("deleteWebhook")
    assert await bot.texts() == ["before"]
    await bot.call("deleteWebhook", drop_pending_updates=True)
    assert await bot.texts() == []


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ("é <abacaba", "Unclosed start tag at byte offset 3"),
        ("<Abac aba>", 'Unsupported start tag "abac" at byte offset 0'),
        ("5 < 6 and 7 > 6", 'Unsupported start tag "" at byte offset 2'),
        ("<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i aba>", 'Can\'t find end tag corresponding to start tag "i"'),
        ("<b>x<i>y</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<i  aba = ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a=1,>", "Unexpected end of name token at byte offset 5"),
        ("<a href='x>y</a>", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x</b></", "Unexpected end tag at byte offset 8"),
        ("<i>a</i   ", "Unclosed end tag at byte offset 4"),
        ("<i>a</em  >", 'Unmatched end tag at byte offset 4, expected "</i>", found "</em>"'),
        (
            "&#xDFDF",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
async def test_what_cannot_be_parsed(bot: Bot, markup: str, complaint: str) -> None:
    said = await bot.refused("sendMessage", chat_id=ADA, text=markup, parse_mode="HTML")
    assert said == f"400 Bad Request: can't parse entities: {complaint}"


async def test_what_is_parsed(bot: Bot) -> None:
    markup = "<b>🏟 <i class=x>a&lt</i></> &ge; <a href = 'https://a.example/?a&amp;b'>b</a> &#65;"
    message = await bot.call("sendMessage", chat_id=ADA, text=markup, parse_mode="html")
    assert message["text"] == "🏟 a< &ge; b A"
    assert message["entities"] == [
        {"type": "bold", "offset": 0, "length": 5},
        {"type": "italic", "offset": 3, "length": 2},
        {"type": "text_link", "offset": 11, "length": 1, "url": "https://a.example/?a&b"},
    ]


async def test_texts_that_are_refused(bot: Bot) -> None:
    async def said(**parameters: Any) -> str:
        return await bot.refused("sendMessage", chat_id=ADA, **parameters)

    assert await said() == "400 Bad Request: message text is empty"
    assert await said(text=" \n") == "400 Bad Request: text must be non-empty"
    assert await said(text="<b></b>", parse_mode="HTML") == (
        "400 Bad Request: text must be non-empty"
    )
    # Counted in UTF-16 units, and without the markup.
    assert await said(text="🏟" * 2049) == "400 Bad Request: message is too long"
    await bot.call("sendMessage", chat_id=ADA, text=f"<b>{'🏟' * 2048}</b>", parse_mode="HTML")


async def test_buttons_that_are_refused(bot: Bot) -> None:
    async def said(**button: str) -> str:
        markup = {"inline_keyboard": [[button]]}
        return await bot.refused("sendMessage", chat_id=ADA, text="x", reply_markup=markup)

    begin = "400 Bad Request: can't parse inline keyboard button: "
    assert await said(callback_data="x") == f'{begin}Can\'t find field "text"'
    assert await said(text="x") == f"{begin}Text buttons are unallowed in the inline keyboard"
    assert await said(text="x", callback_data="é" * 33) == "400 Bad Request: BUTTON_DATA_INVALID"
    assert await bot.refused("sendMessage", chat_id=ADA, text="x", reply_markup="{") == (
        "400 Bad Request: can't parse reply_markup as JSON object"
    )


async def test_invalid_chats(bot: Bot) -> None:
    assert await bot.refused("sendMessage", text="x") == "400 Bad Request: chat_id is empty"
    for chat_id in "x", "@nobody", 0.5:
        assert await bot.refused("sendMessage", chat_id=chat_id, text="x") == (
            "400 Bad Request: chat not found"
        )
    assert await bot.refused("sendPigeon") == "404 Not Found: method not found"
    async with bot.client.post("/bot2:token/getMe") as reply:
        assert (await reply.json())["description"] == "Unauthorized"
    async with bot.client.post(
        "/bot1:token/getMe", data=b"{", headers={"Content-Type": "application/json"}
    ) as reply:
        assert reply.status == 400


@pytest.mark.parametrize(
    ("chat_id", "refuse", "words"),
    [
        (ADA, "blocked", "403 Forbidden: bot was blocked by the user"),
        (ADA, "deactivated", "403 Forbidden: user is deactivated"),
        (GROUP, "kicked", "403 Forbidden: bot was kicked from the supergroup chat"),
    ],
)
async def test_chats_that_refuse(bot: Bot, chat_id: int, refuse: str, words: str) -> None:
    message = await bot.call("sendMessage", chat_id=chat_id, text="x")
    await bot.control("chat", {"chat_id": chat_id, "refuse": refuse})
    of_it = {"chat_id": chat_id, "message_id": message["message_id"]}
    assert await bot.refused("sendMessage", chat_id=chat_id, text="y") == words
    assert await bot.refused("editMessageText", **of_it, text="y") == words
    assert await bot.refused("deleteMessage", **of_it) == words
    assert await bot.refused("sendChatAction", chat_id=chat_id, action="typing") == words


async def test_a_migrated_group_says_where_it_is(bot: Bot) -> None:
    await bot.control("chat", {"chat_id": -5, "migrate_to": GROUP})
    answer = await bot.answer("sendMessage", chat_id=-5, text="x")
    assert answer["description"] == ("Bad Request: group chat was upgraded to a supergroup chat")
    assert answer["parameters"] == {"migrate_to_chat_id": GROUP}


async def test_edits(bot: Bot) -> None:
    await bot.control("settings", {"limits": {"chat_per_second": 0}})
    keys = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
    sent = await bot.call("sendMessage", chat_id=ADA, text="x", reply_markup=keys)
    asked = await bot.say("hello")
    of_it = {"chat_id": ADA, "message_id": sent["message_id"]}
    same = (
        "400 Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message"
    )
    assert await bot.refused("editMessageText", **of_it, text="x", reply_markup=keys) == same
    assert await bot.refused("editMessageReplyMarkup", **of_it, reply_markup=keys) == same
    edited = await bot.call("editMessageText", **of_it, text="x")
    assert not edited["reply_markup"] and edited["edit_date"]
    of_none = of_it | {"message_id": 999}
    assert await bot.refused("editMessageText", **of_none, text="y") == (
        "400 Bad Request: message to edit not found"
    )
    of_hers = of_it | {"message_id": asked}
    assert await bot.refused("editMessageReplyMarkup", **of_hers) == (
        "400 Bad Request: message can't be edited"
    )


async def test_deletions(bot: Bot) -> None:
    hers = {"chat_id": ADA, "message_id": await bot.say("hello")}
    theirs = {"chat_id": GROUP, "message_id": await bot.say("hello", GROUP)}
    await bot.call("deleteMessage", **hers)
    assert await bot.refused("deleteMessage", **hers) == (
        "400 Bad Request: message to delete not found"
    )
    assert await bot.refused("deleteMessage", **theirs) == (
        "400 Bad Request: message can't be deleted"
    )


async def test_a_query_is_answered_in_time_or_not_at_all(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await bot.call("sendMessage", chat_id=ADA, text="x")
    pressed = {"chat_id": ADA, "message_id": sent["message_id"], "data": "x"}
    query_id = (await bot.control("press", pressed))["query_id"]
    late = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await bot.refused("answerCallbackQuery", callback_query_id="1") == late
    assert (
        await bot.refused("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
        == "400 Bad Request: MESSAGE_TOO_LONG"
    )
    assert await bot.call("answerCallbackQuery", callback_query_id=query_id)
    monkeypatch.setattr(simulated, "QUERY_SECONDS", -1.0)
    assert await bot.refused("answerCallbackQuery", callback_query_id=query_id) == late


async def test_a_flood_is_told_how_long_to_wait(bot: Bot) -> None:
    async def flooded(chat_id: int) -> int:
        answer = await bot.answer("sendMessage", chat_id=chat_id, text="x")
        seconds: int = answer["parameters"]["retry_after"]
        assert answer["description"] == f"Too Many Requests: retry after {seconds}"
        assert answer["error_code"] == 429
        return seconds

    # What is wrong with a call is said before it counts.
    for _ in range(5):
        await bot.refused("sendMessage", chat_id=ADA, text="<x>", parse_mode="HTML")
    for _ in range(3):
        await bot.call("sendMessage", chat_id=ADA, text="x")
    assert 1 <= await flooded(ADA) <= 3
    await bot.call("sendMessage", chat_id=ADA + 1, text="x")
    await bot.control("settings", {"limits": {"chat_per_second": 0, "group_per_minute": 4}})
    for _ in range(4):
        await bot.call("sendMessage", chat_id=GROUP, text="x")
    assert 50 <= await flooded(GROUP) <= 60
    await bot.control("settings", {"limits": {"overall_per_second": 2}})
    for chat_id in 1, 2:
        await bot.call("sendMessage", chat_id=chat_id, text="x")
    assert await flooded(3) == 1


async def test_the_bot_and_its_menu(bot: Bot) -> None:
    assert {"id", "is_bot", "username", "can_join_groups"} <= (await bot.call("getMe")).keys()
    command = {"command": "help", "description": "Help"}

    async def said(**change: str) -> str:
        return await bot.refused("setMyCommands", commands=[command | change])

    assert await said(command="Help") == "400 Bad Request: BOT_COMMAND_INVALID"
    assert await said(command="x" * 33) == "400 Bad Request: BOT_COMMAND_INVALID"
    assert await said(description="") == "400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"
    many = [{"command": f"c{number}", "description": "x"} for number in range(101)]
    assert await bot.refused("setMyCommands", commands=many) == (
        "400 Bad Request: BOT_COMMANDS_TOO_MUCH"
    )
    await bot.call("setMyCommands", commands=[command, command | {"command": "/help"}])
    assert await bot.call("getMyCommands") == [command]
    assert await bot.call("getMyCommands", language_code="de") == []
    await bot.call("setMyCommands", commands=[command], scope={"type": "all_group_chats"})
    assert await bot.call("getMyCommands", scope={"type": "all_group_chats"}) == [command]


async def test_private_chats_and_basic_groups_count_together(bot: Bot) -> None:
    """Each supergroup and channel counts for itself."""
    basic_group = -77
    await bot.control("chat", {"chat_id": basic_group, "type": "group"})
    numbers = [
        (await bot.call("sendMessage", chat_id=chat_id, text="x"))["message_id"]
        for chat_id in (ADA, basic_group, GROUP, ADA + 1, GROUP)
    ]
    assert numbers == [1, 2, 1, 3, 2]


async def test_stopping_a_live_location_reveals_the_owner_of_a_message(bot: Bot) -> None:
    none = {"overall_per_second": 0, "chat_per_second": 0, "group_per_minute": 0}
    await bot.control("settings", {"limits": none})
    theirs = (await bot.control("say", [{"chat_id": ADA, "text": "x"}]))[0]["message_id"]
    ours = (await bot.call("sendMessage", chat_id=ADA, text="x"))["message_id"]
    markup = {"force_reply": True}
    forced = await bot.call("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    for message_id, words in (
        (ours, "there is no live location in the message to edit"),
        (theirs, "message can't be edited"),
        (forced["message_id"], "message can't be edited"),
        (99, "message to edit not found"),
    ):
        refused = await bot.refused("stopMessageLiveLocation", chat_id=ADA, message_id=message_id)
        assert refused == f"400 Bad Request: {words}"


async def test_an_abandoned_request_may_be_carried_out_later(bot: Bot) -> None:
    late = {
        "method": "sendMessage",
        "kind": "late",
        "status": 504,
        "description": "Gateway Timeout",
    }
    await bot.control("trouble", late | {"seconds": 0.05, "seconds_at_most": 0.1})
    assert await bot.refused("sendMessage", chat_id=ADA, text="x") == "504 Gateway Timeout"

    async def messages() -> list[Json]:
        async with bot.client.get(f"/control/sent?chat_id={ADA}") as reply:
            sent: list[Json] = await reply.json()
            return sent

    assert await messages() == []
    async with asyncio.timeout(10):
        while not await messages():
            await asyncio.sleep(0.02)
