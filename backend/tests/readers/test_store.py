"""Readers and their settings."""

from __future__ import annotations

from datetime import time

import pytest

from app.database.connection import Pool
from app.readers import store, tastes
from tests.digests.stories import NOW, add_reader, add_stories, candidate


async def test_a_reader_is_made_once(database: Pool) -> None:
    first = await add_reader(database, 1, story_count=9)
    async with database.acquire() as connection:
        again = await store.create(
            connection,
            chat_id=1,
            kind="private",
            name="Other\0",
            language="de",
            timezone="Asia/Tokyo",
        )
        assert (again.story_count, again.language, again.name) == (9, "en", "Other")
        assert await store.load(connection, [1, 2]) == {1: again}
    assert first.digest_days == (1, 2, 3, 4, 5, 6, 7)


async def test_a_change_of_schedule_plans_anew(database: Pool) -> None:
    reader = await add_reader(database, 1)
    assert reader.next_digest_at == NOW.replace(day=24, hour=8)
    async with database.acquire() as connection:
        reader = await store.update(connection, reader, NOW, digest_time=time(18))
        assert reader.next_digest_at == NOW.replace(hour=18)
        reader = await store.update(connection, reader, NOW, timezone="Asia/Tokyo")
        assert reader.next_digest_at == NOW.replace(day=24, hour=9)
        reader = await store.update(connection, reader, NOW, digest_days=(3,), weekly_day=6)
        assert reader.digest_days == (3,)
        assert reader.next_digest_at == NOW.replace(day=25, hour=9)
        assert reader.next_weekly_at == NOW.replace(day=28, hour=9)
        reader = await store.update(connection, reader, NOW, digest_days=())
        assert reader.next_digest_at is None


async def test_a_pause_has_no_digests_and_keeps_the_settings(database: Pool) -> None:
    reader = await add_reader(database, 1, digest_time=time(18), weekly_day=2)
    planned = reader.next_digest_at
    async with database.acquire() as connection:
        reader = await store.update(connection, reader, NOW, paused_at=NOW)
        assert reader.next_digest_at is reader.next_weekly_at is None
        reader = await store.update(connection, reader, NOW, digest_time=time(18))
        assert reader.next_digest_at is None
        reader = await store.update(connection, reader, NOW, paused_at=None)
        assert reader.next_digest_at == planned


async def test_only_settings_can_be_changed(database: Pool) -> None:
    reader = await add_reader(database, 1)
    async with database.acquire() as connection:
        with pytest.raises(ValueError, match="created_at"):
            await store.update(connection, reader, NOW, created_at=NOW)


async def test_a_blocked_reader_comes_back_with_everything(database: Pool) -> None:
    await add_reader(database, 1, story_count=9)
    async with database.acquire() as connection:
        await store.mark_unreachable(connection, 1, "blocked")
        reader = (await store.load(connection, [1]))[1]
        assert reader.unreachable_at
        await store.mark_reachable(connection, reader, NOW)
        reader = (await store.load(connection, [1]))[1]
        assert (reader.unreachable_at, reader.story_count) == (None, 9)


async def test_a_group_that_moves_takes_everything_along(database: Pool) -> None:
    await add_stories(database, story := candidate("Cheese"))
    await add_reader(database, -1, story_count=9)
    await add_reader(database, -1001)
    async with database.acquire() as connection:
        for chat_id in -1, -1001:
            await tastes.add_interests(connection, chat_id, ["cheese"])
        await connection.execute("INSERT INTO saved_stories VALUES (-1, $1)", story.id)
        for _ in range(2):
            await store.move_chat(connection, -1, -1001)
            readers = await store.load(connection, [-1, -1001])
            assert [(r.chat_id, r.story_count) for r in readers.values()] == [(-1001, 9)]
        assert await connection.fetchval("SELECT chat_id FROM saved_stories") == -1001


async def test_tastes(database: Pool) -> None:
    await add_reader(database, 1)
    async with database.acquire() as connection:
        await tastes.add_interests(connection, 1, ["machine learning", "rust"])
        assert await tastes.add_interests(connection, 1, ["Rust", "RUST"]) == ["rust", "rust"]
        await tastes.mute(connection, 1, [("word", "crypto")])
        await tastes.mute(connection, 1, [("site", "spam.example")])
        await tastes.mute(connection, 1, [("site", "spam.example")])
        assert await tastes.set_alert(connection, 1, "rust", alert=True)
        taste = (await tastes.load_tastes(connection, [1, 2]))[1]
        assert [(one.phrase, one.alert) for one in taste.interests] == [
            ("machine learning", False),
            ("rust", True),
        ]
        assert (taste.muted_words, taste.muted_sites) == (("crypto",), ("spam.example",))
        assert await tastes.remove_interest(connection, 1, "rust")
        assert not await tastes.remove_interest(connection, 1, "rust")
        assert await tastes.unmute(connection, 1, ["crypto"])
        assert not await tastes.unmute(connection, 1, ["crypto"])
        taste = (await tastes.load_tastes(connection, [1]))[1]
        assert (len(taste.interests), taste.muted_words) == (1, ())


async def test_the_weekly_digest_may_have_a_time_of_its_own(database: Pool) -> None:
    reader = await add_reader(database, 1, digest_time=time(8), weekly_day=7)
    async with database.acquire() as connection:
        reader = await store.update(connection, reader, NOW, weekly_time=time(18, 30))
        assert reader.next_weekly_at is not None and reader.next_digest_at is not None
        assert reader.next_weekly_at.time() == time(18, 30) and reader.next_digest_at.hour == 8
        reader = await store.update(connection, reader, NOW, digest_time=time(9))
        assert reader.next_weekly_at is not None and reader.next_weekly_at.hour == 18
