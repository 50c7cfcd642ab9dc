"""/hn: replies on Hacker News are told once, within the alerts of a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database.connection import Pool
from app.readers import hn_names
from app.telegram.reply_worker import MAX_SHOWN, ReplyWorker
from tests.telegram.chat import GROUP, PERSON, Said, Talk

NAME = "ann"


@pytest.fixture
async def named(talk: Talk) -> Talk:
    await talk.onboarded(alerts_per_day=2)
    await talk.say(f"/hn {NAME}")
    await talk.pool.execute("UPDATE hn_names SET since = now() - interval '1 hour'")
    await talk.pool.execute("INSERT INTO hn_users (name) VALUES ($1)", NAME)
    return talk


async def reply(pool: Pool, comment_id: int, text: str | None = "I think so.", **more: str) -> None:
    await pool.execute(
        """
        INSERT INTO hn_replies (comment_id, name, author, about, text) VALUES ($1, $2, $3, $4, $5)
        """,
        comment_id,
        NAME,
        more.get("author", "bob"),
        more.get("about", "Cheese matters"),
        text,
    )


async def told(talk: Talk) -> list[Said]:
    await ReplyWorker(talk.pool, lambda: None).step()
    return await talk.read()


async def test_a_name_is_set_shown_and_removed(talk: Talk) -> None:
    await talk.onboarded()
    [how] = await talk.say("/hn")
    assert "/hn name" in how.text
    for words in ("ann", "@ann", "https://news.ycombinator.com/user?id=ann", " ann "):
        [begun] = await talk.say(f"/hn {words}")
        assert "replies to <b>ann</b>" in begun.text
    [now] = await talk.say("/hn")
    assert "<b>ann</b>" in now.text
    [ended] = await talk.say("/hn off")
    assert "no longer" in ended.text
    assert await talk.pool.fetchval("SELECT count(*) FROM hn_names") == 0


@pytest.mark.parametrize(
    "words",
    ["a b", "ann;drop", "../item/1", "ann.json", "ä", "x" * 16, "<b>", "ann/..", "ann?x=1", "²"],
)
async def test_invalid_names_are_refused(talk: Talk, words: str) -> None:
    await talk.onboarded()
    [said] = await talk.say(f"/hn {words}")
    assert "cannot be a name" in said.text
    assert await talk.pool.fetchval("SELECT count(*) FROM hn_names") == 0


async def test_a_reply_is_sent_once_with_a_link(named: Talk) -> None:
    await reply(named.pool, 77, "See <evil> evil.example & more", author="b_o-b")
    [said] = await told(named)
    assert "A reply to ann" in said.text and "b_o-b" in said.text and "Cheese matters" in said.text
    assert "https://news.ycombinator.com/item?id=77" in said.text
    assert "&lt;evil&gt;" in said.text and "evil.example" not in said.text
    assert await told(named) == []


async def test_several_are_one_message_and_the_rest_is_counted(named: Talk) -> None:
    for number in range(1, 3 * MAX_SHOWN):
        await reply(named.pool, number, f"Number {number}. " + "🦀" * 900)
    [said] = await told(named)
    assert f"{3 * MAX_SHOWN - 1} replies to ann" in said.text
    assert f"Number {3 * MAX_SHOWN - 1}." in said.text and "Number 1." not in said.text
    assert "more</a>" in said.text
    assert await told(named) == []


async def test_there_are_no_more_messages_than_alerts_in_a_day(named: Talk) -> None:
    for number in range(1, 5):
        await reply(named.pool, number)
        assert len(await told(named)) == (1 if number <= 2 else 0)
    await named.pool.execute("UPDATE told_replies SET told_on = told_on - 1")
    [said] = await told(named)
    assert "2 replies" in said.text


async def test_messages_about_replies_and_alerts_of_stories_are_counted_together(
    named: Talk,
) -> None:
    await named.pool.execute(
        """
        INSERT INTO stories (id, kind, title, posted_at, article_state)
        VALUES (1, 'story', 'A', now(), 'none'), (2, 'story', 'B', now(), 'none')
        """
    )
    await named.pool.execute(
        """
        WITH made AS (INSERT INTO digests (chat_id, kind, local_day)
                      VALUES ($1, 'alert', (now() AT TIME ZONE 'UTC')::date) RETURNING id)
        INSERT INTO digest_stories (digest_id, chat_id, story_id, position, score)
        SELECT made.id, $1, stories.id, stories.id, 1 FROM made, stories
        """,
        PERSON,
    )
    await reply(named.pool, 5)
    assert await told(named) == []


async def test_ineligible_replies_are_not_sent(named: Talk) -> None:
    await reply(named.pool, 1, None)
    await reply(named.pool, 2)
    await named.pool.execute(
        "UPDATE hn_replies SET found_at = now() - $1::interval",
        hn_names.MAX_AGE + timedelta(hours=1),
    )
    await named.pool.execute("UPDATE hn_names SET since = now() - interval '20 days'")
    assert await told(named) == []


@pytest.mark.parametrize("state", ["paused_at", "unreachable_at", "refusing_since"])
async def test_unreachable_readers_get_replies_later(named: Talk, state: str) -> None:
    await reply(named.pool, 1)
    await named.pool.execute(f"UPDATE readers SET {state} = now()")
    assert await told(named) == []
    await named.pool.execute(f"UPDATE readers SET {state} = NULL")
    assert len(await told(named)) == 1


async def test_replies_found_before_the_name_was_set_are_not_sent(named: Talk) -> None:
    await reply(named.pool, 1)
    await named.onboarded(2)
    await named.say(f"/hn {NAME}", 2, user_id=2)
    assert [one.parameters["chat_id"] for one in await told(named)] == [PERSON]
    await reply(named.pool, 2)
    assert sorted(one.parameters["chat_id"] for one in await told(named)) == [2, PERSON]


async def test_an_unknown_name_is_reported_once(named: Talk) -> None:
    await named.pool.execute("UPDATE hn_users SET unknown = TRUE")
    [said] = await told(named)
    assert "no user <b>ann</b>" in said.text
    assert await told(named) == []
    [how] = await named.say("/hn")
    assert "/hn name" in how.text


async def test_a_group_gets_messages_in_its_topic(talk: Talk) -> None:
    await talk.onboarded(GROUP, thread_id=5)
    await talk.pool.execute("INSERT INTO hn_names (chat_id, name) VALUES ($1, $2)", GROUP, NAME)
    await talk.pool.execute("UPDATE hn_names SET since = now() - interval '1 hour'")
    await talk.pool.execute("INSERT INTO hn_users (name) VALUES ($1)", NAME)
    await reply(talk.pool, 1)
    [said] = await told(talk)
    assert said.parameters["message_thread_id"] == 5


async def test_a_deleted_reader_gets_no_replies(named: Talk) -> None:
    await reply(named.pool, 1)
    await told(named)
    [question] = await named.say("/delete_me")
    await named.press(question, "Delete everything")
    for table in "hn_names", "told_replies":
        assert await named.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    await reply(named.pool, 2)
    assert await told(named) == []
