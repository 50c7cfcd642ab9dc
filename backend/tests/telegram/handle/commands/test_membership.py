"""Chats that the bot enters, leaves and follows."""

from __future__ import annotations

from typing import Any

import pytest

from app.readers.store import ChatState
from tests.telegram.chat import GROUP, PERSON, Said, Talk, message, user

OLD = -5001
BOT = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
IN, OUT = {"status": "member"}, {"status": "left"}
BANNED = {"status": "kicked", "until_date": 0}
MUTED = {"status": "restricted", "is_member": True, "can_send_messages": False}
PROMOTED = {"status": "administrator", "can_manage_chat": True}


async def change(
    talk: Talk,
    old: dict[str, Any],
    new: dict[str, Any],
    chat_id: int = GROUP,
    kind: str = "supergroup",
) -> list[Said]:
    chat = message({}, chat_id, chat_type=kind)["chat"]
    members = {"old_chat_member": {"user": BOT, **old}, "new_chat_member": {"user": BOT, **new}}
    return await talk.update(
        {"my_chat_member": {"chat": chat, "from": user(language="de"), "date": 1, **members}}
    )


async def test_a_group_is_greeted_once_in_the_language_of_the_person_who_added_the_bot(
    talk: Talk,
) -> None:
    [welcome] = await change(talk, OUT, IN)
    assert "HN Pal ist da" in welcome.text and "Rust" in welcome.buttons
    assert await change(talk, IN, PROMOTED) == []


async def test_a_channel_begins_without_questions(talk: Talk) -> None:
    [welcome] = await change(talk, OUT, IN, kind="channel")
    assert welcome.buttons == {}
    assert "/settings zone" in welcome.text
    reader = await talk.reader(GROUP)
    assert reader.next_digest_at and reader.onboarding is None


@pytest.mark.parametrize(
    ("gone", "state"),
    [(OUT, ChatState.GONE), (BANNED, ChatState.GONE), (MUTED, ChatState.REFUSING)],
)
async def test_a_group_without_the_bot_gets_nothing_until_it_is_back(
    talk: Talk, gone: dict[str, Any], state: ChatState
) -> None:
    await talk.onboarded(GROUP, story_count=9)
    assert await change(talk, IN, gone) == []
    assert (await talk.reader(GROUP)).state is state
    await change(talk, gone, IN)
    reader = await talk.reader(GROUP)
    assert (reader.state, reader.story_count) == (ChatState.OPEN, 9)
    assert reader.next_digest_at


@pytest.mark.parametrize("column", ["unreachable_at", "refusing_since"])
@pytest.mark.parametrize(
    "content", [{"new_chat_title": "Renamed"}, {"text": "what people say to each other"}]
)
async def test_any_update_from_a_chat_shows_that_it_is_back(
    talk: Talk, column: str, content: dict[str, Any]
) -> None:
    await talk.onboarded(GROUP)
    await talk.pool.execute(f"UPDATE readers SET {column} = now()")
    assert await talk.send(content, GROUP) == []
    assert (await talk.reader(GROUP)).state is ChatState.OPEN


async def test_blocked_and_back_by_any_message(talk: Talk) -> None:
    await talk.onboarded()
    await change(talk, IN, BANNED, PERSON, "private")
    assert (await talk.reader()).unreachable_at
    await talk.say("/help")
    assert (await talk.reader()).unreachable_at is None


async def test_leaving_an_unknown_chat_makes_it_no_reader(talk: Talk) -> None:
    assert await change(talk, IN, BANNED) == []
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 0


@pytest.mark.parametrize("first", ["old", "new"])
async def test_a_group_that_becomes_a_supergroup_keeps_everything(talk: Talk, first: str) -> None:
    await talk.onboarded(OLD, story_count=9)
    from_old = {"message": message({"migrate_to_chat_id": GROUP}, OLD, chat_type="group")}
    from_new = {"message": message({"migrate_from_chat_id": OLD}, GROUP)}
    for update in (from_old, from_new) if first == "old" else (from_new, from_old):
        assert await talk.update(update) == []
    assert (await talk.reader(GROUP)).story_count == 9
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 1


async def test_settings_of_the_old_group_take_precedence_after_a_migration(talk: Talk) -> None:
    await talk.onboarded(OLD, story_count=9)
    await change(talk, OUT, IN)
    await talk.update({"message": message({"migrate_to_chat_id": GROUP}, OLD, chat_type="group")})
    assert (await talk.reader(GROUP)).story_count == 9
