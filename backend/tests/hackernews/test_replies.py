"""Replies to users of Hacker News are found once, with few requests."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from app.cache import Cache
from app.database.connection import Pool
from app.hackernews.api import HackerNewsApi
from app.hackernews.replies import MAX_NEW_REPLIES, MAX_SUBMISSIONS, MAX_USERS, ReplyCollector
from tests.digests.stories import add_reader
from tests.hackernews.conftest import HackerNewsServer

NOW = int(time.time())
NAME = "ann"


class Watched:
    """A user whom a reader has named, and what they have posted."""

    def __init__(self, pool: Pool, server: HackerNewsServer, api: HackerNewsApi) -> None:
        self.pool = pool
        self.server = server
        self.api = api
        self.collector = ReplyCollector(pool, server.url, Cache(None), api)

    def post(
        self, item_id: int, *, by: str = NAME, parent: int | None = None, age: int = 60
    ) -> None:
        """A story, or a comment below `parent`."""
        item = {"id": item_id, "by": by, "time": NOW - age, "kids": []}
        if parent is None:
            self.server.add(**item, title=f"Story {item_id}", url="https://a.example/")
        else:
            self.server.add(**item, type="comment", parent=parent, text=f"Says {item_id}")
            self.server.items[parent]["kids"].append(item_id)
        posted = self.server.users.setdefault(by, {"id": by, "submitted": []})
        posted["submitted"].insert(0, item_id)

    async def round(self) -> dict[int, str | None]:
        """One round in which everybody is due: the replies known by then, and their texts."""
        await self.pool.execute("UPDATE hn_users SET due_at = now(), claimed_until = NULL")
        await self.collector.step()
        rows = await self.pool.fetch("SELECT comment_id, text FROM hn_replies")
        return {row["comment_id"]: row["text"] for row in rows}


@pytest.fixture
async def watched(
    database: Pool, hacker_news: HackerNewsServer, api: HackerNewsApi
) -> AsyncIterator[Watched]:
    await add_reader(database, 1)
    await database.execute("INSERT INTO hn_names (chat_id, name) VALUES (1, $1)", NAME)
    yield Watched(database, hacker_news, api)


async def test_new_replies_are_found(watched: Watched) -> None:
    watched.post(10)
    watched.post(11, by="bob", parent=10)
    assert await watched.round() == {}
    watched.post(12, by="bob", parent=10)
    watched.post(13, parent=12)
    watched.post(14, by="cat", parent=13)
    watched.post(15, by="cat", parent=11)  # not an answer to her
    assert await watched.round() == {12: "Says 12", 14: "Says 14"}
    about = await watched.pool.fetch("SELECT about FROM hn_replies ORDER BY comment_id")
    assert [row["about"] for row in about] == ["Story 10", "Says 13"]


async def test_replies_between_the_naming_and_the_first_check_are_found(watched: Watched) -> None:
    await watched.pool.execute("UPDATE hn_names SET since = to_timestamp($1)", NOW - 30)
    watched.post(10, age=900)
    watched.post(11, by="bob", parent=10, age=60)
    watched.post(12, by="bob", parent=10, age=30)
    watched.post(13, by="cat", parent=10, age=0)
    hidden, watched.server.items[12] = watched.server.items[12], None
    assert await watched.round() == {13: "Says 13"}
    watched.server.items[12] = hidden
    assert await watched.round() == {12: "Says 12", 13: "Says 13"}
    watched.post(14, by="cat", parent=10)
    assert set(await watched.round()) == {12, 13, 14}


async def test_a_first_check_that_finds_only_new_replies_tells_no_older_ones(
    watched: Watched,
) -> None:
    await watched.pool.execute("UPDATE hn_names SET since = to_timestamp($1)", NOW - 30)
    watched.post(10, age=0)
    for number in range(11, 20 + MAX_NEW_REPLIES):
        watched.post(number, by="bob", parent=10, age=0)
    first = await watched.round()
    assert len(first) == MAX_NEW_REPLIES
    assert await watched.round() == first


async def seconds_until_due(watched: Watched) -> float:
    """How long the one user rests, who is not claimed."""
    rest: float = await watched.pool.fetchval(
        """
        SELECT extract(epoch FROM greatest(due_at, claimed_until) - now())::float FROM hn_users
        WHERE name = $1
        """,
        NAME,
    )
    return rest


@pytest.mark.parametrize("path", [f"user/{NAME}", "item/10", "item/11"])
async def test_a_request_without_an_answer_is_made_again_soon(watched: Watched, path: str) -> None:
    watched.post(10)
    await watched.round()
    watched.post(11, by="bob", parent=10)
    watched.server.failures[path] = lambda: web.Response(status=503)
    assert await watched.round() == {}
    assert await seconds_until_due(watched) < 130
    watched.server.failures.clear()
    watched.api._put_off.clear()
    assert await watched.round() == {11: "Says 11"}
    assert await seconds_until_due(watched) > 590


async def test_an_outage_at_the_first_check_loses_no_reply(watched: Watched) -> None:
    await watched.pool.execute("UPDATE hn_names SET since = to_timestamp($1)", NOW - 30)
    watched.post(10)
    watched.server.failures[f"user/{NAME}"] = lambda: web.Response(status=503)
    await watched.round()
    watched.post(11, by="bob", parent=10, age=0)
    watched.server.failures.clear()
    assert await watched.round() == {11: "Says 11"}


async def test_in_an_outage_nobody_waits_for_the_end_of_a_lease(watched: Watched) -> None:
    for chat_id in range(2, MAX_USERS):
        await add_reader(watched.pool, chat_id)
        await watched.pool.execute(
            "INSERT INTO hn_names (chat_id, name) VALUES ($1, $2)", chat_id, f"user{chat_id}"
        )
    names = [NAME, *(f"user{chat_id}" for chat_id in range(2, MAX_USERS))]
    for path in ["topstories", *(f"user/{name}" for name in names)]:
        watched.server.failures[path] = lambda: web.Response(status=503)
    await watched.collector.step()
    late = await watched.pool.fetchval(
        """
        SELECT count(*) FROM hn_users WHERE due_at > now() + interval '130 s'
          OR claimed_until > now()
        """
    )
    assert late == 0


async def test_submissions_of_other_kinds_are_no_failure(watched: Watched) -> None:
    watched.post(10)
    watched.server.items[9] = {"id": 9, "type": "pollopt", "by": NAME, "time": NOW}
    watched.server.users[NAME]["submitted"] += [9, 8]
    await watched.round()
    assert await seconds_until_due(watched) > 590


async def test_own_deleted_and_dead_replies_are_not_sent(watched: Watched) -> None:
    watched.post(10)
    await watched.round()
    for number, change in enumerate(({"deleted": True}, {"dead": True}, {"text": None}), 11):
        watched.post(number, by="bob", parent=10)
        watched.server.items[number] |= change
    watched.post(20, parent=10)
    assert await watched.round() == {11: None, 12: None, 13: None, 20: None}


async def test_items_that_are_not_available_yet_are_found_later(watched: Watched) -> None:
    watched.post(10)
    await watched.round()
    watched.post(11, by="bob", parent=10)
    watched.post(12, by="bob", parent=10)
    hidden = watched.server.items[11]
    watched.server.items[11] = None
    assert await watched.round() == {12: "Says 12"}
    watched.server.items[11] = hidden
    assert await watched.round() == {11: "Says 11", 12: "Says 12"}


async def test_a_user_with_many_submissions_costs_as_much_as_one_with_few(
    watched: Watched,
) -> None:
    for number in range(1000, 1000 + MAX_SUBMISSIONS):
        watched.post(number)
    submitted = watched.server.users[NAME]["submitted"]
    await watched.round()
    few = sum(watched.server.requests.values())
    watched.server.users[NAME]["submitted"] = submitted + list(range(100_000, 1, -1))
    watched.server.requests.clear()
    await watched.round()
    assert sum(watched.server.requests.values()) == few == 1 + MAX_SUBMISSIONS


async def test_many_replies_are_found_a_bounded_number_at_a_time(watched: Watched) -> None:
    watched.post(10)
    await watched.round()
    for number in range(11, 11 + MAX_NEW_REPLIES + 5):
        watched.post(number, by="bob", parent=10)
    watched.server.requests.clear()
    assert len(await watched.round()) == MAX_NEW_REPLIES
    assert sum(watched.server.requests.values()) == 2 + MAX_NEW_REPLIES
    assert len(await watched.round()) == MAX_NEW_REPLIES + 5


async def test_old_posts_are_not_requested_again(watched: Watched) -> None:
    watched.post(10, age=20 * 86400)
    watched.post(11)
    await watched.round()
    watched.server.requests.clear()
    await watched.round()
    assert watched.server.requests == {f"user/{NAME}": 1, "item/11": 1}


async def test_a_bounded_number_of_users_is_looked_at_in_a_round(watched: Watched) -> None:
    for chat_id in range(2, MAX_USERS + 5):
        await add_reader(watched.pool, chat_id)
        await watched.pool.execute(
            "INSERT INTO hn_names (chat_id, name) VALUES ($1, $2)", chat_id, f"user{chat_id}"
        )
        watched.post(chat_id * 1000, by=f"user{chat_id}")
    watched.post(10)
    await watched.collector.step()
    asked = [path for path in watched.server.requests if path.startswith("user/")]
    assert len(asked) == MAX_USERS
    await watched.collector.step()
    asked = [path for path in watched.server.requests if path.startswith("user/")]
    assert len(asked) == MAX_USERS + 4
    await watched.collector.step()
    assert all(watched.server.requests[path] == 1 for path in asked), "they rest"


async def test_a_user_whom_no_reader_names_is_deleted(watched: Watched) -> None:
    watched.post(10)
    await watched.round()
    watched.post(11, by="bob", parent=10)
    assert await watched.round() == {11: "Says 11"}
    await watched.pool.execute("DELETE FROM hn_names")
    assert await watched.round() == {}
    assert await watched.pool.fetchval("SELECT count(*) FROM hn_users") == 0


async def test_an_unknown_user_is_noted_and_an_outage_is_not(watched: Watched) -> None:
    watched.server.failures[f"user/{NAME}"] = lambda: web.Response(status=503)
    await watched.round()
    assert not await watched.pool.fetchval("SELECT unknown FROM hn_users")
    watched.server.failures[f"user/{NAME}"] = lambda: web.Response(status=401)
    await watched.round()
    assert not await watched.pool.fetchval("SELECT unknown FROM hn_users")
    watched.server.failures.clear()
    await watched.round()
    assert await watched.pool.fetchval("SELECT unknown FROM hn_users")


@pytest.mark.parametrize(
    "answer",
    [[], 7, "ann", {}, {"id": "ann"}, {"id": "ann", "submitted": {"0": 5}}, {"id": 3}],
)
async def test_malformed_responses_yield_no_replies(watched: Watched, answer: object) -> None:
    watched.server.users[NAME] = answer
    assert await watched.round() == {}
