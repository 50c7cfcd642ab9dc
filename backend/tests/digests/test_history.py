"""Searching, listing and counting stories that were seen or saved."""

from __future__ import annotations

import pytest

from app.database.connection import Pool
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
        ("-cheese", {"bread"}),
        ("bread or cheese", {"cheese", "bread", "cheese and bread"}),
        ("olives or -cheese", {"bread"}),
        ('"fresh bread"', {"bread"}),
        ("the", set()),
        ("eads", {"bread"}),  # no word, but a part of the title
        ("bakers", {"bread"}),  # a topic
        ("bread.example", {"bread"}),  # a site
    ],
)
async def test_words_are_searched_in_title_site_and_summaries(
    database: Pool, words: str, found: set[str]
) -> None:
    named = {
        "cheese": candidate("Cheeses"),
        "bread": candidate(
            "Breads of Rome", sentences="Fresh bread.", topics=("bakers",), site="bread.example"
        ),
        "cheese and bread": candidate("Old cheese", sentences="Eaten with bread, not fresh."),
    }
    await add_stories(database, *named.values())
    await add_reader(database, 1)
    await _bring(database, 1, [story.id for story in named.values()])
    async with database.acquire() as connection:
        stories = await history.search_seen(connection, 1, words, limit=10)
    assert {story.id for story in stories} == {named[name].id for name in found}


async def test_words_are_looked_up_in_indexes(database: Pool) -> None:
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {history.SEARCH_SEEN}", 1, "cheese", 10, 0)
    indexes = "ix_stories_words", "ix_summaries_words"
    assert all(any(name in line for (line,) in plan) for name in indexes)


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


async def _bring(database: Pool, chat_id: int, story_ids: list[int]) -> None:
    digest_id = await database.fetchval(
        "INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, 'asked', now()) RETURNING id",
        chat_id,
    )
    await database.executemany(
        """
        INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
        VALUES ($1, $2, $3, 1, 1)
        """,
        [(digest_id, story_id, chat_id) for story_id in story_ids],
    )
