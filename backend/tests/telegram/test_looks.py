"""The look of digests: a tap in a rich message proves it, and nobody is without a digest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.database.connection import Pool
from app.digests.store import seen_stories
from app.readers import store as readers
from app.telegram.api.client import BotApi
from app.telegram.digest_worker import DIGESTS_BEFORE_OFFER, DigestWorker
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.messages import SEND_RICH
from app.telegram.send.sender import Sender
from simulators.control import TelegramControl, wait_until
from simulators.processes import service
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, PERSON, Said, Talk, settings, shown

TOKEN = "42:looks"


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with service("telegram", "--token", TOKEN, "--no-limits") as address:
        yield TelegramControl(address)


@pytest.fixture
async def api(telegram: TelegramControl) -> AsyncIterator[BotApi]:
    api = BotApi(TOKEN, telegram.address)
    yield api
    await api.close()


@pytest.fixture
async def stories(database: Pool) -> list[int]:
    known = [
        candidate(f"Story {n}", points=500 - n, sentences=f"All about {n}. " * 20)
        for n in range(60)
    ]
    await add_stories(database, *known)
    await database.execute("UPDATE stories SET first_seen_at = now(), posted_at = now()")
    return [one.id for one in known]


@asynccontextmanager
async def sending(pool: Pool, api: BotApi) -> AsyncIterator[Sender]:
    sender = Sender(pool, api, Limits(Rates(0, 0, 0)))
    running = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        running.cancel()
        await asyncio.wait([running])


async def ask_for_digest(pool: Pool, sender: Sender | None = None, **settings_: Any) -> None:
    """A reader of the rich look asks for a digest, which is put into the outbox."""
    async with pool.acquire() as connection:
        reader = await readers.create(
            connection, chat_id=PERSON, kind="private", name="A", language="en", timezone="UTC"
        )
        now = await connection.fetchval("SELECT now()")
        await readers.update(
            connection, reader, now, look="rich", digest_wanted_at=now, **settings_
        )
    has = sender.capabilities.supports if sender else lambda _: True
    await DigestWorker(
        pool, settings(), sender.wake if sender else lambda: None, lambda: has(SEND_RICH)
    ).step()


async def arrived(telegram: TelegramControl, number: int) -> list[dict[str, Any]]:
    """The messages in the reader's chat, when there are so many."""
    return await asyncio.to_thread(telegram.wait_for_messages, PERSON, number)


async def all_sent(pool: Pool) -> None:
    """Every row is over, each with what became of it."""
    rows = await pool.fetch("SELECT state, error FROM outbox")
    assert {row["state"] for row in rows} == {"sent"}, [row["error"] for row in rows]


async def test_a_digest_is_one_rich_message(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int]
) -> None:
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender, story_count=20)
        [message] = await arrived(telegram, 1)
    assert "text" not in message
    details = [one for one in message["rich_message"]["blocks"] if one["type"] == "details"]
    assert len(details) == 20
    await all_sent(database)


@pytest.mark.parametrize("lacking", [True, False])
async def test_a_refusal_falls_back_to_the_classic_form_once(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int], lacking: bool
) -> None:
    """A server without the method is asked once; the refusal of one message is about that one."""
    if lacking:
        telegram.post("settings", {"unsupported": [SEND_RICH]})
    else:
        text = "Bad Request: RICH_MESSAGE_INVALID"
        trouble = {"method": SEND_RICH, "kind": "status", "status": 400, "description": text}
        telegram.post("trouble", trouble)
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender, story_count=20)
        first = await arrived(telegram, 1)
        number = await database.fetchval("SELECT count(*) FROM outbox")
        first = await arrived(telegram, number)
        assert number > 1, "a digest of several messages"
        assert all("text" in one for one in first)
        texts = [one["text"] for one in first]
        places = [int(n) for text in texts for n in re.findall(r"^(\d+)\. Story", text, re.M)]
        assert places == list(range(1, 21)), "every story once, in order"
        async with database.acquire() as connection:
            seen = await seen_stories(connection, [PERSON], stories)
        assert len(seen[PERSON]) == 20
        await ask_for_digest(database, sender, story_count=5)
        later = (await arrived(telegram, number + 1))[number:]
        assert ["text" in one for one in later] == [lacking]
    tried = telegram.get("state")["counts"][SEND_RICH]
    assert tried == (1 if lacking else 2)
    await all_sent(database)


def pictures_in(message: dict[str, Any]) -> list[str]:
    blocks = message["rich_message"]["blocks"]
    inside = [one for block in blocks if block["type"] == "details" for one in block["blocks"]]
    return [one["photo"]["media"] for one in inside if one["type"] == "photo"]


@pytest.mark.parametrize("wanted", [True, False])
async def test_pictures_are_sent_to_readers_who_want_them(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int], wanted: bool
) -> None:
    picture = "https://a.example/bridge.jpg"
    await database.execute(
        "UPDATE stories SET article_picture = $1 WHERE id = $2", picture, stories[0]
    )
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender, pictures=wanted)
        [message] = await arrived(telegram, 1)
    assert pictures_in(message) == ([picture] if wanted else [])
    await all_sent(database)


@pytest.mark.parametrize("refuses_all", [False, True])
async def test_an_unloadable_picture_removes_only_the_pictures(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int], refuses_all: bool
) -> None:
    """First without pictures; the classic form comes only if that is refused as well."""
    picture = "https://gone.invalid/bridge.jpg"
    await database.execute(
        "UPDATE stories SET article_picture = $1 WHERE id = $2", picture, stories[0]
    )
    if refuses_all:
        text = "Bad Request: RICH_MESSAGE_INVALID"
        trouble = {"method": SEND_RICH, "kind": "status", "status": 400, "description": text}
        telegram.post("trouble", trouble | {"times": 2})
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender, pictures=True, story_count=3)
        [message] = await arrived(telegram, 1)
    assert ("text" in message) == refuses_all
    if not refuses_all:
        assert pictures_in(message) == []
    assert telegram.get("state")["counts"][SEND_RICH] == 2
    await all_sent(database)


async def test_pictures_are_switched_on_and_off_in_the_rich_look_alone(talk: Talk) -> None:
    await talk.onboarded()
    page = shown(await talk.press_data("set:look"))
    assert not any("ictures" in label for label in page.buttons)
    await talk.press_data("look:pictures")
    assert not (await talk.reader()).pictures
    await talk.press_data("look:rich")
    page = shown(await talk.press_data("set:look"))
    page = shown(await talk.press(page, "🖼 With pictures"))
    assert (await talk.reader()).pictures and "rich, with pictures" in page.text
    page = shown(await talk.press(page, "Without pictures"))
    assert not (await talk.reader()).pictures
    [said] = await talk.say("/settings look rich, with pictures")
    assert "now show pictures" in said.text and (await talk.reader()).pictures
    [said] = await talk.say("/settings look rich")
    assert "no longer" in said.text and not (await talk.reader()).pictures


async def test_a_digest_in_doubt_is_repeated_as_it_was(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int]
) -> None:
    telegram.trouble(SEND_RICH, "drop")
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender)
        [message] = await arrived(telegram, 1)
    assert "rich_message" in message


async def test_a_reader_who_is_gone_gets_neither_form(
    database: Pool, telegram: TelegramControl, api: BotApi, stories: list[int]
) -> None:
    telegram.post("chat", {"chat_id": PERSON, "refuse": "blocked"})
    async with sending(database, api) as sender:
        await ask_for_digest(database, sender)
        await asyncio.to_thread(
            wait_until, lambda: telegram.get("state")["counts"].get(f"{SEND_RICH} 403"), "a refusal"
        )
    assert await database.fetchval("SELECT array_agg(state) FROM outbox") == ["failed"]


async def test_only_a_tap_in_a_rich_message_switches_to_it(talk: Talk) -> None:
    await talk.onboarded()
    page = shown(await talk.press_data("set:look"))
    assert "How should digests look" in page.text
    for words in "/settings look rich", "/settings look RICH":
        [sample] = await talk.say(words)
        assert sample.method == SEND_RICH and (await talk.reader()).look == "classic"
    [sample, _] = await talk.press(page, "Try the rich look")
    assert sample.method == SEND_RICH
    said = await talk.press_data("look:rich", sample.message_id)
    assert (await talk.reader()).look == "rich"
    # An ordinary message leads back, and so does typing.
    ordinary = shown(said)
    assert ordinary.method == "sendMessage" and "/settings look" in ordinary.text
    await talk.press(ordinary, "Classic look")
    assert (await talk.reader()).look == "classic"
    await talk.press_data("look:rich")
    [back] = await talk.say("/settings look classic")
    assert "classic look" in back.text and (await talk.reader()).look == "classic"


async def test_looks_are_understood_in_the_language_of_the_reader(talk: Talk) -> None:
    await talk.onboarded(language="de")
    await talk.press_data("look:rich")
    [back] = await talk.say("/settings look klassisch")
    assert "klassische" in back.text and (await talk.reader()).look == "classic"
    [unknown] = await talk.say("/settings look <bunt>")
    assert "&lt;bunt&gt;" in unknown.text


async def test_a_group_has_one_look(talk: Talk) -> None:
    await talk.onboarded(GROUP)
    admin = {"sender_chat": {"id": GROUP, "type": "supergroup", "title": "A chat"}}
    [refused] = await talk.say("/settings look rich", GROUP, **admin)
    assert "private chat" in refused.text
    [overview] = await talk.say("/settings", GROUP, **admin)
    assert "Look" not in str(list(overview.buttons))


async def test_a_sample_that_is_refused_is_explained(
    database: Pool, telegram: TelegramControl, api: BotApi
) -> None:
    telegram.post("settings", {"unsupported": [SEND_RICH]})
    talk = Talk(database, settings(), api, delivers=False)
    await talk.onboarded()
    async with sending(database, api):
        await talk.say("/settings look rich")
        [said] = await arrived(telegram, 1)
    assert "does not support it yet" in said["text"]


async def daily(talk: Talk) -> list[Said]:
    await talk.pool.execute("UPDATE readers SET next_digest_at = now() - interval '1 minute'")
    await DigestWorker(talk.pool, settings(), lambda: None).step()
    return await talk.read()


async def test_the_look_is_offered_once_and_not_at_first(talk: Talk, stories: list[int]) -> None:
    await talk.onboarded()
    kinds = []
    for _ in range(DIGESTS_BEFORE_OFFER + 2):
        kinds.append([one.method for one in await daily(talk)])
        await talk.pool.execute("UPDATE digests SET local_day = local_day - 2")
        await talk.pool.execute("UPDATE readers SET last_digest_on = NULL")
    offered = ["sendMessage", SEND_RICH]
    assert (
        kinds == [["sendMessage"]] * (DIGESTS_BEFORE_OFFER - 1) + [offered] + [["sendMessage"]] * 2
    )
    outbox = await talk.pool.fetchrow("SELECT fallback FROM outbox WHERE method = $1", SEND_RICH)
    assert outbox["fallback"] == {"calls": []}


async def test_the_buttons_of_a_story_leave_the_digest_as_it_is(
    talk: Talk, stories: list[int]
) -> None:
    await talk.onboarded(look="rich")
    for name in "save", "like", "dislike", "follow":
        said = await talk.press_data(f"{name}:{stories[0]}")
        assert [one.method for one in said] == ["answerCallbackQuery"], name
        assert said[0].text
