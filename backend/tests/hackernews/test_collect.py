"""A round of the collector against a simulated API and a real database."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from app.database.aging import HISTORY
from app.database.connection import Pool
from app.digests.candidates import DAILY_AGE, WEEKLY_AGE, load_candidates, load_story
from app.digests.make import Rounds, make_digests
from app.hackernews import discussion_store, store
from app.hackernews.api import HackerNewsApi
from app.hackernews.collect import Collector
from app.readers import due
from app.settings import Settings
from tests.digests.stories import add_reader
from tests.hackernews.conftest import HackerNewsServer

NOW = int(time.time())


@pytest.fixture
def collector(database: Pool, database_url: str, api: HackerNewsApi) -> Collector:
    settings = Settings(telegram_bot_token="1:x", database_url=database_url, stories_per_day=10)
    return Collector(database, settings, api=api)


async def story_row(database: Pool, story_id: int) -> dict[str, Any] | None:
    row = await database.fetchrow("SELECT * FROM stories WHERE id = $1", story_id)
    return dict(row) if row else None


async def make_older(database: Pool, by: timedelta) -> None:
    """Let time pass: everything stored happened that much earlier."""
    await database.execute(
        """
        UPDATE stories SET posted_at = posted_at - $1::interval,
            first_seen_at = first_seen_at - $1::interval,
            risen_at = risen_at - $1::interval,
            front_page_at = front_page_at - $1::interval,
            refreshed_at = refreshed_at - $1::interval,
            discussion_fetched_at = discussion_fetched_at - $1::interval
        """,
        by,
    )


async def test_stores_stories_of_all_lists(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="Front", url="https://a.example/", score=9, by="ann", time=NOW)
    hacker_news.add(id=2, title="Ask HN: Why?", text="Because", time=NOW)
    hacker_news.add(id=3, title="Show HN: It", url="https://b.example/", time=NOW)
    hacker_news.lists = {"topstories": [3, 1], "askstories": [2], "showstories": [3]}

    assert await collector.step() == 3

    front = await story_row(database, 1)
    assert front is not None
    assert (front["points"], front["author"], front["front_page_rank"]) == (9, "ann", 2)
    assert front["article_state"] == "pending"
    ask = await story_row(database, 2)
    assert ask is not None
    assert (ask["kind"], ask["article_state"], ask["text"]) == ("ask", "none", "Because")


async def test_points_grow_for_two_days(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(id=1, title="T", url="https://a.example/", score=40, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    hacker_news.lists = {}

    item["score"] = 50
    await make_older(database, timedelta(hours=47))
    await collector.step()
    assert (await story_row(database, 1) or {})["points"] == 50

    item["score"] = 60
    await make_older(database, timedelta(hours=2))
    await collector.step()
    assert (await story_row(database, 1) or {})["points"] == 50


async def test_a_fresh_story_is_not_asked_for_again_at_once(
    collector: Collector, hacker_news: HackerNewsServer
) -> None:
    hacker_news.add(id=1, title="T", url="https://a.example/", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    await collector.step()
    assert hacker_news.requests["item/1"] == 1


async def test_a_late_riser_is_collected_and_has_its_day(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=900, title="New", url="https://a.example/", score=5, time=NOW)
    hacker_news.lists = {"topstories": [900]}
    await collector.step()

    week_old = NOW - 7 * 86400
    hacker_news.add(id=3, title="Late", url="https://b.example/", score=99, time=week_old)
    hacker_news.lists = {"topstories": [900, 3]}
    await collector.step()

    assert await store.best_of_the_day(database, 10) == [3, 900]


async def test_a_story_that_rises_on_its_second_day_is_among_the_best(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    for number, score in enumerate((5, 50, 60), start=1):
        hacker_news.add(id=number, title=f"Subject {number}", score=score, time=NOW)
    hacker_news.lists = {"topstories": [1, 2, 3]}
    await collector.step()
    await database.execute(
        "UPDATE stories SET first_seen_at = now() - interval '30 hours' WHERE id <> 2"
    )
    assert await store.best_of_the_day(database, 10) == [3, 2]
    await database.execute("UPDATE stories SET points = 500 WHERE id = 1")
    assert await store.best_of_the_day(database, 10) == [1, 3, 2]


async def duplicates(database: Pool) -> dict[int, int | None]:
    rows = await database.fetch("SELECT id, duplicate_of FROM stories ORDER BY id")
    return {row["id"]: row["duplicate_of"] for row in rows}


async def lives(database: Pool) -> list[int]:
    """The stories that a daily digest could choose, had all been summarised."""
    await database.execute(
        """
        INSERT INTO summaries (story_id, style, state, sentences)
        SELECT id, 'basic', 'ready', '' FROM stories ON CONFLICT DO NOTHING
        """
    )
    async with database.acquire() as connection:
        now = datetime.now(UTC)
        daily = await load_candidates(connection, now, DAILY_AGE)
        weekly = await load_candidates(connection, now, WEEKLY_AGE)
    assert {one.id for one in daily} <= {one.id for one in weekly}
    return [one.id for one in daily]


async def daily_digest(database: Pool) -> list[int]:
    """The one story of the digest of a reader who asks for one."""
    now = datetime.now(UTC)
    await add_reader(database, 1, digest_time=now.time(), story_count=1)
    async with database.acquire() as connection, connection.transaction():
        claimed = await due.claim(connection, "daily", now + timedelta(minutes=1), 1)
        stories = await Rounds().present(connection, "daily", now)
        await make_digests(connection, "daily", claimed, stories, now)
    rows = await database.fetch("SELECT story_id FROM digest_stories WHERE chat_id = 1")
    return [row["story_id"] for row in rows]


async def test_a_second_chance_renews_a_storys_days(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(id=1, title="T", url="https://a.example/", score=3, time=NOW)
    fillers = [
        hacker_news.add(id=n, title=f"F{n}", url=f"https://a.example/{n}", score=9, time=NOW)["id"]
        for n in range(2, 40)
    ]
    hacker_news.lists = {"topstories": [*fillers, 1]}
    await collector.step()
    hacker_news.lists = {"topstories": fillers}
    await make_older(database, timedelta(hours=60))
    await collector.step()
    assert 1 not in await store.best_of_the_day(database, 100)
    assert 1 not in await lives(database)

    item["score"] = 400
    hacker_news.lists = {"topstories": [1, *fillers]}
    await collector.step()
    assert (await store.best_of_the_day(database, 100))[0] == 1
    assert (await lives(database))[0] == 1
    assert await daily_digest(database) == [1]
    # Its days are as long as any story's, also where it is on no list any more.
    hacker_news.lists = {"topstories": []}
    await make_older(database, timedelta(hours=47))
    item["score"] = 410
    await collector.step()
    assert (await lives(database))[0] == 1
    await make_older(database, timedelta(hours=2))
    await collector.step()
    assert 1 not in await lives(database)


@pytest.mark.parametrize(
    ("before", "after", "rank", "rises"),
    [
        (3, 12, 200, False),
        (3, 22, 200, True),
        (100, 190, 200, False),
        (100, 200, 200, True),
        (100, 104, 12, True),
        (100, 104, 31, False),
    ],
)
async def test_what_is_a_rise(
    collector: Collector,
    hacker_news: HackerNewsServer,
    database: Pool,
    before: int,
    after: int,
    rank: int,
    rises: bool,
) -> None:
    item = hacker_news.add(id=1, title="T", url="https://a.example/", score=before, time=NOW)
    hacker_news.lists = {"beststories": [1]}
    await collector.step()
    await make_older(database, timedelta(hours=50))
    item["score"] = after
    hacker_news.lists = {"topstories": [*range(1000, 1000 + rank - 1), 1]}
    await collector.step()
    assert (await lives(database) == [1]) == rises


async def test_staying_on_the_front_page_is_not_a_rise(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="T", url="https://a.example/", score=100, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    for _ in range(5):
        await make_older(database, timedelta(hours=10))
        await collector.step()
    assert await lives(database) == []


async def test_a_revived_story_has_its_days_again(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(id=1, title="T", url="https://a.example/", score=50, time=NOW)
    hacker_news.lists = {"beststories": [1]}
    await collector.step()
    item["dead"] = True
    await make_older(database, timedelta(hours=1))
    await collector.step()
    assert await lives(database) == []
    await make_older(database, timedelta(hours=60))
    del item["dead"]
    await collector.step()
    assert await lives(database) == [1]


async def test_nothing_rises_when_digests_may_be_forgotten(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(id=1, title="T", url="https://a.example/", score=50, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    await make_older(database, store.LAST_RISE)
    item["score"] = 900
    await collector.step()
    assert await lives(database) == []
    assert store.LAST_RISE + WEEKLY_AGE < HISTORY


async def test_submissions_of_one_page_collapse_to_the_most_discussed(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(
        id=1, title="A", url="http://www.a.example/x/?utm_source=hn", score=90, time=NOW
    )
    two = hacker_news.add(id=2, title="B", url="https://a.example/x", descendants=3, time=NOW)
    hacker_news.add(id=3, title="C", url="https://m.a.example/x#top", time=NOW)
    hacker_news.add(id=4, title="Other", url="https://a.example/y", time=NOW)
    hacker_news.lists = {"topstories": [1, 2, 3, 4]}
    await collector.step()

    assert await duplicates(database) == {1: 2, 2: None, 3: 2, 4: None}
    assert set(await store.best_of_the_day(database, 10)) == {2, 4}

    # Whoever has seen one of them has seen the page, whatever one of them links to now.
    two["url"] = "https://elsewhere.example/"
    await make_older(database, timedelta(minutes=11))
    await collector.step()
    assert await duplicates(database) == {1: 2, 2: None, 3: 2, 4: None}


async def test_a_dupe_pointer_in_a_comment_collapses_two_stories(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="Bees count", url="https://a.example/", descendants=40, time=NOW)
    hacker_news.add(
        id=2, title="Bees can count", url="https://b.example/", descendants=1, kids=[9], time=NOW
    )
    link = "https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=1"
    text = f'[dupe] <a href="{link}" rel="nofollow">{link}</a>'
    hacker_news.add(id=9, type="comment", parent=2, by="x", text=text, time=NOW)
    hacker_news.lists = {"topstories": [1, 2]}
    await collector.step()
    assert (await story_row(database, 2) or {})["duplicate_of"] == 1
    assert (await story_row(database, 1) or {})["duplicate_of"] is None
    assert await store.best_of_the_day(database, 10) == [1]
    await database.execute(
        "UPDATE stories SET first_seen_at = now() - interval '49 hours' WHERE id = 1"
    )
    assert await store.best_of_the_day(database, 10) == [2]


async def test_a_pointer_holds_when_its_comment_is_gone(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="Bees count", url="https://a.example/", descendants=40, time=NOW)
    two = hacker_news.add(
        id=2, title="Bees can count", url="https://b.example/", descendants=1, kids=[9], time=NOW
    )
    text = "Discussed yesterday: https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=1"
    hacker_news.add(id=9, type="comment", parent=2, by="x", text=text, time=NOW)
    hacker_news.lists = {"topstories": [1, 2]}
    await collector.step()
    assert await duplicates(database) == {1: None, 2: 1}
    two |= {"kids": [10]}
    hacker_news.add(id=10, type="comment", parent=2, by="y", text="Bees!", time=NOW)
    assert await stored_after(collector, database, 400, story_id=2) == 1
    assert await duplicates(database) == {1: None, 2: 1}


@pytest.mark.parametrize("target_is_known", [True, False])
async def test_a_moved_thread_is_represented_by_its_target(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool, target_is_known: bool
) -> None:
    """Without a word of anybody: the comments are elsewhere."""
    comments = list(range(10, 16))
    one = hacker_news.add(
        id=1, title="A", url="https://a.example/", score=300, descendants=6, kids=comments, time=NOW
    )
    two = hacker_news.add(id=2, title="B", url="https://b.example/", score=9, time=NOW)
    for comment_id in comments:
        hacker_news.add(id=comment_id, type="comment", parent=1, by="x", text="Yes.", time=NOW)
    hacker_news.lists = {"topstories": [1, 2] if target_is_known else [1]}
    assert await stored_after(collector, database, 0) == 6

    for comment_id in comments:
        hacker_news.items[comment_id]["parent"] = 2
    one |= {"descendants": 0, "kids": []}
    two |= {"descendants": 6, "kids": comments}
    await stored_after(collector, database, 40)
    assert (await story_row(database, 1) or {})["comment_count"] == 0
    assert await duplicates(database) == {1: 2, 2: None}
    # The discussion followed: that of either is the one.
    hacker_news.lists = {"topstories": [2]}
    await stored_after(collector, database, 40)
    for story_id in 1, 2:
        assert len(await discussion_store.comments_of(database, story_id)) == 6
    await lives(database)
    async with database.acquire() as connection:
        card = await load_story(connection, 1)
    assert card
    assert (card.discussion_id, card.comment_count) == (2, 6)


async def test_comments_that_appear_elsewhere_were_moved(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    """Also where the story that lost them is asked for no more."""
    hacker_news.add(
        id=1, title="A", url="https://a.example/", descendants=2, kids=[10, 11], time=NOW
    )
    for comment_id in 10, 11:
        hacker_news.add(id=comment_id, type="comment", parent=1, by="x", text="Yes.", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    assert await stored_after(collector, database, 0) == 2
    hacker_news.items[1]["dead"] = True
    for comment_id in 10, 11:
        hacker_news.items[comment_id]["parent"] = 2
    hacker_news.add(
        id=2, title="B", url="https://b.example/", descendants=2, kids=[10, 11], time=NOW
    )
    hacker_news.lists = {"topstories": [2]}
    await stored_after(collector, database, 40)
    assert await duplicates(database) == {1: 2, 2: None}


async def test_one_thread_that_is_detached_moves_no_discussion(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    one = hacker_news.add(
        id=1, title="A", url="https://a.example/", descendants=3, kids=[10, 11, 12], time=NOW
    )
    hacker_news.add(id=2, title="B", url="https://b.example/", descendants=1, kids=[10], time=NOW)
    for comment_id in 10, 11, 12:
        hacker_news.add(id=comment_id, type="comment", parent=1, by="x", text="Yes.", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    assert await stored_after(collector, database, 0) == 3
    one |= {"descendants": 2, "kids": [11, 12]}
    hacker_news.items[10]["parent"] = 2
    hacker_news.lists = {"topstories": [1, 2]}
    assert await stored_after(collector, database, 400) == 2
    assert await duplicates(database) == {1: None, 2: None}


async def test_a_thread_whose_comments_were_deleted_was_not_moved(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    one = hacker_news.add(
        id=1, title="A", url="https://a.example/", descendants=2, kids=[10, 11], time=NOW
    )
    for comment_id in 10, 11:
        hacker_news.add(id=comment_id, type="comment", parent=1, by="x", text="Yes.", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    assert await stored_after(collector, database, 0) == 2
    for comment_id in 10, 11:
        hacker_news.items[comment_id] |= {"deleted": True}
    one |= {"descendants": 0, "kids": []}
    assert await stored_after(collector, database, 400) == 0
    assert await duplicates(database) == {1: None}


async def test_another_outage_on_a_status_page_is_another_story(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    week = 7 * 86400
    for number, at in ((1, NOW - week), (2, NOW - week + 3600), (3, NOW)):
        hacker_news.add(
            id=number, title="A is down", url="https://status.a.example/", time=at, descendants=1
        )
    hacker_news.lists = {"topstories": [1, 2, 3]}
    await collector.step()
    assert await duplicates(database) == {1: None, 2: 1, 3: None}


async def test_a_page_that_was_seen_long_ago_is_known_again(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="A", url="https://a.example/x", descendants=90, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    await make_older(database, timedelta(days=200))
    hacker_news.add(id=2, title="A again", url="https://a.example/x?gift=1", time=NOW)
    hacker_news.add(id=3, title="B", url="https://b.example/x", time=NOW)
    hacker_news.lists = {"topstories": [2, 3]}
    await collector.step()
    assert await duplicates(database) == {1: None, 2: 1, 3: None}
    assert set(await store.best_of_the_day(database, 10)) == {2, 3}
    await lives(database)
    async with database.acquire() as connection:
        [again] = [
            one
            for one in await load_candidates(connection, datetime.now(UTC), DAILY_AGE)
            if one.id == 2
        ]
    # Seen then, and discussed anew.
    assert (again.duplicates, again.discussion_id) == ((1,), 2)


async def test_one_commenter_cannot_hide_a_story_behind_another(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="Bees count", url="https://a.example/", descendants=40, time=NOW)
    hacker_news.add(
        id=2, title="Wood floats", url="https://b.example/", descendants=2, kids=[8], time=NOW
    )
    text = "[dupe] https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=1"
    hacker_news.add(id=8, type="comment", parent=2, by="x", text=text, time=NOW)
    hacker_news.lists = {"topstories": [1, 2]}
    await collector.step()
    assert (await story_row(database, 2) or {})["duplicate_of"] is None
    assert set(await store.best_of_the_day(database, 10)) == {1, 2}


async def test_discussions_of_the_best_are_stored_in_the_order_of_the_page(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(
        id=1, title="A", url="https://a.example/", descendants=4, kids=[20, 10], time=NOW
    )
    hacker_news.add(id=10, type="comment", parent=1, by="x", text="last", time=NOW)
    hacker_news.add(id=20, type="comment", parent=1, by="y", text="first", kids=[40, 30], time=NOW)
    hacker_news.add(id=30, type="comment", parent=20, text="third", time=NOW)
    hacker_news.add(id=40, type="comment", parent=20, deleted=True, kids=[50], time=NOW)
    hacker_news.add(id=50, type="comment", parent=40, text="second", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()

    comments = await discussion_store.comments_of(database, 1)
    assert [placed.comment.text for placed in comments] == ["first", "second", "third", "last"]
    assert [placed.position for placed in comments] == [0, 1, 2, 3]
    assert [placed.depth for placed in comments] == [0, 2, 1, 0]


async def stored_after(
    collector: Collector, database: Pool, minutes: int, *, story_id: int = 1
) -> int:
    """How many comments of a story are stored when it is collected so much later."""
    await make_older(database, timedelta(minutes=minutes))
    await collector.step()
    return int(
        await database.fetchval("SELECT count(*) FROM comments WHERE story_id = $1", story_id)
    )


async def test_a_discussion_that_doubles_is_read_again_soon_and_any_other_later(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(
        id=1, title="A", url="https://a.example/", descendants=1, kids=[10], time=NOW
    )
    for comment_id in range(10, 14):
        hacker_news.add(id=comment_id, type="comment", parent=1, text="x", time=NOW)
    hacker_news.lists = {"topstories": [1]}

    assert await stored_after(collector, database, 0) == 1
    item |= {"descendants": 3, "kids": [10, 11, 12]}
    assert await stored_after(collector, database, 15) == 1
    assert await stored_after(collector, database, 20) == 3
    item |= {"descendants": 4, "kids": [10, 11, 12, 13]}
    assert await stored_after(collector, database, 40) == 3
    assert await stored_after(collector, database, 330) == 4


async def test_an_unavailable_discussion_stays_unchanged(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="A", url="https://a.example/", descendants=1, kids=[10], time=NOW)
    comment = hacker_news.add(id=10, type="comment", parent=1, text="x", time=NOW)
    hacker_news.lists = {"topstories": [1]}

    assert await stored_after(collector, database, 0) == 1
    del hacker_news.items[10]
    assert await stored_after(collector, database, 400) == 1
    hacker_news.items[10] = comment | {"deleted": True}
    assert await stored_after(collector, database, 400) == 0


async def test_two_collectors_share_the_work(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    for number in range(1, 120):
        hacker_news.add(id=number, title="T", url=f"https://a.example/{number // 2}", time=NOW)
    ids = list(range(1, 120))
    hacker_news.lists = {"topstories": ids, "beststories": ids[::-1]}
    await asyncio.gather(collector.step(), collector.step())
    await make_older(database, timedelta(hours=1))
    before = hacker_news.requests.total()
    await asyncio.gather(collector.step(), collector.step())
    assert await database.fetchval("SELECT count(*) FROM stories") == len(ids)
    assert hacker_news.requests.total() - before == len(ids) + 2 * 4  # each story once, lists twice


async def test_a_broken_item_does_not_affect_others(
    collector: Collector,
    hacker_news: HackerNewsServer,
    database: Pool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.hackernews.api.PUT_OFF_SECONDS", 0.0)
    hacker_news.add(id=1, title="A", url="https://a.example/", time=NOW)
    hacker_news.add(id=2, title="B", url="https://b.example/", time=NOW)
    hacker_news.failures["item/1"] = lambda: web.Response(status=500)
    hacker_news.lists = {"topstories": [1, 2, 77, "x", None, -4]}
    await collector.step()
    assert await story_row(database, 1) is None
    assert await story_row(database, 2) is not None

    hacker_news.failures.clear()
    await collector.step()
    assert await story_row(database, 1) is not None


async def test_an_outage_keeps_what_is_known(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="A", url="https://a.example/", score=7, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    await make_older(database, timedelta(hours=1))
    for path in ("item/1", *(f"{name}stories" for name in ("top", "best", "ask", "show"))):
        hacker_news.failures[path] = lambda: web.Response(status=503)
    assert await collector.step() == 0
    assert (await story_row(database, 1) or {})["points"] == 7


async def test_a_dead_story_keeps_its_title_and_leaves_the_best(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    hacker_news.add(id=1, title="A", url="https://a.example/", score=7, time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    hacker_news.items[1] = {"id": 1, "type": "story", "dead": True, "time": NOW}
    await make_older(database, timedelta(hours=1))
    await collector.step()
    row = await story_row(database, 1) or {}
    assert (row["title"], row["points"], row["url"]) == ("A", 7, "https://a.example/")
    assert row["dead"]
    assert await store.best_of_the_day(database, 10) == []


async def test_a_replaced_link_is_read_anew(
    collector: Collector, hacker_news: HackerNewsServer, database: Pool
) -> None:
    item = hacker_news.add(id=1, title="A", url="https://tweet.example/", time=NOW)
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    await database.execute(
        """
        UPDATE stories SET article_state = 'unreadable', article_attempts = 3, article_words = 9,
            article_reason = 'social_post', article_claimed_until = now() + interval '1 minute'
        """
    )
    item["url"] = "https://source.example/"
    await make_older(database, timedelta(hours=1))
    await collector.step()
    row = await story_row(database, 1) or {}
    assert (row["article_state"], row["article_attempts"]) == ("pending", 0)
    of_the_other = (row[f"article_{name}"] for name in ("reason", "words", "claimed_until"))
    assert tuple(of_the_other) == (None, None, None)


async def test_old_followed_stories_are_refreshed(
    database: Pool, database_url: str, api: HackerNewsApi, hacker_news: HackerNewsServer
) -> None:
    async def followed() -> list[int]:
        return [1]

    settings = Settings(telegram_bot_token="1:x", database_url=database_url, stories_per_day=10)
    collector = Collector(database, settings, api=api, followed=followed)
    item = hacker_news.add(id=1, title="T", url="https://a.example/", time=NOW, descendants=1)
    hacker_news.add(id=2, type="comment", parent=1, text="First", by="a", time=NOW)
    item["kids"] = [2]
    hacker_news.lists = {"topstories": [1]}
    await collector.step()
    hacker_news.lists = {}
    await make_older(database, timedelta(days=5))
    hacker_news.add(id=3, type="comment", parent=1, text="Second", by="b", time=NOW)
    item |= {"kids": [2, 3], "descendants": 40}
    await collector.step()
    assert (await story_row(database, 1) or {})["comment_count"] == 40
    assert await database.fetchval("SELECT count(*) FROM comments WHERE story_id = 1") == 2
