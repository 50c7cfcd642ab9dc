"""Whom an update is for, and that whoever presses a button is answered."""

from __future__ import annotations

from typing import Any

import pytest

from app.telegram.api.reading import read_update
from app.telegram.handle.commands import COMMANDS, Command
from simulators.control import TelegramControl
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, NAME, PERSON, Talk, message, user

STRANGER, ADMIN, MEMBER = 2001, 2002, 2003
PHOTO = {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]}
VOICE = {"voice": {"file_id": "1", "file_unique_id": "1", "duration": 1}}


@pytest.fixture
def group(telegram: TelegramControl) -> int:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADMIN]})
    return GROUP


@pytest.mark.parametrize("words", ["Hello?", "/nonsense", *(f"/{name}" for name in COMMANDS)])
async def test_only_start_makes_a_stranger_a_reader(talk: Talk, words: str) -> None:
    said = await talk.say(words, STRANGER, user_id=STRANGER, language="de")
    assert [one.method for one in said] == ["sendMessage"]
    assert said[0].text.startswith("👋") or words in ("/help", "/nonsense")
    known = await talk.pool.fetchval("SELECT count(*) FROM readers")
    assert known == (1 if words == "/start" else 0)


async def test_unblocking_the_bot_does_not_make_a_stranger_a_reader(talk: Talk) -> None:
    chat = message({}, STRANGER)["chat"]
    for status in "kicked", "member":
        changed = {
            "chat": chat,
            "from": user(STRANGER),
            "date": 1,
            "old_chat_member": {"status": "left", "user": user(42)},
            "new_chat_member": {"status": status, "user": user(42)},
        }
        assert await talk.update({"my_chat_member": changed}) == []
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 0


async def test_start_welcomes_a_returning_reader(talk: Talk) -> None:
    [welcome] = await talk.say("/start", STRANGER, user_id=STRANGER)
    assert "Welcome to HN Pal" in welcome.text
    await talk.onboarded()
    [back] = await talk.say("/start")
    assert "Welcome back" in back.text


@pytest.mark.parametrize("content", [PHOTO, VOICE, {"text": "Good morning"}])
async def test_unknown_text_gets_a_hint(talk: Talk, content: dict[str, Any]) -> None:
    await talk.onboarded()
    [hint] = await talk.send(content)
    assert "/help" in hint.text


RICH = {
    "blocks": [
        {"type": "heading", "size": 1, "text": "Rust"},
        {"type": "paragraph", "text": ["and ", {"type": "bold", "text": "SQLite"}]},
        {"type": "list", "items": [{"label": "1.", "blocks": [{"type": "pre", "text": "Go"}]}]},
        {"type": "buttons", "buttons": [{"text": "not said"}]},
    ]
}
CHECKLIST = {"title": "To read", "tasks": [{"id": 1, "text": "Rust"}]}


async def test_the_text_of_a_rich_message_is_read(talk: Talk) -> None:
    await talk.onboarded()
    command = {"blocks": [{"type": "paragraph", "text": {"type": "bot_command", "text": "/help"}}]}
    [said] = await talk.send({"rich_message": command})
    [plain] = await talk.say("/help")
    assert said.text == plain.text
    read = read_update({"message": message({"rich_message": RICH})}).message
    assert read is not None and read.text == "Rust\nand SQLite\n1.\nGo"


@pytest.mark.parametrize("content", [{"checklist": CHECKLIST}, {"unheard_of": {"a": 1}}])
async def test_content_that_is_not_read_gets_a_hint(talk: Talk, content: dict[str, Any]) -> None:
    await talk.onboarded()
    [hint] = await talk.send(content)
    assert "/help" in hint.text


async def test_links_of_a_rich_message_are_kept() -> None:
    link = {"type": "url", "text": "this", "url": "https://news.ycombinator.com/item?id=1"}
    rich = {"blocks": [{"type": "paragraph", "text": ["see ", link]}]}
    read = read_update({"message": message({"rich_message": rich})}).message
    assert read is not None
    [entity] = read.entities
    assert (entity.url, entity.offset, entity.length) == (link["url"], 4, 4)


def test_deeply_nested_blocks_are_read_within_bounds() -> None:
    block: Any = "deep"
    for _ in range(500):
        block = {"type": "details", "text": ["x"], "blocks": [block]}
    read = read_update({"message": message({"rich_message": {"blocks": [block]}})}).message
    assert read is not None and read.text is not None
    wide = {"blocks": [{"text": "ü😀" * 4000}] * 10}
    long = read_update({"message": message({"rich_message": wide})}).message
    assert long is not None and long.text is not None and len(long.text) < 10_000


@pytest.mark.parametrize(
    "words", ["/help", "/start", "/digest", "/settings", "/ask 1 Why?", "/x@hnpal_bot"]
)
async def test_direct_messages_of_a_channel_are_answered_in_their_topic(
    talk: Talk, telegram: TelegramControl, words: str
) -> None:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [PERSON]})
    topic = {"topic_id": 77, "user": user()}
    await talk.onboarded(GROUP)
    sent = message({"text": words, "direct_messages_topic": topic}, GROUP)
    sent["chat"]["is_direct_messages"] = True
    said = await talk.update({"message": sent})
    assert said or words == "/digest"
    for one in said:
        assert one.parameters["direct_messages_topic_id"] == 77
        assert "message_thread_id" not in one.parameters
    wanted_in = await talk.pool.fetchval("SELECT digest_wanted_in FROM readers")
    assert wanted_in == (77 if words == "/digest" else None)


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


async def test_the_reply_markup_of_a_message_is_ignored(talk: Talk) -> None:
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
async def test_in_a_group_only_addressed_messages_are_handled(
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


async def test_messages_in_a_group_do_not_make_it_a_reader(talk: Talk, group: int) -> None:
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


async def test_the_role_is_requested_once(
    talk: Talk, group: int, telegram: TelegramControl
) -> None:
    await talk.onboarded(group)
    before = telegram.get("state")["counts"].get("getChatMember", 0)
    for _ in range(3):
        await talk.say("/pause", group, user_id=ADMIN)
    assert telegram.get("state")["counts"]["getChatMember"] == before + 1


async def test_a_person_with_an_unknown_role_is_asked_to_try_again(
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


async def test_a_button_of_a_deleted_message_is_answered_with_a_new_one(talk: Talk) -> None:
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
async def test_messages_without_a_request_are_ignored(talk: Talk, update: dict[str, Any]) -> None:
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
    monkeypatch.setattr("app.telegram.receive.inbox.RETRY_DELAYS", ())
    await talk.onboarded(language="de")
    [sorry] = await talk.say("/help")
    assert "schiefgegangen" in sorry.text
    assert await talk.say("/help") == []
    [other] = await talk.say("/pause")
    assert "Pause" in other.text


async def test_a_failing_button_is_answered(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.telegram.receive.inbox.RETRY_DELAYS", ())
    monkeypatch.setattr("app.telegram.handle.dispatch.route", None)
    [answer] = await talk.press_data("like:1")
    assert answer.method == "answerCallbackQuery"
    assert "went wrong" in answer.text
