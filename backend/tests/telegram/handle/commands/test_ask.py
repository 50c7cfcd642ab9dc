"""Asking about stories: which one is meant, how often, and that an answer comes once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.conversations.answer import Answerer
from app.conversations.question_counts import counting_key
from app.conversations.turns import MAX_TURNS
from app.database.connection import Pool
from app.llm.outcomes import Outcome
from app.telegram import question_worker
from app.telegram.placeholder import placeholder_key
from app.telegram.question_worker import QuestionWorker
from app.wording import text
from tests.conversations.discussions import (
    OTHER,
    PAGE,
    STORY,
    Model,
    add_comments,
    add_story,
    answerer,
)
from tests.digests.stories import add_reader
from tests.telegram.chat import Chat, settings, shown, texts

READER, GROUP = 1000, -1000
SAID = "The maintainers measured 30,000 transactions a second on a laptop."
WITH_MODEL = {"openai_api_key": "sk-test"}
WAIT = "💭 Reading the article and the discussion …"


class Asking:
    """A chat, and whoever answers its questions."""

    def __init__(self, database: Pool, chat: Chat, model: Model, **values: Any) -> None:
        self.database = database
        self.chat = chat
        self.model = model
        self.answers = self.more_answers(answerer(database, model), **values)

    def more_answers(
        self,
        answerer: Answerer,
        questions_per_day: int = 20,
        on_enqueued: Callable[[], None] = lambda: None,
    ) -> QuestionWorker:
        return QuestionWorker(self.database, answerer, questions_per_day, on_enqueued)

    async def deliver(self) -> None:
        """As if Telegram had taken everything; messages get their row's number as id."""
        await self.database.execute(
            """
            UPDATE outbox SET state = 'sent', message_id =
              coalesce((parameters ->> 'message_id')::bigint, id)
            WHERE state = 'pending'
            """
        )

    async def answer(self) -> list[dict[str, Any]]:
        """Everything that is said when all questions are answered, without "typing…"."""
        await self.deliver()
        await self.chat.news()
        while await self.answers.step():
            pass
        calls = await self.chat.news()
        await self.deliver()
        return [call for call in calls if call.method != "sendChatAction"]

    async def questions(self) -> list[tuple[int | None, str]]:
        rows = await self.database.fetch(
            "SELECT story_id, question FROM questions WHERE state <> 'open' ORDER BY id"
        )
        return [(row["story_id"], row["question"]) for row in rows]


@pytest.fixture
async def asking(database: Pool) -> Asking:
    await add_reader(database, READER)
    await add_story(database)
    await add_comments(database)
    await add_story(database, OTHER, title="Another story")
    model = Model()
    model.will_say(SAID, "p1")
    return Asking(database, Chat(database, READER, settings(**WITH_MODEL)), model)


async def add_digest(database: Pool, *story_ids: int) -> None:
    digest_id = await database.fetchval(
        """
        INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, 'asked', now()::date)
        RETURNING id
        """,
        READER,
    )
    for position, story_id in enumerate(story_ids, 1):
        await database.execute(
            """
            INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
            VALUES ($1, $2, $3, $4, 1)
            """,
            digest_id,
            story_id,
            READER,
            position,
        )


async def test_a_question_is_typed_after_tapping_the_button(asking: Asking) -> None:
    begun = shown(await asking.chat.press(f"ask:{STORY}"))
    assert "SQLite &lt;gets&gt; concurrent writes" in begun.text
    [waiting] = await asking.chat.say("How fast is it?")
    assert waiting.text == WAIT
    [answer] = await asking.answer()
    assert answer.method == "editMessageText"
    assert answer.message_id == waiting.message_id
    assert answer.text.startswith(SAID)
    assert "just type" in answer.text
    await asking.chat.say("And who measured it?")
    [second] = await asking.answer()
    assert "just type" not in second.text
    assert await asking.questions() == [(STORY, "How fast is it?"), (STORY, "And who measured it?")]
    assert [role for role, _ in asking.model.asked[1]["messages"]] == ["user", "assistant", "user"]


async def test_a_reply_to_a_story_and_to_an_answer(asking: Asking) -> None:
    begun = shown(await asking.chat.press(f"ask:{STORY}"))
    await asking.deliver()
    await asking.database.execute("DELETE FROM conversations")
    [waiting] = await asking.chat.say("How fast?", reply_to=begun.message_id)
    await asking.answer()
    await asking.database.execute("DELETE FROM conversations")
    await asking.chat.say("Why?", reply_to=waiting.message_id)
    await asking.chat.say("/ask For whom?", reply_to=waiting.message_id)
    assert [story_id for story_id, _ in await asking.questions()] == [STORY] * 3


async def test_a_reply_to_a_message_that_the_outbox_has_forgotten(asking: Asking) -> None:
    link = {
        "type": "text_link",
        "offset": 0,
        "length": 1,
        "url": f"https://news.ycombinator.com/item?id={STORY}",
    }
    old = asking.chat.message_of_the_bot(77, entities=[link])
    await asking.chat.say("How fast?", reply_to_message=old)
    assert await asking.questions() == [(STORY, "How fast?")]


async def test_a_reply_to_a_digest_asks_which_story(asking: Asking) -> None:
    links = [
        {
            "type": "text_link",
            "offset": n,
            "length": 1,
            "url": f"https://news.ycombinator.com/item?id={story_id}",
        }
        for n, story_id in enumerate((OTHER, STORY, 999))
    ]
    old = asking.chat.message_of_the_bot(77, entities=links)
    [which] = await asking.chat.say("How fast?", reply_to_message=old)
    assert list(which.buttons) == ["1. Another story", "2. SQLite <gets> concurrent writes"]
    await asking.chat.press(which.buttons["2. SQLite <gets> concurrent writes"])
    assert await asking.questions() == [(STORY, "How fast?")]
    again = await asking.chat.press(which.buttons["1. Another story"])
    assert "already asked this" in texts(again)[0]


async def test_ask_without_a_story_lists_those_of_the_last_digest(asking: Asking) -> None:
    [none] = texts(await asking.chat.say("/ask"))
    assert "/digest" in none
    await add_digest(asking.database, OTHER, STORY)
    [which] = await asking.chat.say("/ask")
    [_, second] = which.buttons.values()
    begun = shown(await asking.chat.press(second))
    assert "SQLite" in begun.text
    await asking.database.execute("DELETE FROM conversations")
    await asking.chat.say("/ask 2 How fast?")
    await asking.chat.say("/ask Is it new?")
    assert await asking.questions() == [(STORY, "How fast?"), (STORY, "Is it new?")]


async def test_a_number_or_a_page_turns_to_another_story(asking: Asking) -> None:
    await add_digest(asking.database, OTHER, STORY)
    page = "https://news.ycombinator.com/item?id="
    await asking.chat.press(f"ask:{STORY}")
    begun = shown(await asking.chat.say("/ask 1"))
    assert "Another story" in begun.text
    for words in "/ask 2 How fast?", f"/ask {page}{OTHER} Who?", "/ask Why?":
        await asking.chat.say(words)
    [unknown] = texts(await asking.chat.say(f"/ask {page}999 And this?"))
    assert "haven’t read" in unknown
    assert await asking.questions() == [
        (STORY, "How fast?"),
        (OTHER, "Who?"),
        (OTHER, "Why?"),
    ]


async def test_a_conversation_expires(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.database.execute("UPDATE conversations SET last_at = now() - interval '1 hour'")
    [hint] = texts(await asking.chat.say("How fast?"))
    assert "/help" in hint
    assert await asking.questions() == []


async def test_a_conversation_ends_after_some_turns(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    last = ""
    for turn in range(MAX_TURNS):
        await asking.chat.say(f"Question {turn}?")
        [answer] = await asking.answer()
        last = answer.text
    assert "has ended" in last
    [hint] = texts(await asking.chat.say("One more?"))
    assert "/help" in hint


async def test_typed_words_answer_the_last_request(asking: Asking) -> None:
    await asking.database.execute("UPDATE readers SET awaiting = 'zone', onboarding = 'topics'")
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    assert await asking.questions() == [(STORY, "How fast?")]
    await asking.database.execute("UPDATE readers SET awaiting = 'zone'")
    await asking.chat.say("Berlin")
    await asking.chat.say("/start")
    await asking.chat.say("databases")
    assert len(await asking.questions()) == 1


@pytest.mark.parametrize(
    "words",
    ["👍", "…", "?!", "hi", "Hi!", "Hello there 👋", "Thank you very much.", "ok, thanks", "lol",
     "Hallo", "Danke schön!", "moin", "Alles klar", "How are you?", "Good morning", "test"],
)  # fmt: skip
async def test_text_without_content_is_not_a_question(asking: Asking, words: str) -> None:
    begun = shown(await asking.chat.press(f"ask:{STORY}"))
    await asking.deliver()
    [hint] = texts(await asking.chat.say(words))
    assert hint in (text("help.hint", "en"), text("help.thanks", "en"))
    await asking.chat.say(words, reply_to=begun.message_id)
    assert await asking.questions() == []
    # The conversation goes on all the same.
    await asking.chat.say("Why?")
    assert await asking.questions() == [(STORY, "Why?")]


@pytest.mark.parametrize("words", ["help", "Help!", "HELP ME", "Hilfe", "was kannst du?"])
async def test_help_is_given_in_the_middle_of_a_conversation(asking: Asking, words: str) -> None:
    await asking.chat.press(f"ask:{STORY}")
    assert texts(await asking.chat.say(words)) == texts(await asking.chat.say("/help"))
    assert await asking.questions() == []


@pytest.mark.parametrize(
    ("words", "command"),
    [("settings", "settings"), ("Stop!", "pause"), ("Einstellungen", "settings")],
)
async def test_the_name_of_a_command_is_not_a_question(
    asking: Asking, words: str, command: str
) -> None:
    await asking.chat.press(f"ask:{STORY}")
    [said] = texts(await asking.chat.say(words))
    assert f"/{command}?" in said
    assert await asking.questions() == []


@pytest.mark.parametrize(
    "words", ["why", "Who pays?", "benchmarks", "And the license", "warum", "is it good", "hi-fi?",
              "thanks to whom?", "settings of the server?", "help for whom"],
)  # fmt: skip
async def test_short_questions_are_accepted(asking: Asking, words: str) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say(words)
    assert await asking.questions() == [(STORY, words)]


async def test_cancel_ends_a_conversation(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("/cancel")
    [hint] = texts(await asking.chat.say("How fast?"))
    assert "/help" in hint
    assert await asking.questions() == []


@pytest.mark.parametrize(
    "words", ["99", "#99", "3", "0", "99 Who pays?", "99. Why?", "123456789012"]
)
async def test_an_unknown_story_number_is_reported(asking: Asking, words: str) -> None:
    await add_digest(asking.database, OTHER, STORY)
    for _ in range(2):  # and in the middle of a conversation
        [said] = texts(await asking.chat.say(f"/ask {words}"))
        assert f"no story {int(words.lstrip('#').split()[0].rstrip('.'))}" in said
        assert "2 stories" in said
        await asking.chat.press(f"ask:{STORY}")
    assert await asking.questions() == []


async def test_the_last_story_of_a_long_digest_has_a_number_too(asking: Asking) -> None:
    for number in range(17):
        await add_story(asking.database, 700 + number, title=f"Filler {number}")
    await add_digest(asking.database, *range(700, 717), OTHER, STORY)
    await asking.chat.say("/ask 19 How fast?")
    assert await asking.questions() == [(STORY, "How fast?")]


async def test_a_number_is_of_the_digest_that_is_replied_to(asking: Asking) -> None:
    await add_digest(asking.database, OTHER, STORY)
    older = await asking.database.fetchval("SELECT max(id) FROM digests")
    await add_digest(asking.database, STORY)
    message_id = await asking.database.fetchval(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state,
                            message_id, digest_id)
        VALUES ('old', $1, 'sendMessage', '{}', 2, TRUE, 'sent', 4711, $2) RETURNING message_id
        """,
        READER,
        older,
    )
    await asking.chat.say("/ask 1 Who?", reply_to=message_id)
    assert await asking.questions() == [(OTHER, "Who?")]


async def test_questions_are_limited_per_person_and_day(asking: Asking) -> None:
    few = Chat(asking.database, READER, settings(**WITH_MODEL, questions_per_day=2))
    limited = Asking(asking.database, few, asking.model, questions_per_day=2)
    await few.press(f"ask:{STORY}")
    await few.say("One?")
    await few.say("Two?")
    assert "last question for today" in (await limited.answer())[-1].text
    [said] = texts(await few.say("Three?"))
    assert "your 2 questions for today" in said
    # The count of another day has another name.
    await asking.database.execute("UPDATE question_counts SET payer = 'of yesterday'")
    assert texts(await few.say("Three?")) == [WAIT]


async def test_deletion_and_another_zone_do_not_reset_the_limit(asking: Asking) -> None:
    only_one = Chat(asking.database, READER, settings(**WITH_MODEL, questions_per_day=1))
    question = f"/ask https://news.ycombinator.com/item?id={STORY} Why?"
    assert texts(await only_one.say(question)) == [WAIT]
    await only_one.press("delete:yes")
    assert await asking.database.fetchval("SELECT count(*) FROM questions") == 0
    await only_one.say("/start")
    await only_one.say("/settings zone Pacific/Kiritimati")
    assert "your one question for today" in texts(await only_one.say(question))[0]
    name = await asking.database.fetchval("SELECT payer FROM question_counts")
    assert str(READER) not in name


CHANNELS, ADDER = (-1000000000001, -1000000000002), 77
ANONYMOUS = 1087968824  # https://core.telegram.org/bots/api#message, sender_chat


async def test_a_channel_counts_for_the_person_who_added_the_bot(asking: Asking) -> None:
    only_one = settings(**WITH_MODEL, questions_per_day=1)
    said = []
    for channel in CHANNELS:
        await add_reader(asking.database, channel)
        await asking.database.execute("UPDATE readers SET added_by = $1", ADDER)
        chat = Chat(asking.database, channel, only_one, kind="channel")
        said += texts(await chat.say(f"/ask https://news.ycombinator.com/item?id={STORY} Why?"))
    await add_reader(asking.database, ADDER)
    owner = Chat(asking.database, ADDER, only_one)
    said += texts(await owner.say(f"/ask https://news.ycombinator.com/item?id={STORY} Why?"))
    assert said[0] == WAIT
    assert ["your one question for today" in one for one in said] == [False, True, True]


async def test_the_anonymous_admins_of_each_group_have_questions_of_their_own(
    asking: Asking,
) -> None:
    only_one = settings(**WITH_MODEL, questions_per_day=1)
    said = []
    for group in CHANNELS:
        await add_reader(asking.database, group)
        chat = Chat(asking.database, group, only_one, user_id=ANONYMOUS, kind="supergroup")
        anonymous = {"sender_chat": {"id": group, "type": "supergroup", "title": "A chat"}}
        question = f"/ask https://news.ycombinator.com/item?id={STORY} Why?"
        said += texts(await chat.say(question, **anonymous) + await chat.say(question, **anonymous))
    assert ["your one question for today" in one for one in said] == [False, True, False, True]


def test_the_days_of_a_person_and_those_of_others_have_nothing_in_common() -> None:
    today = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    names = [
        counting_key(settings(**changed), kind, number, now)
        for changed in ({}, {"telegram_bot_token": "43:another"})
        for kind in ("person", "chat")
        for number in (1, 2)
        for now in (today, today + timedelta(minutes=1))
    ]
    assert len(set(names)) == len(names) == 16
    assert names[0] == counting_key(settings(), "person", 1, datetime(2026, 12, 31, tzinfo=UTC))


async def test_in_a_group_each_has_questions_of_their_own_and_replies_are_heard(
    asking: Asking,
) -> None:
    await add_reader(asking.database, GROUP)
    only_one = settings(**WITH_MODEL, questions_per_day=1)
    ada, bob = (
        Chat(asking.database, GROUP, only_one, user_id=user_id, kind="supergroup")
        for user_id in (1, 2)
    )
    begun = shown(await ada.press(f"ask:{STORY}"))
    assert begun.parameters["reply_markup"]["force_reply"]
    assert 'href="tg://user?id=1"' in begun.text
    await asking.deliver()
    assert await ada.say("How fast?") == []
    [waiting] = await ada.say("How fast?", reply_to=begun.message_id)
    assert waiting.parameters["reply_parameters"]["message_id"]
    assert texts(await bob.say("Why?", reply_to=begun.message_id)) == [WAIT]
    told = texts(await ada.say("Why?", reply_to=begun.message_id))[0]
    assert "your one question for today" in told


async def test_a_group_is_told_to_reply_since_typed_words_are_not_heard(asking: Asking) -> None:
    await add_reader(asking.database, GROUP)
    await asking.database.execute(
        "UPDATE readers SET kind = 'supergroup' WHERE chat_id = $1", GROUP
    )
    group = asking.chat = Chat(asking.database, GROUP, settings(), user_id=1, kind="supergroup")
    await group.say(f"/ask https://news.ycombinator.com/item?id={STORY} Why?")
    [answer] = await asking.answer()
    assert "reply to this message" in answer.text
    assert "just type" not in answer.text


async def test_every_part_of_an_answer_goes_to_the_topic_of_the_question(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_reader(asking.database, GROUP)
    monkeypatch.setattr(question_worker, "compose_answer", lambda *_, **__: ["One.", "Two."])
    group = asking.chat = Chat(asking.database, GROUP, settings(), user_id=1, kind="supergroup")
    await group.say(f"/ask https://news.ycombinator.com/item?id={STORY} Why?")
    asked = await asking.database.fetchval("SELECT reply_to_message_id FROM questions")
    said = await asking.answer()
    assert texts(said) == ["One.", "Two."]
    assert {one.parameters["reply_parameters"]["message_id"] for one in said} == {asked}


@pytest.mark.parametrize("data", ["ask:", "ask:x", "ask:12345", f"ask:{STORY}:9", f"ask:{STORY}:x"])
async def test_invalid_buttons_are_answered(asking: Asking, data: str) -> None:
    assert await asking.chat.press(data)
    assert await asking.questions() == []


async def test_a_member_cannot_take_the_open_question_of_another(asking: Asking) -> None:
    await add_digest(asking.database, OTHER, STORY)
    [which] = await asking.chat.say("/ask Secret?")
    await add_reader(asking.database, 2000)
    other = Chat(asking.database, 2000, settings())
    assert "already asked this" in texts(await other.press(next(iter(which.buttons.values()))))[0]
    assert await asking.questions() == []


# --- answering


async def test_without_a_key_excerpts_come_at_once(asking: Asking) -> None:
    asking.model.says = Outcome.NO_KEY
    chat = Chat(asking.database, READER, settings())
    keyless = Asking(asking.database, chat, asking.model)
    await chat.press(f"ask:{STORY}")
    assert await chat.say("How many transactions?") == []
    [answer] = await keyless.answer()
    assert answer.method == "sendMessage"
    assert answer.parameters["reply_parameters"]["message_id"]
    assert "✂️" in answer.text


async def test_an_unsent_placeholder_is_withdrawn(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    [waiting] = await asking.chat.say("How fast?")
    await asking.answers.step()
    calls = [one for one in await asking.chat.news() if one.method != "sendChatAction"]
    assert [call.method for call in calls] == ["sendMessage"]
    assert (
        await asking.database.fetchval(
            "SELECT count(*) FROM outbox WHERE id = $1", waiting.message_id
        )
        == 0
    )


async def test_a_placeholder_in_doubt_is_followed_by_a_message(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    [waiting] = await asking.chat.say("How fast?")
    await asking.database.execute(
        "UPDATE outbox SET state = 'uncertain' WHERE id = $1", waiting.message_id
    )
    [answer] = await asking.answer()
    assert answer.method == "sendMessage"


async def test_a_deleted_placeholder_is_followed_by_a_message(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    await asking.deliver()
    await asking.answers.step()
    refused = "Bad Request: message to edit not found"
    await asking.database.execute(
        "UPDATE outbox SET state = 'failed', error = $1 WHERE method = 'editMessageText'", refused
    )
    edit = shown(await asking.chat.news())
    assert await asking.answers.resend_refused() == 1
    [answer] = await asking.chat.news()
    assert answer.method == "sendMessage"
    assert answer.text == edit.text
    assert "message_id" not in answer.parameters
    assert answer.parameters["reply_parameters"]["message_id"]
    # Once: whatever Telegram has against the message too, it stays at that.
    await asking.database.execute("UPDATE outbox SET state = 'failed'")
    assert await asking.answers.resend_refused() == 0


async def test_the_bot_is_seen_typing(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    await asking.deliver()
    slow = Slow(asking)
    answers = asking.more_answers(slow.answerer, on_enqueued=slow.typed.set)
    answering = asyncio.create_task(answers.step())
    await slow.typed.wait()
    slow.go_on.set()
    await answering
    [typing] = [one for one in await asking.chat.news() if one.method == "sendChatAction"]
    assert (typing.parameters["chat_id"], typing.parameters["action"]) == (READER, "typing")


async def test_an_answer_comes_though_typing_cannot_be_shown(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast is it?")
    await asking.deliver()
    await asking.chat.news()
    await asking.database.execute("ALTER TABLE outbox ADD CHECK (method <> 'sendChatAction')")
    slow = Slow(asking)
    answering = asyncio.create_task(asking.more_answers(slow.answerer).step())
    await slow.asked.wait()
    await asyncio.wait([one for one in asyncio.all_tasks() if one.get_name().startswith("typing")])
    slow.go_on.set()
    await answering
    [answer] = await asking.chat.news()
    assert answer.text.startswith(SAID)


async def test_a_killed_process_leaves_its_question_to_the_next(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    await asking.deliver()
    stuck = Slow(asking)
    killed = asyncio.create_task(asking.more_answers(stuck.answerer).step())
    await stuck.asked.wait()
    assert await asking.answers.step() == 0
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await asking.database.execute("UPDATE questions SET claimed_until = now()")
    [answer] = await asking.answer()
    assert answer.text.startswith(SAID)


async def test_a_late_answer_is_not_sent_twice(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    await asking.deliver()
    slow = Slow(asking)
    late = asyncio.create_task(
        asking.more_answers(slow.answerer, on_enqueued=slow.typed.set).step()
    )
    await slow.asked.wait()
    await slow.typed.wait()  # its lease was renewed, and is not for some seconds
    await asking.database.execute("UPDATE questions SET claimed_until = now() - interval '1 s'")
    [answer] = await asking.answer()
    slow.go_on.set()
    await late
    rest = [one for one in await asking.chat.news() if one.method != "sendChatAction"]
    assert rest == []
    assert answer.text.startswith(SAID)


async def test_a_repeatedly_failing_question_gets_an_apology(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    await asking.deliver()
    broken = asking.more_answers(failing(asking))
    for _ in range(6):
        await asking.database.execute("UPDATE questions SET claimed_until = NULL")
        assert await broken.step() == 1
    calls = [one for one in await asking.chat.news() if one.method == "editMessageText"]
    assert "couldn’t answer" in calls[-1].text
    assert await broken.step() == 0


async def test_one_persons_questions_are_answered_in_turn(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    for words in "One?", "Two?":
        await asking.chat.say(words)
    await asking.deliver()
    slow = Slow(asking)
    first = asyncio.create_task(asking.more_answers(slow.answerer).step())
    await slow.asked.wait()
    assert await asking.answers.step() == 0
    slow.go_on.set()
    await first
    assert await asking.answers.step() == 1


async def test_a_reader_who_is_gone_gets_no_answer(asking: Asking) -> None:
    await asking.chat.press(f"ask:{STORY}")
    await asking.chat.say("How fast?")
    slow = Slow(asking)
    late = asyncio.create_task(asking.more_answers(slow.answerer).step())
    await slow.asked.wait()
    await asking.database.execute("DELETE FROM readers WHERE chat_id = $1", READER)
    await asking.database.execute("DELETE FROM outbox")
    slow.go_on.set()
    await late
    assert await asking.database.fetchval("SELECT count(*) FROM outbox WHERE chat_id <> 0") == 0


async def nothing_kept(story_id: int) -> str | None:
    return None


class Slow:
    """An answerer that waits with its article until it is told to go on."""

    def __init__(self, asking: Asking) -> None:
        self.asked, self.go_on, self.typed = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def fetch(story_id: int) -> str | None:
            self.asked.set()
            await self.go_on.wait()
            return PAGE

        self.answerer = Answerer(asking.database, asking.model, nothing_kept, fetch)  # type: ignore[arg-type]


def failing(asking: Asking) -> Answerer:
    async def fetch(story_id: int) -> str | None:
        raise RuntimeError("broken")

    return Answerer(asking.database, asking.model, nothing_kept, fetch)  # type: ignore[arg-type]


def test_keys_of_placeholders_name_the_question() -> None:
    assert placeholder_key(5) == "question:5:wait"
