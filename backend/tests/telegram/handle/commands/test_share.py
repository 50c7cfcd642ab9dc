"""A link to a story opens its card before any question; the questions come after a digest."""

from __future__ import annotations

import re

import pytest

from app.telegram.digest_worker import DigestWorker
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, NAME, PERSON, Said, Talk, settings, shown

FRIEND = 2002


@pytest.fixture
async def story(talk: Talk) -> int:
    known = [
        candidate(f"{title} <matters>", points=500 - n, sentences="All about it.")
        for n, title in enumerate(("Cheese", "Wood", "Copper", "Salt", "Iron", "Glass", "Wax"))
    ]
    await add_stories(talk.pool, *known)
    await talk.pool.execute("UPDATE stories SET first_seen_at = now(), posted_at = now()")
    return known[0].id


def link_in(said: Said) -> str:
    found = re.search(r"https://t\.me/\S+", said.text)
    assert found
    return found[0]


async def deliver(talk: Talk) -> list[Said]:
    await DigestWorker(talk.pool, settings(), lambda: None).step()
    return await talk.read()


async def test_a_button_on_a_card_makes_a_link(talk: Talk, story: int) -> None:
    await talk.onboarded()
    [card, _] = await talk.press_data(f"story:{story}")
    shared = shown(await talk.press(card, "Share"))
    link = link_in(shared)
    assert link == f"https://t.me/{NAME}?start=s_{story}"
    assert "Cheese &lt;matters&gt;" in shared.text
    [send] = shared.buttons.values()
    assert send.startswith("https://t.me/share/url?url=https%3A%2F%2Ft.me%2F")
    [gone, _] = [*await talk.press_data("share:999"), None]
    assert gone is not None and "no longer" in gone.text


async def test_a_new_reader_sees_the_linked_card_before_any_question(
    talk: Talk, story: int
) -> None:
    await talk.onboarded()
    [card, _] = await talk.press_data(f"story:{story}")
    opened, invitation = await talk.say(f"/start s_{story}", FRIEND, user_id=FRIEND)
    assert opened.text == card.text
    assert list(opened.buttons)[:3] == ["🔖 Save", "👍", "👎"]
    assert "Today’s digest" in str(list(invitation.buttons))
    reader = await talk.reader(FRIEND)
    assert reader.next_digest_at is None
    # Everything on the card works.
    liked = await talk.press(opened, "👍", chat_id=FRIEND, user_id=FRIEND)
    assert "✓ 👍" in shown(liked).buttons


async def test_the_questions_come_after_the_first_digest(talk: Talk, story: int) -> None:
    _, invitation = await talk.say(f"/start s_{story}", FRIEND, user_id=FRIEND)
    mine = {"chat_id": FRIEND, "user_id": FRIEND}
    await talk.press(invitation, "Today’s digest", **mine)
    digest, offer = await deliver(talk)
    assert "Cheese" in digest.text and "every day" in offer.text
    question = shown(await talk.press(offer, "every day", **mine))
    assert "What do you like to read about?" in question.text
    zone = shown(await talk.press(question, "Done", **mine))
    hour = shown(await talk.press(zone, "Yes", **mine))
    done = shown(await talk.press(hour, "8:00", **mine))
    # The first digest is not promised again.
    assert "8:00" in done.text and "first" not in done.text
    assert "Next digest" in done.text
    reader = await talk.reader(FRIEND)
    assert reader.next_digest_at is not None and reader.digest_wanted_at is None
    assert reader.onboarding is None


async def test_a_reader_sees_the_card_and_nothing_else(talk: Talk, story: int) -> None:
    await talk.onboarded()
    [card] = await talk.say(f"/start s_{story}")
    assert "Cheese" in card.text
    [again] = await talk.say("/start")
    assert "Welcome back" in again.text


async def test_unfinished_onboarding_continues(talk: Talk, story: int) -> None:
    await talk.say("/start")
    [card] = await talk.say(f"/start s_{story}")
    assert "Cheese" in card.text
    assert (await talk.reader()).onboarding == "topics"


@pytest.mark.parametrize("payload", ["s_999999", "s_" + "9" * 30, "s_x", "S_1", "ref", "s_²"])
async def test_an_invalid_link_starts_onboarding(talk: Talk, payload: str) -> None:
    said = await talk.say(f"/start {payload}", FRIEND, user_id=FRIEND)
    assert "Today’s digest" in str(list(said[-1].buttons)) or "Rust" in said[-1].buttons
    assert (await talk.reader(FRIEND)).next_digest_at is None


async def test_in_a_group_a_link_is_an_ordinary_start(talk: Talk, story: int) -> None:
    await talk.onboarded(GROUP)
    said = await talk.say(f"/start s_{story}", GROUP, user_id=PERSON)
    assert "Cheese" not in str(said)
