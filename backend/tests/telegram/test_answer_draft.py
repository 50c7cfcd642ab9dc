"""A private chat sees the draft of an answer, and gets the answer once, even if drafts fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.conversations.answer import Answerer
from app.database.connection import Pool
from app.telegram.handle.admission import AdmissionControl
from app.telegram.question_worker import QuestionWorker
from tests.conversations.discussions import PAGE, STORY, Model, add_comments, add_story
from tests.digests.stories import add_reader
from tests.telegram.chat import GROUP, Said, Talk, settings

READER = 1001
SAID = "The maintainers measured 30,000 transactions a second on a laptop."


class Shown:
    """Drafts as the worker knows them."""

    def __init__(self, *, available: bool = True, lacking: bool = False) -> None:
        self.available = available
        self.lacking = lacking
        self.texts: list[str] = []
        self.any = asyncio.Event()

    async def show(self, chat_id: int, draft_id: int, html: str) -> bool:
        if self.lacking:
            self.available = False
            return False
        self.texts.append(html)
        self.any.set()
        return True


class Asked:
    """A question whose answer waits, on its page, until it may go on."""

    def __init__(self, pool: Pool, talk: Talk, drafts: Any) -> None:
        self.pool, self.talk, self.drafts = pool, talk, drafts
        self.go_on = asyncio.Event()
        self.model = Model()
        self.model.will_say(SAID, "p1")

        async def fetch(story_id: int) -> str | None:
            await self.go_on.wait()
            return PAGE

        async def nothing_kept(story_id: int) -> str | None:
            return None

        answerer = Answerer(pool, self.model, nothing_kept, fetch)  # type: ignore[arg-type]
        self.enqueued = asyncio.Event()
        self.worker = QuestionWorker(pool, answerer, 20, self.enqueued.set, drafts)

    async def ask(self) -> list[Said]:
        await self.talk.press_data(f"ask:{STORY}")
        return await self.talk.say("How fast is it?")

    async def said(self) -> list[Said]:
        return [one for one in await self.talk.read() if one.method != "sendChatAction"]

    async def question_id(self) -> int:
        number: int = await self.pool.fetchval("SELECT max(id) FROM questions")
        return number


@pytest.fixture
async def story(database: Pool) -> None:
    await add_reader(database, READER)
    await add_story(database)
    await add_comments(database)


def asked(talk: Talk, drafts: Shown) -> Asked:
    return Asked(talk.pool, with_drafts(talk, drafts), drafts)


def with_drafts(talk: Talk, drafts: Shown) -> Talk:
    return Talk(
        *(talk.pool, settings(openai_api_key="key"), talk.api),
        admission=AdmissionControl(),
        shows_drafts=lambda: drafts.available,
    )


async def test_a_draft_is_shown_and_then_the_answer(talk: Talk, story: None) -> None:
    one = asked(talk, drafts := Shown())
    assert await one.ask() == []
    answering = asyncio.create_task(one.worker.step())
    await drafts.any.wait()
    assert drafts.texts == [""]
    one.go_on.set()
    await answering
    [answer] = await one.said()
    assert answer.method == "sendMessage" and answer.text.startswith(SAID)
    assert answer.parameters["reply_parameters"]
    before = list(drafts.texts)
    assert await one.worker.step() == 0
    assert drafts.texts == before


async def test_stopping_sends_the_partial_answer(talk: Talk, story: None) -> None:
    one = asked(talk, drafts := Shown())
    await one.ask()
    answering = asyncio.create_task(one.worker.step())
    await drafts.any.wait()
    chat = {"id": READER, "type": "private", "first_name": "Ada"}
    stopped = {"chat": chat, "draft_id": await one.question_id()}
    await one.talk.update({"stopped_message_generation": stopped})
    await answering
    [answer] = await one.said()
    assert answer.text.startswith("You stopped the answer before any of it was written.")
    assert not one.go_on.is_set()
    assert await one.worker.step() == 0


async def test_a_member_cannot_stop_the_answer_of_another(talk: Talk, story: None) -> None:
    one = asked(talk, Shown())
    await one.ask()
    await add_reader(talk.pool, 7)
    for chat_id, draft_id in ((7, await one.question_id()), (READER, 0), (READER, 2**62)):
        chat = {"id": chat_id, "type": "private", "first_name": "Eve"}
        stopped = {"chat": chat, "draft_id": draft_id}
        assert await one.talk.update({"stopped_message_generation": stopped}) == []
    one.go_on.set()
    await one.worker.step()
    [answer] = await one.said()
    assert answer.text.startswith(SAID)


async def test_a_server_without_drafts_gets_the_placeholder_from_then_on(
    talk: Talk, story: None
) -> None:
    one = asked(talk, Shown(lacking=True))
    assert await one.ask() == []
    answering = asyncio.create_task(one.worker.step())
    waiting: list[Said] = []
    while not waiting:
        await one.enqueued.wait()
        one.enqueued.clear()
        waiting = await one.said()
    assert [said.text for said in waiting] == ["💭 Reading the article and the discussion …"]
    one.go_on.set()
    await answering
    [answer] = await one.said()
    assert answer.method == "editMessageText" and answer.message_id == waiting[0].message_id
    [placeholder] = await one.talk.say("And how small?")
    assert placeholder.text.startswith("💭")


async def test_groups_get_no_draft(talk: Talk, story: None) -> None:
    await talk.onboarded(GROUP)
    drafts = Shown()
    one = asked(talk, drafts)
    group = {"chat_id": GROUP, "chat_type": "supergroup", "user_id": 5}
    said = await one.talk.say(f"/ask https://news.ycombinator.com/item?id={STORY} Fast?", **group)
    assert [words.text for words in said] == ["💭 Reading the article and the discussion …"]
    one.go_on.set()
    await one.worker.step()
    assert drafts.texts == []


async def test_failing_drafts_do_not_affect_the_answer(talk: Talk, story: None) -> None:
    class Broken(Shown):
        async def show(self, chat_id: int, draft_id: int, html: str) -> bool:
            raise RuntimeError("broken")

    one = asked(talk, Broken())
    await one.ask()
    one.go_on.set()
    await one.worker.step()
    [answer] = await one.said()
    assert answer.text.startswith(SAID)
