"""Searching, listing and counting stories that were seen or saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.database.connection import Connection, Pool
from app.digests import history
from app.readers import opinions
from tests.digests.stories import add_reader, add_stories, candidate


async def test_only_the_readers_own_stories_are_found(database: Pool) -> None:
    seen = candidate("Databases of the Romans")
    summary = candidate("A story", sentences="It is about a database.")
    saved, unseen = candidate("Saved: databases"), candidate("Unseen databases")
    await add_stories(database, seen, summary, saved, unseen)
    for chat_id in 1, 2:
        await add_reader(database, chat_id)
    reader = await add_reader(database, 1)
    await _bring(database, 1, [seen.id, summary.id])
    await _bring(database, 2, [unseen.id])
    async with database.acquire() as connection:
        await opinions.toggle_saved(connection, reader, saved.id)
        found = await history.search_seen(connection, 1, "database", limit=10)
        assert {story.id for story in found} == {seen.id, summary.id, saved.id}
        assert found[-1].id == summary.id
        [one] = await history.search_seen(connection, 1, "Roma", limit=10)
        assert one.title == "Databases of the Romans"
        page = await history.search_seen(connection, 1, "databases", limit=1, offset=1)
        assert [story.id for story in page] == [found[1].id]
        for hostile in ("", "%", "'; DROP TABLE stories; --", '"', "a\0b", "& | !"):
            await history.search_seen(connection, 1, hostile, limit=10)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cheese", {"cheese", "cheese and bread"}),
        ("bread cheese", {"cheese and bread"}),  # one is in the title, one in the summary
        ("cheese -bread", {"cheese"}),
        ("-cheese", {"bread", "hyphens"}),
        ("bread or cheese", {"cheese", "bread", "cheese and bread"}),
        ("olives or -cheese", {"bread", "hyphens"}),
        ('"fresh bread"', {"bread"}),
        ("the", set()),
        ("eads", {"bread"}),  # no word, but a part of the title
        ("bakers", {"bread"}),  # a topic
        ("bread.example", {"bread"}),  # a site
        ("well-known", {"hyphens"}),
        ("o'brien's cheese", {"cheese and bread"}),
        ("cheese olives", set()),
        ("fresh cheeses", {"cheese and bread"}),
        ("-olives", {"bread", "cheese", "cheese and bread", "hyphens"}),
    ],
)
@pytest.mark.parametrize("frequent", [0, history.FREQUENT])  # every word is frequent, or none
async def test_words_are_searched_in_title_site_and_summaries(
    database: Pool,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    found: set[str],
    frequent: int,
) -> None:
    monkeypatch.setattr(history, "FREQUENT", frequent)
    named = {
        "cheese": candidate("Cheeses"),
        "bread": candidate(
            "Breads of Rome", sentences="Fresh bread.", topics=("bakers",), site="bread.example"
        ),
        "cheese and bread": candidate(
            "O'Brien's old cheese", sentences="Eaten with bread, not fresh."
        ),
        "hyphens": candidate("A well-known cook"),
    }
    await add_stories(database, *named.values())
    await add_reader(database, 1)
    await _bring(database, 1, [story.id for story in named.values()])
    async with database.acquire() as connection:
        stories = await history.search_seen(connection, 1, words, limit=10)
    assert {story.id for story in stories} == {named[name].id for name in found}


async def test_words_are_looked_up_in_indexes(database: Pool) -> None:
    async with database.acquire() as connection, connection.transaction():
        plan = await _plan(connection, "cheese", ranked=1)
    names = {node.get("Index Name") for node in _nodes(plan)}
    assert {"ix_stories_words", "ix_summaries_words"} <= names


async def test_a_frequent_word_is_looked_for_until_there_are_enough_matches(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [candidate(f"Cheese {n}") for n in range(20)]
    await add_stories(database, *stories)
    await add_reader(database, 1)
    await _bring(database, 1, [story.id for story in stories])
    monkeypatch.setattr(history, "FREQUENT", 10)
    async with database.acquire() as connection, connection.transaction():
        plan = await _plan(connection, "cheese", ranked=5)
    [documents] = [node for node in _nodes(plan) if node.get("Alias") == "searched"]
    assert documents["Actual Loops"] == 5


async def test_the_latest_matches_are_ranked_and_the_older_ones_follow_by_age(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "RANKED", 3)
    # The latest digest comes last. A title counts more than a summary.
    titled, mentioned = {"title": "Cheese"}, {"title": "A story", "sentences": "There is cheese."}
    stories = [candidate(**one) for one in 3 * (titled, mentioned)]
    await add_stories(database, *stories)
    await add_reader(database, 1)
    for place, story in enumerate(stories):
        await _bring(database, 1, [story.id], days_ago=len(stories) - place)
    expected = [stories[place].id for place in (4, 5, 3, 2, 1, 0)]
    async with database.acquire() as connection:
        for size in 1, 2, 4, 10:
            pages = [
                await history.search_seen(connection, 1, "cheese", limit=size, offset=first)
                for first in range(0, len(stories), size)
            ]
            assert [story.id for page in pages for story in page] == expected


async def _plan(connection: Connection, words: str, *, ranked: int) -> dict[str, Any]:
    # A small table would be read as a whole.
    await connection.execute("SET LOCAL enable_seqscan = off")
    explain = f"EXPLAIN (ANALYZE, FORMAT json) {history.SEARCH_SEEN}"
    found = await connection.fetchval(explain, 1, words, 1, 0, history.FREQUENT, ranked)
    plan: dict[str, Any] = json.loads(found)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


async def test_saved_stories_come_in_pages_the_latest_first(database: Pool) -> None:
    stories = [candidate(f"Story {n}") for n in range(5)]
    await add_stories(database, *stories)
    reader = await add_reader(database, 1)
    async with database.acquire() as connection:
        for story in stories:
            await opinions.toggle_saved(connection, reader, story.id)
        page = await history.saved_stories(connection, 1, limit=2, offset=1)
        assert [story.title for story in page] == ["Story 3", "Story 2"]
        assert await history.count_saved(connection, 1) == 5


async def test_statistics(database: Pool) -> None:
    stories = [candidate(f"Story {n}", site="cheese.example") for n in range(3)]
    await add_stories(database, *stories)
    reader = await add_reader(database, 1)
    await _bring(database, 1, [story.id for story in stories])
    async with database.acquire() as connection:
        for story, opinion in zip(stories, (1, 1, -1), strict=True):
            await opinions.give_opinion(connection, reader, story.id, 1, opinion)
        known = await history.statistics(connection, 1, reader.created_at)
    assert known == history.Statistics(known.since, 1, 3, 0, 2, 1, 0, 0, ("cheese.example",))


async def _bring(database: Pool, chat_id: int, story_ids: list[int], *, days_ago: int = 0) -> None:
    digest_id = await database.fetchval(
        """
        INSERT INTO digests (chat_id, kind, local_day, created_at)
        VALUES ($1, 'asked', now(), now() - $2 * interval '1 day') RETURNING id
        """,
        chat_id,
        days_ago,
    )
    await database.executemany(
        """
        INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
        VALUES ($1, $2, $3, 1, 1)
        """,
        [(digest_id, story_id, chat_id) for story_id in story_ids],
    )
