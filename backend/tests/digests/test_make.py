"""Digests from the database: each story once, one digest a day, on time, with several processes."""

from __future__ import annotations

import asyncio
import threading
from datetime import date, datetime, time, timedelta

import pytest

from app.database.connection import Pool
from app.digests import store, subjects
from app.digests.make import Digest, Rounds, compose, make_digests
from app.digests.sections import arrange
from app.digests.select import SelectedStory
from app.readers import due, memory, opinions
from app.readers.due import DigestKind
from app.readers.store import Reader, load, update
from app.readers.tastes import add_interests, mute
from tests.digests.stories import NOW, add_reader, add_stories, candidate, reader

TOPICS = ("Cheese", "Wood", "Iron", "Salt", "Copper", "Glass", "Paper", "Wool", "Clay", "Wax")


async def deliver(pool: Pool, kind: DigestKind, now: datetime) -> dict[int, Digest]:
    """What one round of delivery does for whoever is due."""
    async with pool.acquire() as connection, connection.transaction():
        claimed = await due.claim(connection, kind, now, 100)
        stories = await Rounds().present(connection, kind, now)
        digests = await make_digests(connection, kind, claimed, stories, now)
        await due.plan_after(connection, kind, claimed, now)
        return digests


async def reader_now(pool: Pool, chat_id: int) -> Reader:
    async with pool.acquire() as connection:
        return (await load(connection, [chat_id]))[chat_id]


async def stories_of(pool: Pool, chat_id: int) -> list[int]:
    rows = await pool.fetch(
        "SELECT story_id FROM digest_stories WHERE chat_id = $1 ORDER BY digest_id, position",
        chat_id,
    )
    return [row["story_id"] for row in rows]


async def test_a_digest_at_its_time_with_what_the_reader_has_not_seen(database: Pool) -> None:
    await add_stories(database, *(candidate(f"{topic} matters") for topic in TOPICS))
    await add_reader(database, 1, digest_time=time(20), story_count=4)
    assert await deliver(database, "daily", NOW) == {}
    for day in range(4):
        digests = await deliver(database, "daily", NOW + timedelta(days=day, hours=8))
        assert (1 in digests) == (day < 2)
    seen = await stories_of(database, 1)
    assert len(seen) == len(set(seen)) == 8


async def test_a_weekly_digest_has_the_best_of_the_week_once(database: Pool) -> None:
    await add_stories(
        database, *(candidate(f"{topic} matters", points=n) for n, topic in enumerate(TOPICS, 100))
    )
    await add_reader(database, 1, digest_time=time(20), weekly_day=1, story_count=3)
    evening = NOW.replace(hour=20)
    await deliver(database, "daily", evening)
    await deliver(database, "weekly", evening)
    both = await stories_of(database, 1)
    weekly = both[3:]
    assert both[:3] == weekly
    await deliver(database, "daily", evening + timedelta(days=1))
    following = (await stories_of(database, 1))[6:]
    assert len(following) == 3 and not set(following) & set(weekly)
    await database.execute("UPDATE readers SET next_weekly_at = $1, last_weekly_on = NULL", evening)
    await database.execute("UPDATE digests SET local_day = local_day - 7 WHERE kind = 'weekly'")
    await deliver(database, "weekly", evening + timedelta(days=1))
    assert (await stories_of(database, 1))[9:] == following


async def test_the_rest_is_planned_and_the_day_is_kept(database: Pool) -> None:
    await add_stories(database, candidate("Cheese"))
    await add_reader(database, 1, digest_time=time(20), weekly_day=1)
    evening = NOW.replace(hour=20)
    await deliver(database, "daily", evening)
    await deliver(database, "weekly", evening)
    reader = await reader_now(database, 1)
    assert reader.next_digest_at == evening + timedelta(days=1)
    assert reader.next_weekly_at == evening + timedelta(days=7)
    assert reader.last_digest_on == reader.last_weekly_on == date(2026, 11, 23)


async def test_moving_the_time_later_makes_no_second_digest_that_day(database: Pool) -> None:
    await add_stories(database, *(candidate(f"{topic} matters") for topic in TOPICS))
    reader = await add_reader(database, 1, digest_time=time(13), story_count=2)
    assert await deliver(database, "daily", NOW + timedelta(hours=1))
    reader = await reader_now(database, 1)
    async with database.acquire() as connection:
        now = NOW + timedelta(hours=2)
        reader = await update(connection, reader, now, digest_time=time(18))
    assert reader.next_digest_at == NOW.replace(day=24, hour=18)


async def test_a_day_has_one_daily_digest_even_if_it_were_due_twice(database: Pool) -> None:
    await add_stories(database, *(candidate(f"{topic} matters") for topic in TOPICS))
    await add_reader(database, 1, digest_time=time(20), story_count=2)
    evening = NOW.replace(hour=20)
    assert await deliver(database, "daily", evening)
    await database.execute("UPDATE readers SET next_digest_at = $1", evening)
    assert await deliver(database, "daily", evening) == {}
    assert len(await stories_of(database, 1)) == 2


async def test_after_an_outage_of_days_there_is_one_digest(database: Pool) -> None:
    await add_stories(database, candidate("Cheese", first_seen_at=NOW + timedelta(days=3)))
    await add_reader(database, 1, digest_time=time(20))
    back = NOW + timedelta(days=3, hours=1)
    assert await deliver(database, "daily", back)
    assert await deliver(database, "daily", back) == {}
    assert (await reader_now(database, 1)).next_digest_at == back.replace(hour=20)


async def test_asked_digests_come_as_often_as_they_are_asked_for(database: Pool) -> None:
    await add_stories(database, *(candidate(f"{topic} matters") for topic in TOPICS))
    reader = await add_reader(database, 1, story_count=2)
    for _ in range(2):
        async with database.acquire() as connection:
            await update(connection, reader, NOW, digest_wanted_at=NOW)
        assert await deliver(database, "asked", NOW)
    assert len(set(await stories_of(database, 1))) == 4
    assert (await reader_now(database, 1)).digest_wanted_at is None


async def test_late_risers_are_chosen_whatever_their_age(database: Pool) -> None:
    await add_stories(database, candidate("Cheese"))
    await database.execute("UPDATE stories SET posted_at = $1", NOW - timedelta(days=20))
    await add_reader(database, 1, digest_time=time(20))
    assert await deliver(database, "daily", NOW.replace(hour=20))


async def test_dead_stories_and_duplicates_are_not_chosen(database: Pool) -> None:
    dead, original, duplicate = (candidate(f"{topic} matters") for topic in TOPICS[:3])
    await add_stories(database, dead, original, duplicate)
    await database.execute("UPDATE stories SET dead = TRUE WHERE id = $1", dead.id)
    await database.execute(
        "UPDATE stories SET duplicate_of = $1 WHERE id = $2", original.id, duplicate.id
    )
    await add_reader(database, 1, digest_time=time(20))
    await deliver(database, "daily", NOW.replace(hour=20))
    assert await stories_of(database, 1) == [original.id]


async def test_a_story_seen_under_another_id_is_not_chosen_again(database: Pool) -> None:
    first, better = candidate("Cheese matters"), candidate("Cheese matters")
    await add_stories(database, first)
    await add_reader(database, 1, digest_time=time(20))
    await deliver(database, "daily", NOW.replace(hour=20))
    await add_stories(database, better)
    await database.execute(
        "UPDATE stories SET duplicate_of = $1 WHERE id = $2", better.id, first.id
    )
    assert await deliver(database, "daily", NOW.replace(day=24, hour=20)) == {}


async def test_undelivered_stories_may_be_chosen_again(database: Pool) -> None:
    await add_stories(database, candidate("Cheese"))
    await add_reader(database, 1, digest_time=time(20))
    await deliver(database, "daily", NOW.replace(hour=20))
    await database.execute("UPDATE digest_stories SET seen = FALSE")
    assert await deliver(database, "daily", NOW.replace(day=24, hour=20))


async def test_taste_and_feedback_change_the_choice(database: Pool) -> None:
    await add_stories(
        database,
        candidate("Cheese matters", points=10),
        candidate("Bitcoin matters", points=5000),
        candidate("Haskell matters", points=50),
        candidate("Wood matters", points=55),
    )
    reader = await add_reader(database, 1, story_count=1)
    liked = candidate("Haskell yesterday", first_seen_at=NOW - timedelta(days=9))
    await add_stories(database, liked)
    async with database.acquire() as connection:
        await mute(connection, 1, [("word", "bitcoin")])
        await opinions.give_opinion(connection, reader, liked.id, 1, 1)
        await update(connection, reader, NOW, digest_wanted_at=NOW)
    [digest] = (await deliver(database, "asked", NOW)).values()
    assert "Haskell matters" in digest.messages[0].html
    async with database.acquire() as connection:
        await memory.clear(connection, 1)
        await add_interests(connection, 1, ["cheese"])
        await update(connection, reader, NOW, digest_wanted_at=NOW)
    [digest] = (await deliver(database, "asked", NOW)).values()
    assert "Cheese matters" in digest.messages[0].html


async def test_the_reasons_are_kept(database: Pool) -> None:
    story = candidate("Cheese matters")
    await add_stories(database, story)
    await add_reader(database, 1, digest_time=time(20))
    async with database.acquire() as connection:
        await add_interests(connection, 1, ["cheese"])
    await deliver(database, "daily", NOW.replace(hour=20))
    async with database.acquire() as connection:
        reasons = await store.reasons(connection, 1, story.id)
        assert reasons and reasons["interest:cheese"] == 3
        assert await store.reasons(connection, 2, story.id) is None


async def test_paused_and_unreachable_readers_get_nothing(database: Pool) -> None:
    await add_stories(database, candidate("Cheese"))
    for chat_id, column in ((1, "paused_at"), (2, "unreachable_at")):
        reader = await add_reader(database, chat_id, digest_time=time(20))
        if column == "paused_at":
            async with database.acquire() as connection:
                await update(connection, reader, NOW, paused_at=NOW)
        else:
            await database.execute("UPDATE readers SET unreachable_at = now() WHERE chat_id = 2")
    assert await deliver(database, "daily", NOW.replace(hour=20)) == {}


async def test_two_instances_share_the_readers(database: Pool) -> None:
    await add_stories(database, *(candidate(f"{topic} matters") for topic in TOPICS))
    for chat_id in range(1, 41):
        await add_reader(database, chat_id, digest_time=time(20))
    evening = NOW.replace(hour=20)

    async def work() -> int:
        made = 0
        while True:
            async with database.acquire() as connection, connection.transaction():
                claimed = await due.claim(connection, "daily", evening, 5)
                stories = await Rounds().present(connection, "daily", evening)
                made += len(await make_digests(connection, "daily", claimed, stories, evening))
                await due.plan_after(connection, "daily", claimed, evening)
            if not claimed:
                return made

    made = await asyncio.gather(work(), work())
    assert sum(made) == 40
    assert await database.fetchval("SELECT count(*) FROM digests") == 40


async def test_the_round_is_built_outside_the_event_loop(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes half a second, in which nobody would be answered."""
    threads = []
    monkeypatch.setattr(subjects, "prepare", lambda: threads.append(threading.current_thread()))
    async with database.acquire() as connection:
        await Rounds().present(connection, "daily", NOW)
    assert threads and threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("language", "reads", "translated", "told"),
    [
        ("de", None, ("en", "de"), "Noch nicht übersetzte Zusammenfassungen"),
        ("en", "es", ("en", "es"), "Summaries that are not translated yet"),
        ("es", None, ("en", "es"), "Los resúmenes aún sin traducir"),
        ("de", None, ("en",), ""),
        ("de", "en", ("en", "de"), ""),
        ("en", None, ("en", "de"), ""),
    ],
)
@pytest.mark.parametrize("look", ["classic", "rich"])
@pytest.mark.parametrize("kind", ["written", "excerpt", "translated"])
async def test_a_digest_says_that_its_summaries_are_still_to_be_translated(
    language: str, reads: str | None, translated: tuple[str, ...], told: str, look: str, kind: str
) -> None:
    story = candidate(
        "Cheese",
        sentences="Cheese matters to towns.",
        extractive=kind == "excerpt",
        translations={("basic", reads or language): ("Käse.",)} if kind == "translated" else {},
    )
    sections = arrange([SelectedStory(story, {})])
    recipient = reader(language=language, summary_language=reads, style="basic", look=look)
    digest = store.NewDigest(1, "daily", NOW.date(), sections)
    made = compose(recipient, 1, digest, translated=translated)
    shown = str(made.messages) + str(made.rich)
    expected = told if kind == "written" else ""
    assert ("übersetzt" in shown or "translated" in shown or "traducir" in shown) == bool(expected)
    assert expected in shown
