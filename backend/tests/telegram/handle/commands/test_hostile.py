"""Nothing that a stranger types costs much more than /help."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from statistics import median

import pytest

from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.handle.commands import BUTTONS, COMMANDS, OPERATOR_BUTTONS, OPERATOR_COMMANDS
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import PERSON, TOKEN, Said, Talk, settings
from tests.telegram.hostile import LENGTH, TEXTS

# As dear as a handled update may be, in answers to /help. Most take 2 to 5, the dearest 11.
MAX_RATIO = 20
# What else runs in this process, such as the garbage collector, has five chances to stay away.
TRIES = 5
PAGES = ("hour", "zone", "days", "stories", "points", "muted", "alerts", "topics")
QUESTIONS = ("topics", "zone", "hour", "style")
SETTINGS = (*PAGES[:-1], "style", "weekly", "language", "alerts_per_day", "mute", "unmute")


async def cpu(act: Callable[[], Awaitable[list[Said]]]) -> float:
    """Seconds of this process's CPU."""
    began = time.process_time()
    await act()
    return time.process_time() - began


async def prices(talk: Talk, act: Callable[[str], Awaitable[list[Said]]]) -> dict[str, float]:
    """What each text costs, in answers to /help."""
    await act("x")
    usual = median([await cpu(lambda: talk.say("/help")) for _ in range(9)])
    found = {}
    for name, text in TEXTS.items():
        for _ in range(TRIES):
            spent = await cpu(lambda text=text: act(text)) / usual  # type: ignore[misc]
            found[name] = min(spent, found.get(name, spent))
            if found[name] < MAX_RATIO:
                break
    assert await talk.pool.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
    return {name: price for name, price in found.items() if price >= MAX_RATIO}


@pytest.fixture
async def operating(database: Pool, telegram_address: str) -> AsyncIterator[Talk]:
    """Somebody in the operator's chat, where there are most commands."""
    api = BotApi(TOKEN, telegram_address)
    yield Talk(database, settings(admin_chat_id=PERSON, questions_per_day=10_000), api)
    await api.close()


def test_there_are_enough_texts_and_all_are_long() -> None:
    assert len(TEXTS) >= 20
    assert {len(text) for text in TEXTS.values()} == {LENGTH}


@pytest.mark.parametrize("command", [*COMMANDS, *OPERATOR_COMMANDS, "x" * 4000, ""])
async def test_behind_a_command(operating: Talk, command: str) -> None:
    if command != "delete_me":
        await operating.onboarded()
    await operating.say("/mute wood, example.com")
    assert await prices(operating, lambda text: operating.say(f"/{command} {text}")) == {}


@pytest.mark.parametrize("setting", SETTINGS)
async def test_as_a_setting(operating: Talk, setting: str) -> None:
    await operating.onboarded()
    assert await prices(operating, lambda text: operating.say(f"/settings {setting} {text}")) == {}


@pytest.mark.parametrize("action", ["/topics remove", "/memory forget", "/ask 1", "/help"])
async def test_as_an_action(operating: Talk, action: str) -> None:
    await operating.onboarded()
    await operating.say("/topics cheese, wood")
    assert await prices(operating, lambda text: operating.say(f"{action} {text}")) == {}


@pytest.mark.parametrize("prefix", [*BUTTONS, *OPERATOR_BUTTONS, "set:zone", "onboard:zone", "x"])
async def test_as_the_data_of_a_button(operating: Talk, prefix: str) -> None:
    await operating.onboarded()
    await operating.pool.execute("UPDATE readers SET onboarding = 'zone'")
    assert await prices(operating, lambda text: operating.press_data(f"{prefix}:{text}")) == {}


@pytest.mark.parametrize("page", PAGES)
async def test_as_an_answer_to_a_page(operating: Talk, page: str) -> None:
    await operating.onboarded()

    async def answer(text: str) -> list[Said]:
        await operating.pool.execute("UPDATE readers SET awaiting = $1", page)
        return await operating.say(text)

    assert await prices(operating, answer) == {}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_as_an_answer_to_a_question(operating: Talk, question: str) -> None:
    await operating.onboarded()

    async def answer(text: str) -> list[Said]:
        await operating.pool.execute("UPDATE readers SET onboarding = $1", question)
        return await operating.say(text)

    assert await prices(operating, answer) == {}


async def test_as_a_question_about_a_story(operating: Talk) -> None:
    story = candidate("Cheese matters")
    await add_stories(operating.pool, story)
    await operating.onboarded()
    await operating.press_data(f"ask:{story.id}")
    assert await prices(operating, operating.say) == {}
