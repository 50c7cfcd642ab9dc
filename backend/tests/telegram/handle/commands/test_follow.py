"""🔔 on a card, /following, and the news that come of them."""

from __future__ import annotations

import json

import pytest

from app.readers import personal_data
from app.readers.follows import MAX_FOLLOWED
from app.telegram.follow_worker import FollowWorker
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, PERSON, Said, Talk, shown


@pytest.fixture
async def story(talk: Talk) -> int:
    one = candidate("Cheese <matters>", comment_count=40, sentences="All about it.")
    await add_stories(talk.pool, one)
    await talk.onboarded()
    return one.id


async def news(talk: Talk) -> list[Said]:
    await FollowWorker(talk.pool, lambda: None).step()
    return await talk.read()


async def grow(talk: Talk, story: int) -> None:
    await talk.pool.execute("UPDATE stories SET comment_count = 100 WHERE id = $1", story)


async def test_a_card_shows_whether_its_story_is_followed(talk: Talk, story: int) -> None:
    [card, _] = await talk.press_data(f"story:{story}")
    noted, changed = await talk.press(card, "🔔 Follow")
    if noted.method != "answerCallbackQuery":
        noted, changed = changed, noted
    assert "30 days" in noted.text and "/following" in noted.text
    assert changed.message_id == card.message_id and changed.text == card.text
    assert "✓ Following" in changed.buttons
    again = await talk.press(changed, "✓ Following")
    assert "🔔 Follow" in shown(again).buttons
    assert await news(talk) == []


async def test_news_has_buttons_to_open_and_unfollow_the_story(talk: Talk, story: int) -> None:
    await talk.press_data(f"follow:{story}:card")
    await grow(talk, story)
    [told] = await news(talk)
    assert "from 40 to 100 comments" in told.text and "&lt;matters&gt;" in told.text
    [card, _] = await talk.press(told, "Open")
    assert "All about it." in card.text and "✓ Following" in card.buttons
    [ended] = await talk.press(told, "Stop following")
    assert ended.text == "You’re no longer following this story."
    assert await talk.pool.fetchval("SELECT count(*) FROM followed_stories") == 0
    # Words in reply to the news are about the story.
    bot = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
    replied = {"message_id": told.message_id, "date": 1, "chat": {"id": PERSON, "type": "private"}}
    await talk.say("Why is that?", reply_to_message=replied | {"from": bot, "text": "…"})
    assert await talk.pool.fetchval("SELECT story_id FROM questions") == story


async def test_the_list_has_buttons_to_open_and_unfollow(talk: Talk, story: int) -> None:
    [nothing] = await talk.say("/following")
    assert "No stories are followed yet" in nothing.text
    await talk.press_data(f"follow:{story}:card")
    [listed] = await talk.say("/following")
    assert "1 followed story" in listed.text and "&lt;matters&gt;" in listed.text
    [card, _] = await talk.press(listed, "1" if "1" in listed.buttons else "")
    assert "Cheese" in card.text
    ended = shown(await talk.press(listed, "✖ 1"))
    assert "No stories are followed yet" in ended.text
    assert ended.message_id == listed.message_id


async def test_a_long_list_fits_into_a_message(talk: Talk) -> None:
    await talk.onboarded()
    many = [candidate("W" * 290 + str(n)) for n in range(MAX_FOLLOWED + 1)]
    await add_stories(talk.pool, *many)
    said = [await talk.press_data(f"follow:{one.id}:card") for one in many]
    assert "already" in said[-1][0].text
    [listed] = await talk.say("/following")
    assert f"{MAX_FOLLOWED} followed stories" in listed.text
    assert f"and {MAX_FOLLOWED - 15} more" in listed.text


@pytest.mark.parametrize("data", ["follow:", "follow:x:card", "follow:999:card", "unfollow:"])
async def test_invalid_buttons_are_answered(talk: Talk, story: int, data: str) -> None:
    said = await talk.press_data(data)
    assert {one.method for one in said} == {"answerCallbackQuery"}


async def test_a_group_follows_together(talk: Talk, story: int) -> None:
    await talk.onboarded(GROUP, thread_id=5)
    group = {"chat_id": GROUP, "chat_type": "supergroup"}
    await talk.press_data(f"follow:{story}:card", **group, user_id=7)
    await grow(talk, story)
    [told] = await news(talk)
    assert told.parameters["chat_id"] == GROUP and told.parameters["message_thread_id"] == 5


async def test_why_explains_the_digest_not_the_news(talk: Talk, story: int) -> None:
    await talk.pool.execute(
        """
        WITH made AS (INSERT INTO digests (chat_id, kind, local_day)
                      VALUES ($1, 'daily', now()) RETURNING id)
        INSERT INTO digest_stories (digest_id, chat_id, story_id, position, score, reasons)
        SELECT id, $1, $2, 1, 1, '{"points": 2.5}' FROM made
        """,
        PERSON,
        story,
    )
    await talk.press_data(f"follow:{story}:card")
    await grow(talk, story)
    await news(talk)
    why = await talk.press_data(f"why:{story}")
    assert "+2.5" in why[0].text


async def test_followed_stories_are_exported_and_deleted(talk: Talk, story: int) -> None:
    await talk.press_data(f"follow:{story}:card")
    async with talk.pool.acquire() as connection:
        found = {}
        for section in await personal_data.sections(connection, PERSON, PERSON):
            rows = await connection.fetch(section.sql, *section.arguments)
            found[section.name] = [json.loads(row[0]) for row in rows]
    assert [row["story_id"] for row in found["followed_stories"]] == [story]
    assert [row["id"] for row in found["stories"]] == [story]
    [question] = await talk.say("/delete_me")
    await talk.press(question, "Delete everything")
    assert await talk.pool.fetchval("SELECT count(*) FROM followed_stories") == 0
