"""The candidates for a digest."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from app.database.connection import Pool
from app.digests.candidates import (
    DAILY_AGE,
    WEEKLY_AGE,
    Summary,
    has_enough_candidates,
    load_candidates,
    load_story,
)
from app.digests.make import FRESH, Rounds
from tests.digests.stories import NOW, add_stories, candidate


async def test_a_story_is_loaded_with_all_its_data(database: Pool) -> None:
    summaries = {
        "basic": Summary("Basic.", ("A point.",), False, "article", None),
        "technical": Summary("Technical.", (), False, "article", None),
    }
    story = candidate("Cheese", topics=("Food",), summaries=summaries)
    await add_stories(database, story)
    await database.execute(
        """
        INSERT INTO discussions (story_id, state, line, agreements, disagreements)
        VALUES ($1, 'ready', 'They talk.', $2, '[]')
        """,
        story.id,
        [{"text": "Good.", "comment_ids": [11, 12]}],
    )
    async with database.acquire() as connection:
        [loaded] = await load_candidates(connection, NOW, DAILY_AGE)
        again = await load_story(connection, story.id)
        assert again and asdict(again) == asdict(loaded)
        assert await load_story(connection, 0) is None
    assert loaded.summaries == summaries
    assert loaded.topics == ("Food",)
    assert loaded.discussion
    assert loaded.discussion.line == "They talk."
    assert loaded.discussion.agreements[0].comment_ids == (11, 12)
    assert loaded.summary("business") == summaries["basic"]


async def test_only_summarised_stories_of_the_time_are_candidates(database: Pool) -> None:
    new, old, bare = (candidate(title) for title in ("New", "Old", "Bare"))
    await add_stories(database, new, old, bare)
    await database.execute(
        "UPDATE stories SET first_seen_at = $1 WHERE id = $2", NOW - DAILY_AGE, old.id
    )
    await database.execute("DELETE FROM summaries WHERE story_id = $1", bare.id)
    async with database.acquire() as connection:
        assert [one.id for one in await load_candidates(connection, NOW, DAILY_AGE)] == [new.id]


async def test_duplicates_are_represented_by_their_original(database: Pool) -> None:
    original, duplicate = candidate("Cheese"), candidate("Cheese")
    await add_stories(database, original, duplicate)
    await database.execute(
        "UPDATE stories SET duplicate_of = $1 WHERE id = $2", original.id, duplicate.id
    )
    async with database.acquire() as connection:
        [loaded] = await load_candidates(connection, NOW, DAILY_AGE)
    assert (loaded.id, loaded.duplicates) == (original.id, (duplicate.id,))


async def test_an_original_that_is_too_old_hides_nothing(database: Pool) -> None:
    original = candidate("Cheese", first_seen_at=NOW - DAILY_AGE - timedelta(hours=1))
    small, large = candidate("Cheese", comment_count=1), candidate("Cheese", comment_count=9)
    await add_stories(database, original, small, large)
    await database.execute("UPDATE stories SET duplicate_of = $1 WHERE id <> $1", original.id)
    async with database.acquire() as connection:
        [daily] = await load_candidates(connection, NOW, DAILY_AGE)
        [weekly] = await load_candidates(connection, NOW, WEEKLY_AGE)
    assert (daily.id, set(daily.duplicates)) == (large.id, {original.id, small.id})
    assert (weekly.id, set(weekly.duplicates)) == (original.id, {small.id, large.id})


async def test_a_round_is_shared_for_a_while_and_then_renewed(database: Pool) -> None:
    await add_stories(database, candidate("Cheese"))
    rounds = Rounds()
    async with database.acquire() as connection:
        first = await rounds.present(connection, "daily", NOW)
        assert await rounds.present(connection, "asked", NOW + FRESH) is first
        assert await rounds.present(connection, "weekly", NOW) is not first
        later = await rounds.present(connection, "daily", NOW + FRESH + timedelta(seconds=1))
        assert later is not first


async def test_a_first_digest_waits_for_a_choice_of_stories(database: Pool) -> None:
    async with database.acquire() as connection:
        assert not await has_enough_candidates(connection, 60)
        await add_stories(database, *(candidate(f"Story {n}") for n in range(3)))
        await database.execute("UPDATE stories SET first_seen_at = now()")
        assert await has_enough_candidates(connection, 60)
        await database.execute(
            "DELETE FROM summaries WHERE story_id = (SELECT min(story_id) FROM summaries)"
        )
        assert not await has_enough_candidates(connection, 60)
        await database.execute("UPDATE stories SET first_seen_at = now() - interval '11 minutes'")
        assert await has_enough_candidates(connection, 60)
