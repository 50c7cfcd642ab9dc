"""News of followed stories is reported once, only to followers, and within limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database.connection import Pool
from app.digests.follow_news import Followed, follow_ups
from app.readers import follows, tastes
from app.readers.follows import FOLLOWED_FOR, MAX_FOLLOWED, FollowedStories, Following
from app.telegram.follow_worker import FollowWorker
from app.telegram.send import transitions
from tests.digests.stories import add_reader, add_stories, candidate

READER, OTHER = 1, 2


@pytest.fixture
async def story(database: Pool) -> int:
    """A story with 40 comments that READER follows."""
    one = candidate("Cheese factory burns in Wisconsin", comment_count=40, sentences="It burns.")
    await add_stories(database, one)
    await add_reader(database, READER, alerts_per_day=2)
    await add_reader(database, OTHER)
    async with database.acquire() as connection:
        await follows.follow(connection, READER, one.id, 40)
    return one.id


async def told(pool: Pool) -> list[tuple[int, str]]:
    """Chat and HTML of what one step says."""
    last = await pool.fetchval("SELECT coalesce(max(id), 0) FROM outbox")
    await FollowWorker(pool, lambda: None).step()
    rows = await pool.fetch("SELECT * FROM outbox WHERE id > $1 ORDER BY id", last)
    assert all(row["digest_id"] and row["expires_at"] for row in rows)
    return [(row["chat_id"], row["parameters"]["text"]) for row in rows]


async def comments(pool: Pool, story_id: int, number: int) -> None:
    await pool.execute("UPDATE stories SET comment_count = $2 WHERE id = $1", story_id, number)


async def new_story(pool: Pool, title: str, **changes: object) -> int:
    one = candidate(title, **changes)
    await add_stories(pool, one)
    await pool.execute("UPDATE stories SET first_seen_at = now() WHERE id = $1", one.id)
    return one.id


async def test_a_doubled_discussion_is_sent_once_and_only_to_followers(
    database: Pool, story: int
) -> None:
    await comments(database, story, 79)
    assert await told(database) == []
    await comments(database, story, 80)
    [(chat_id, html)] = await told(database)
    assert chat_id == READER
    assert "from 40 to 80 comments" in html and "Cheese factory" in html
    for number in 80, 160, 400:
        await comments(database, story, number)
        assert await told(database) == []


async def test_a_small_discussion_has_to_grow_by_some_comments(database: Pool) -> None:
    one = await new_story(database, "Quiet cheese")
    await add_reader(database, READER)
    async with database.acquire() as connection:
        await follows.follow(connection, READER, one, 0)
    await comments(database, one, 9)
    assert await told(database) == []
    await comments(database, one, 10)
    assert len(await told(database)) == 1


async def test_undelivered_news_is_sent_again(database: Pool, story: int) -> None:
    await comments(database, story, 90)
    assert len(await told(database)) == 1
    async with database.acquire() as connection:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM outbox")]
        await transitions.give_up(connection, ids, "failed", "refused")
    assert len(await told(database)) == 1
    assert await told(database) == []


async def test_following_again_starts_from_the_current_size(database: Pool, story: int) -> None:
    await comments(database, story, 90)
    assert len(await told(database)) == 1
    async with database.acquire() as connection:
        assert await follows.unfollow(connection, READER, story)
        assert not await follows.unfollow(connection, READER, story)
        assert await follows.follow(connection, READER, story, 90) is Following.BEGUN
        assert await follows.follow(connection, READER, story, 5) is Following.KNOWN
    assert await told(database) == []
    await comments(database, story, 180)
    [(_, html)] = await told(database)
    assert "from 90 to 180" in html


async def test_a_duplicate_is_told_once(database: Pool, story: int) -> None:
    copy = await new_story(database, "Somewhere something <burns>", points=7, comment_count=3)
    await database.execute("UPDATE stories SET duplicate_of = $2 WHERE id = $1", copy, story)
    [(_, html)] = await told(database)
    assert "submitted again" in html and "&lt;burns&gt;" in html and "7\u00a0points" in html
    assert await told(database) == []


async def test_the_original_that_a_followed_story_gets_is_told(database: Pool, story: int) -> None:
    original = await new_story(database, "The same in another place")
    await database.execute("UPDATE stories SET duplicate_of = $2 WHERE id = $1", story, original)
    [(_, html)] = await told(database)
    assert "submitted again" in html


async def test_existing_replies_are_not_news(database: Pool, story: int) -> None:
    old = candidate("Cheese factory in Wisconsin burns again")
    copy = candidate("Another")
    await add_stories(database, old, copy)
    await database.execute("UPDATE stories SET duplicate_of = $2 WHERE id = $1", copy.id, story)
    assert await told(database) == []


async def test_a_follow_up_is_told_once(database: Pool, story: int) -> None:
    # Among stories enough for words to be rare.
    for n in range(20):
        await new_story(database, f"Topic{n} of subject{n} with matter{n}")
    await new_story(database, "Wisconsin cheese factory fire was arson", sentences="Set on fire.")
    [(_, html)] = await told(database)
    assert "may be about the same" in html and "arson" in html and "Set on fire." in html
    assert await told(database) == []


@pytest.mark.parametrize(("kind", "value"), [("word", "arson"), ("site", "tabloid.example")])
async def test_a_muted_story_is_not_a_follow_up(
    database: Pool, story: int, kind: str, value: str
) -> None:
    for n in range(20):
        await new_story(database, f"Topic{n} of subject{n} with matter{n}")
    async with database.acquire() as connection:
        await tastes.mute(connection, READER, [(kind, value)])
    await new_story(
        database,
        "Wisconsin cheese factory fire was arson",
        url="https://tabloid.example/1",
        site="tabloid.example",
    )
    assert await told(database) == []


async def test_news_is_limited_to_the_daily_number_of_alerts(database: Pool, story: int) -> None:
    for n in range(5):
        copy = await new_story(database, f"Copy {n}")
        await database.execute("UPDATE stories SET duplicate_of = $2 WHERE id = $1", copy, story)
    assert len(await told(database)) == 2
    assert await told(database) == []
    await database.execute("UPDATE digests SET local_day = local_day - 1")
    assert len(await told(database)) == 2
    await database.execute("UPDATE digests SET local_day = local_day - 1")
    assert len(await told(database)) == 1


@pytest.mark.parametrize("state", ["paused_at", "unreachable_at", "refusing_since"])
async def test_paused_and_unreachable_readers_get_the_news_later(
    database: Pool, story: int, state: str
) -> None:
    await comments(database, story, 90)
    await database.execute(f"UPDATE readers SET {state} = now() WHERE chat_id = $1", READER)
    assert await told(database) == []
    await database.execute(f"UPDATE readers SET {state} = NULL WHERE chat_id = $1", READER)
    assert len(await told(database)) == 1


async def test_followed_stories_are_limited(database: Pool) -> None:
    await add_reader(database, READER)
    stories = [candidate(f"Story {n}") for n in range(MAX_FOLLOWED + 1)]
    await add_stories(database, *stories)
    async with database.acquire() as connection:
        begun = [await follows.follow(connection, READER, one.id, 1) for one in stories]
    assert begun == [Following.BEGUN] * MAX_FOLLOWED + [Following.TOO_MANY]


async def test_followed_stories_are_refreshed_for_two_weeks(database: Pool, story: int) -> None:
    assert await FollowedStories(database)() == [story]
    await database.execute("UPDATE followed_stories SET followed_at = now() - interval '15 days'")
    assert await FollowedStories(database)() == []
    async with database.acquire() as connection:
        assert await follows.forget_follows(connection, FOLLOWED_FOR, 10) == 0
        await database.execute(
            "UPDATE followed_stories SET followed_at = now() - $1::interval",
            FOLLOWED_FOR + timedelta(hours=1),
        )
        assert await follows.forget_follows(connection, FOLLOWED_FOR, 10) == 1


def test_a_page_is_not_a_follow_up_of_itself() -> None:
    stories = [candidate(f"Topic{n} of subject{n}") for n in range(20)]
    title = "Wisconsin cheese factory burns"
    same = candidate(title, duplicates=(77,))
    found = follow_ups([Followed(77, title, ()), Followed(same.id, title, ())], [same, *stories])
    assert found == {}
    other = candidate(title)
    assert follow_ups([Followed(77, title, ())], [other, *stories]) == {77: [other]}
    assert follow_ups([Followed(77, "", ())], []) == {}
