"""In a group the questions of /start are answered by admins, with taps or replies to the bot."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from app.wording import LANGUAGES, text
from simulators.control import TelegramControl
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, NAME, Said, Talk, message

ADMIN, MEMBER = 2002, 2003


@pytest.fixture
def group(telegram: TelegramControl) -> int:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADMIN]})
    return GROUP


def reply(said: Said | None = None) -> dict[str, Any]:
    """What makes a message a reply to the bot's."""
    bot = {"id": 42, "is_bot": True, "first_name": "HN Pal", "username": NAME}
    number = said.message_id if said else 999
    return {"reply_to_message": message({"text": "…"}, GROUP) | {"from": bot, "message_id": number}}


async def interests(talk: Talk) -> set[str]:
    return {row["phrase"] for row in await talk.pool.fetch("SELECT phrase FROM interests")}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_admin_answers_every_question_with_a_reply(
    talk_with_model: Talk, group: int, language: str
) -> None:
    talk = talk_with_model
    who = {"user_id": ADMIN, "language": language}
    [asked] = await talk.say("/start", group, **who)
    assert asked.text == text("start.welcome_group", language)
    how = text("start.reply", language)
    for typed in "sqlite, zig", text("button.done", language), "Kathmandu":
        [asked] = await talk.say(typed, group, **who, **reply(asked))
        assert asked.text.endswith(how), asked.text
    [hour] = await talk.say(text("button.yes", language), group, **who, **reply(asked))
    assert hour.text == f"{text('start.hour_group', language)}\n\n{how}"
    [wrong] = await talk.say("25:99", group, **who, **reply(hour))
    assert wrong.text.endswith(how) and wrong.buttons == hour.buttons
    [style] = await talk.say("7:30", group, **who, **reply(wrong))
    assert style.text.endswith(how)
    await talk.say(text("style.concise", language), group, **who, **reply(style))
    reader = await talk.reader(group)
    assert (reader.onboarding, reader.timezone) == (None, "Asia/Kathmandu")
    assert (reader.digest_time, reader.style) == (time(7, 30), "concise")
    assert await interests(talk) == {"sqlite", "zig"}


async def test_a_mention_is_a_reply_as_well(talk: Talk, group: int) -> None:
    await talk.say("/start", group, user_id=ADMIN)
    await talk.say(f"@{NAME} sqlite", group, user_id=ADMIN)
    await talk.say(f"zig, nim @{NAME.upper()}", group, user_id=ADMIN)
    assert await talk.say("cobol", group, user_id=ADMIN) == []
    assert await talk.say(f"@{NAME}s cobol", group, user_id=ADMIN) == []
    assert await interests(talk) == {"sqlite", "zig", "nim"}


async def test_an_anonymous_admin_answers_as_the_group(talk: Talk, group: int) -> None:
    sender = {"id": group, "type": "supergroup", "title": "A chat"}
    [asked] = await talk.say("/start", group, user_id=MEMBER, sender_chat=sender)
    await talk.say("sqlite", group, user_id=MEMBER, sender_chat=sender, **reply(asked))
    assert await interests(talk) == {"sqlite"}


@pytest.mark.parametrize("typed", ["sqlite", "done", "time 9", "mute crypto", "stop", "thanks"])
async def test_a_member_answers_nothing(talk: Talk, group: int, typed: str) -> None:
    [asked] = await talk.say("/start", group, user_id=ADMIN)
    before = await talk.reader(group)
    assert await talk.say(typed, group, user_id=MEMBER, **reply(asked)) == []
    assert await interests(talk) == set() and await talk.reader(group) == before


async def test_a_member_asks_about_a_story_meanwhile(talk: Talk, group: int) -> None:
    await talk.say("/start", group, user_id=ADMIN)
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    card, *_ = await talk.press_data(f"story:{story.id}", chat_id=group, user_id=MEMBER)
    for person in MEMBER, ADMIN:
        await talk.say("sqlite and this?", group, user_id=person, **reply(card))
    asked = await talk.pool.fetchval("SELECT count(*) FROM questions WHERE story_id = $1", story.id)
    assert asked == 2 and await interests(talk) == set()


async def test_an_admin_who_cannot_be_checked_is_told(
    talk: Talk, group: int, telegram: TelegramControl
) -> None:
    await talk.onboarded(group)
    await talk.pool.execute("UPDATE readers SET onboarding = 'topics'")
    telegram.trouble("getChatMember", "status", status=500)
    [said] = await talk.say("sqlite", group, user_id=ADMIN, **reply())
    assert said.text == text("group.not_checked", "en")


async def test_a_reply_to_the_bot_after_the_questions_changes_nothing(
    talk: Talk, group: int
) -> None:
    await talk.onboarded(group)
    for person in ADMIN, MEMBER:
        assert await talk.say("time 9", group, user_id=person, **reply()) == []
    assert (await talk.reader(group)).digest_time == time(8)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["/export_my_data", "/delete_me"])
async def test_a_member_is_told_where_their_own_data_is_handled(
    talk: Talk, group: int, language: str, command: str
) -> None:
    await talk.onboarded(group, language=language)
    [said] = await talk.say(command, group, user_id=MEMBER)
    assert said.text == text("group.data", language) and not said.buttons
    assert said.parameters["ephemeral_message_parameters"] == {"receiver_user_id": MEMBER}
    assert await talk.pool.fetchval("SELECT count(*) FROM data_exports") == 0
    [asked] = await talk.say("/delete_me", group, user_id=ADMIN)
    assert asked.text == text("privacy.confirm_group", language)
