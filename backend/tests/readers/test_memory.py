"""Stored opinions are counted, paused, forgotten and cleared."""

from __future__ import annotations

from app.database.connection import Connection, Pool
from app.readers import memory, opinions
from app.readers.store import Reader, update
from app.readers.tastes import add_interests, load_tastes
from tests.digests.stories import NOW, add_reader, add_stories, candidate

RUST = candidate("Rust at work", site="rust.example", topics=("Programming languages",))
WOOD = candidate("Carving wood", site="wood.example")


async def reader_with_stories(database: Pool) -> Reader:
    await add_stories(database, RUST, WOOD)
    return await add_reader(database, 1)


async def phrases(connection: Connection) -> set[str]:
    return {interest.phrase for interest in await memory.learned(connection, 1)}


async def test_a_liked_story_teaches_its_topics_and_why(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        await opinions.give_opinion(connection, reader, RUST.id, 1, 1)
        learned = {interest.phrase: interest for interest in await memory.learned(connection, 1)}
    assert {"rust", "rust.example", "programming language"} <= learned.keys()
    assert learned["rust"].weight > 0
    assert learned["rust"].reason == "Rust at work"


async def test_changing_an_opinion_reverses_the_weight(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        for opinion in (1, -1):
            await opinions.give_opinion(connection, reader, RUST.id, 1, opinion)
        assert all(interest.weight < 0 for interest in await memory.learned(connection, 1))


async def test_saving_teaches_and_unsaving_undoes_it(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        assert await opinions.toggle_saved(connection, reader, WOOD.id)
        assert (await opinions.story_opinions(connection, 1, WOOD.id)).saved
        assert "wood.example" in await phrases(connection)
        assert not await opinions.toggle_saved(connection, reader, WOOD.id)
        assert await phrases(connection) == set()


async def test_a_paused_memory_learns_nothing_and_keeps_what_it_has(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        await opinions.give_opinion(connection, reader, RUST.id, 1, 1)
        before = await phrases(connection)
        reader = await update(connection, reader, NOW, memory_paused=True)
        await opinions.give_opinion(connection, reader, WOOD.id, 1, 1)
        await opinions.toggle_saved(connection, reader, WOOD.id)
        assert await phrases(connection) == before
        reader = await update(connection, reader, NOW, memory_paused=False)
        await memory.relearn(connection, 1)
        assert await phrases(connection) == before


async def test_a_forgotten_phrase_stays_forgotten_and_others_stay(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        await opinions.give_opinion(connection, reader, RUST.id, 1, 1)
        before = await phrases(connection)
        assert await memory.forget(connection, 1, "rust")
        assert not await memory.forget(connection, 1, "never learned")
        await memory.relearn(connection, 1)
        assert await phrases(connection) == before - {"rust"}
        taste = (await load_tastes(connection, [1]))[1]
        assert "rust" not in [interest.phrase for interest in taste.interests]


async def test_a_cleared_memory_keeps_what_the_reader_said_and_saved(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        await add_interests(connection, 1, ["cheese"])
        await opinions.give_opinion(connection, reader, RUST.id, 1, 1)
        await opinions.toggle_saved(connection, reader, WOOD.id)
        await memory.clear(connection, 1)
        await memory.relearn(connection, 1)
        taste = (await load_tastes(connection, [1]))[1]
        assert [interest.phrase for interest in taste.interests] == ["cheese"]
        assert (await opinions.story_opinions(connection, 1, WOOD.id)).saved


async def test_opinions_of_all_group_members_count(database: Pool) -> None:
    reader = await reader_with_stories(database)
    async with database.acquire() as connection:
        await opinions.give_opinion(connection, reader, RUST.id, 101, 1)
        one = (await memory.learned(connection, 1))[0].weight
        await opinions.give_opinion(connection, reader, RUST.id, 102, 1)
        assert (await memory.learned(connection, 1))[0].weight > one


async def test_a_dislike_corrects_a_named_interest_until_all_is_forgotten(database: Pool) -> None:
    claude = candidate("Claude Fontaine in Montreal")
    await add_stories(database, claude)
    reader = await add_reader(database, 1)
    async with database.acquire() as connection:
        await add_interests(connection, 1, ["AI"])
        await opinions.give_opinion(connection, reader, claude.id, 1, -1)
        [correction] = await memory.corrected(connection, 1)
        assert (correction.interest, correction.title) == ("AI", claude.title)
        taste = (await load_tastes(connection, [1]))[1]
        assert {interest.phrase for interest in taste.interests} == {"AI", claude.site}
        await opinions.give_opinion(connection, reader, claude.id, 1, 1)
        assert await memory.corrected(connection, 1) == ()
        await opinions.give_opinion(connection, reader, claude.id, 1, -1)
        await memory.clear(connection, 1)
        assert await memory.corrected(connection, 1) == ()
