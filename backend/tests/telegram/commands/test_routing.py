"""Whom an update is for, and that whoever presses a button is answered."""

from __future__ import annotations

from typing import Any

import pytest
from rehearsal.outside.control import TelegramControl

from app.telegram.commands import COMMANDS, Command
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, NAME, PERSON, Talk, message, user

STRANGER, ADMIN, MEMBER = 2001, 2002, 2003
PHOTO = {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]}
VOICE = {"voice": {"file_id": "1", "file_unique_id": "1", "duration": 1}}


@pytest.fixture
def group(telegram: TelegramControl) -> int:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADMIN]})
    return GROUP


async def test_a_stranger_who_says_anything_is_welcomed(talk: Talk) -> None:
    [welcome] = await talk.say("Hello?", STRANGER)
    assert "Welcome to HN Pal" in welcome.text
    assert (await talk.reader(STRANGER)).onboarding == "topics"


async def test_who_came_with_another_command_is_still_welcomed_by_start(talk: Talk) -> None:
    await talk.say("/help", STRANGER)
    [welcome] = await talk.say("/start", STRANGER)
    assert "Welcome to HN Pal" in welcome.text
    await talk.onboarded()
    [back] = await talk.say("/start")
    assert "Welcome back" in back.text


@pytest.mark.parametrize("content", [PHOTO, VOICE, {"text": "Good morning"}])
async def test_what_is_not_understood_gets_a_hint(talk: Talk, content: dict[str, Any]) -> None:
    await talk.onboarded()
    [hint] = await talk.send(content)
    assert "/help" in hint.text


async def test_an_album_gets_one_hint(talk: Talk) -> None:
    await talk.onboarded()
    albums = "1", "1", "1", "2", "1"
    said = [await talk.send({**PHOTO, "media_group_id": album}) for album in albums]
    assert [len(hints) for hints in said] == [1, 0, 0, 1, 0]
    assert "/help" in said[0][0].text
    await talk.onboarded(555)
    assert len(await talk.send({**PHOTO, "media_group_id": "1"}, 555)) == 1


async def test_an_unknown_command_names_the_one_that_may_be_meant(talk: Talk) -> None:
    await talk.onboarded()
    [near] = await talk.say("/digset")
    assert "/digset" in near.text and "/digest" in near.text
    [far] = await talk.say("/n1234 something")
    assert "/n1234" in far.text


async def test_what_stands_below_a_message_is_not_read(talk: Talk) -> None:
    await talk.onboarded()
    asked = message({"text": "Reply!"}) | {
        "from": user(42) | {"is_bot": True},
        "reply_markup": {"force_reply": True},
    }
    [hint] = await talk.send({"text": "So I do", "reply_to_message": asked})
    assert "/help" in hint.text


@pytest.mark.parametrize(
    "text", ["/", "/ help", "/@", "/help@", "/HELP", "/help\nmore", "/" * 4096]
)
async def test_odd_commands_are_answered(talk: Talk, text: str) -> None:
    await talk.onboarded()
    assert len(await talk.say(text)) == 1


@pytest.mark.parametrize(
    ("text", "answers"),
    [("/help", 1), ("/help@HNPAL_bot", 1), ("/help@other_bot", 0), ("/nonsense", 0), ("Hello", 0)],
)
async def test_in_a_group_only_what_is_meant_for_the_bot(
    talk: Talk, group: int, text: str, answers: int
) -> None:
    await talk.onboarded(group)
    assert len(await talk.say(text, group, user_id=MEMBER)) == answers


async def test_replies_to_another_bot_in_a_group_are_not_for_this_one(
    talk: Talk, group: int
) -> None:
    await talk.onboarded(group)
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    bot = {"id": 77, "is_bot": True, "first_name": "Feed", "username": "feed_bot"}
    address = f"https://news.ycombinator.com/item?id={story.id}"
    link = {"type": "text_link", "offset": 0, "length": 5, "url": address}
    theirs = message({"text": "Story", "entities": [link]}, group) | {"from": bot}
    assert await talk.say("Why?", group, user_id=MEMBER, reply_to_message=theirs) == []
    ours = theirs | {"from": bot | {"username": NAME}}
    await talk.say("Why?", group, user_id=MEMBER, reply_to_message=ours)
    assert await talk.pool.fetchval("SELECT count(*) FROM questions") == 1


async def test_what_people_say_in_a_group_makes_it_no_reader(talk: Talk, group: int) -> None:
    assert await talk.say("Hello everybody", group) == []
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 0


async def test_a_reply_goes_to_the_command_and_its_topic(talk: Talk, group: int) -> None:
    await talk.onboarded(group)
    [said] = await talk.say("/help", group, message_thread_id=7, is_topic_message=True)
    assert said.parameters["message_thread_id"] == 7
    assert said.parameters["reply_parameters"]["allow_sending_without_reply"]
    # Any reply in an ordinary group has a thread, which cannot be sent to.
    [said] = await talk.say("/help", group, message_thread_id=7)
    assert "message_thread_id" not in said.parameters


async def test_only_admins_configure_a_group(talk: Talk, group: int) -> None:
    await talk.onboarded(group)
    [refused] = await talk.say("/pause", group, user_id=MEMBER)
    assert "Only admins" in refused.text
    assert (await talk.reader(group)).paused_at is None
    [done] = await talk.say("/pause", group, user_id=ADMIN)
    assert "Paused" in done.text
    assert (await talk.reader(group)).paused_at


async def test_an_anonymous_admin_speaks_as_the_group(talk: Talk, group: int) -> None:
    await talk.onboarded(group)
    sender = {"id": group, "type": "supergroup", "title": "A chat"}
    [done] = await talk.say("/pause", group, user_id=MEMBER, sender_chat=sender)
    assert "Paused" in done.text
    channel = {"id": -1000000000777, "type": "channel", "title": "Another"}
    [refused] = await talk.say("/resume", group, user_id=MEMBER, sender_chat=channel)
    assert "Only admins" in refused.text


async def test_a_member_who_presses_a_setting_is_refused(talk: Talk, group: int) -> None:
    await talk.onboarded(group)
    [answer] = await talk.press_data("topic:Rust", chat_id=group, user_id=MEMBER)
    assert answer.method == "answerCallbackQuery"
    assert answer.parameters["show_alert"] and "Only admins" in answer.text
    said = await talk.press_data("topic:Rust", chat_id=group, user_id=ADMIN)
    assert [one.method for one in said] == ["editMessageText", "answerCallbackQuery"]


async def test_who_is_admin_is_asked_once(
    talk: Talk, group: int, telegram: TelegramControl
) -> None:
    await talk.onboarded(group)
    before = telegram.get("state")["counts"].get("getChatMember", 0)
    for _ in range(3):
        await talk.say("/pause", group, user_id=ADMIN)
    assert telegram.get("state")["counts"]["getChatMember"] == before + 1


async def test_an_admin_whom_telegram_does_not_know_is_told_to_try_again(
    talk: Talk, group: int, telegram: TelegramControl
) -> None:
    await talk.onboarded(group)
    telegram.trouble("getChatMember", "status", status=500)
    [said] = await talk.say("/pause", group, user_id=ADMIN)
    assert "try again" in said.text
    assert (await talk.reader(group)).paused_at is None


async def test_a_command_in_a_channel_is_an_admins(talk: Talk) -> None:
    await talk.onboarded(GROUP)
    [done] = await talk.say("/pause", GROUP, chat_type="channel")
    assert "Paused" in done.text
    assert "reply_parameters" not in done.parameters


async def test_subscribers_of_a_channel_rate_stories_and_post_nothing(
    talk: Talk, group: int
) -> None:
    await talk.onboarded(group)
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    for name in "story", "save", "why", "ask", "saved:drop", "find:0":
        [refused] = await talk.press_data(
            f"{name}:{story.id}", chat_id=group, chat_type="channel", user_id=MEMBER
        )
        assert refused.parameters["show_alert"] and "Only admins" in refused.text
    [noted] = await talk.press_data(
        f"like:{story.id}", chat_id=group, chat_type="channel", user_id=MEMBER
    )
    assert "Noted" in noted.text
    [card, _] = await talk.press_data(
        f"story:{story.id}", chat_id=group, chat_type="channel", user_id=ADMIN
    )
    assert "Cheese matters" in card.text


async def test_a_question_in_a_channel_is_posted_with_its_command(talk: Talk, group: int) -> None:
    await talk.onboarded(group)
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    [hint] = await talk.press_data(
        f"ask:{story.id}", chat_id=group, chat_type="channel", user_id=ADMIN
    )
    assert hint.method == "answerCallbackQuery" and "/ask 3" in hint.text
    [card, _] = await talk.press_data(
        f"story:{story.id}", chat_id=group, chat_type="channel", user_id=ADMIN
    )
    post = message({"text": "…"}, group, chat_type="channel") | {"message_id": card.message_id}
    [hint] = await talk.say("/ask", group, chat_type="channel", reply_to_message=post)
    assert "/ask 3" in hint.text
    await talk.say("/ask Why?", group, chat_type="channel", reply_to_message=post)
    asked = await talk.pool.fetch("SELECT story_id, question FROM questions")
    assert [tuple(row) for row in asked] == [(story.id, "Why?")]


@pytest.mark.parametrize(
    "data",
    ["", "nonsense", "nonsense:1", "story:", "save:x", "like:-1", "like:" + "9" * 40, "story:²"],
)
async def test_a_forged_button_is_answered(talk: Talk, data: str) -> None:
    await talk.onboarded()
    [answer] = await talk.press_data(data)
    assert answer.method == "answerCallbackQuery"
    assert answer.text
    assert await talk.pool.fetchval("SELECT count(*) FROM inbox WHERE state = 'parked'") == 0


async def test_a_strangers_button_is_answered_and_makes_no_reader(talk: Talk) -> None:
    [answer] = await talk.press_data("like:1")
    assert "/start" in answer.text
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 0


async def test_a_button_without_a_message_is_answered(talk: Talk) -> None:
    query = {"id": "1", "from": user(), "chat_instance": "1", "inline_message_id": "1", "data": "x"}
    [answer] = await talk.update({"callback_query": query})
    assert answer.method == "answerCallbackQuery"


async def test_a_button_of_a_message_that_is_no_more_is_answered_anew(talk: Talk) -> None:
    await talk.onboarded()
    gone = {"message_id": 1, "date": 0, "chat": {"id": PERSON, "type": "private"}}
    query = {"id": "1", "from": user(), "chat_instance": "1", "message": gone, "data": "topic:Rust"}
    said = await talk.update({"callback_query": query})
    assert [one.method for one in said] == ["sendMessage", "answerCallbackQuery"]


NO_ANSWER: dict[str, Any] = {"option_ids": [], "option_persistent_ids": []}


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": message({"text": "/pause"})},
        {"edited_channel_post": message({"text": "/pause"}, GROUP, chat_type="channel")},
        {"inline_query": {"id": "1", "from": user(), "query": "rust", "offset": ""}},
        {"message": message({"pinned_message": message({"text": "/pause"})})},
        {"message": message({"text": "/pause"}, GROUP, is_automatic_forward=True)},
        {"poll_answer": {**NO_ANSWER, "poll_id": "1", "user": user()}},
    ],
)
async def test_what_asks_nothing_is_passed_over(talk: Talk, update: dict[str, Any]) -> None:
    await talk.onboarded()
    assert await talk.update(update) == []
    assert (await talk.reader()).paused_at is None
    assert await talk.pool.fetchval("SELECT state FROM inbox") == "done"


async def test_a_failing_command_is_parked_and_apologised_for_once(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setitem(COMMANDS, "help", Command(fail))
    monkeypatch.setattr("app.telegram.inbox.RETRY_DELAYS", ())
    await talk.onboarded(language="de")
    [sorry] = await talk.say("/help")
    assert "schiefgegangen" in sorry.text
    assert await talk.say("/help") == []
    [other] = await talk.say("/pause")
    assert "Pause" in other.text


async def test_a_failing_button_is_answered(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.telegram.inbox.RETRY_DELAYS", ())
    monkeypatch.setattr("app.telegram.dispatch.route", None)
    [answer] = await talk.press_data("like:1")
    assert answer.method == "answerCallbackQuery"
    assert "went wrong" in answer.text
