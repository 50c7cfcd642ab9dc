"""Alerts are sent for what was asked, at once, once, and within limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Pool
from app.digests.candidates import Summary
from app.digests.make import Rounds
from app.digests.story_alerts import make_alerts
from app.readers import due, tastes
from app.readers.store import update
from tests.digests.stories import NOW, add_reader, add_stories, candidate


async def alert(pool: Pool, now: datetime = NOW) -> dict[int, str]:
    """One round of alerts: chat id → the message's HTML."""
    async with pool.acquire() as connection, connection.transaction():
        wishes = await due.alert_preferences(connection)
        stories = await Rounds().present(connection, "alert", now)
        alerts = await make_alerts(connection, wishes, stories, now)
        return {reader.chat_id: digest.messages[0].html for reader, digest in alerts}


async def points(pool: Pool, story: Any, number: int) -> None:
    await pool.execute("UPDATE stories SET points = $2 WHERE id = $1", story.id, number)


async def test_a_story_above_the_score_is_sent_once(database: Pool) -> None:
    story = candidate("Cheese matters", points=400)
    await add_stories(database, story, candidate("Wood matters", points=300))
    await add_reader(database, 1, alert_points=500)
    await add_reader(database, 2)
    assert await alert(database) == {}
    await points(database, story, 500)
    [(chat_id, html)] = (await alert(database)).items()
    assert chat_id == 1
    assert "Cheese" in html
    assert "Wood" not in html
    assert await alert(database) == {}


async def test_stories_whose_page_is_still_being_read_are_not_sent(database: Pool) -> None:
    nothing = Summary("", (), True, "none", "too_short")
    story = candidate("Cheese matters", points=600, summaries={"basic": nothing})
    await add_stories(database, story)
    await database.execute("UPDATE summaries SET reason = 'too_short', method = 'extractive'")
    await database.execute("UPDATE stories SET article_state = 'pending', article_attempts = 1")
    await add_reader(database, 1, alert_points=500)
    [html] = (await alert(database)).values()
    assert "Cheese matters" in html
    assert "not read" not in html
    await database.execute("UPDATE stories SET article_reason = 'timeout'")
    await add_reader(database, 2, alert_points=500)
    [html] = (await alert(database)).values()
    assert "not read" in html


async def test_a_reader_who_has_just_paused_gets_no_alert(database: Pool) -> None:
    await add_stories(database, candidate("Cheese matters", points=600))
    reader = await add_reader(database, 1, alert_points=500)
    async with database.acquire() as connection, connection.transaction():
        wishes = await due.alert_preferences(connection)
        await update(connection, reader, NOW, paused_at=NOW)
        stories = await Rounds().present(connection, "alert", NOW)
        assert await make_alerts(connection, wishes, stories, NOW) == []


async def test_a_word_alert_needs_the_readers_setting(database: Pool) -> None:
    await add_reader(database, 1)
    async with database.acquire() as connection:
        await tastes.add_interests(connection, 1, ["cheese", "wood"])
        await tastes.set_alert(connection, 1, "cheese", alert=True)
    await add_stories(database, candidate("Cheeses matter", points=5), candidate("Wood matters"))
    [html] = (await alert(database)).values()
    assert "Cheeses" in html
    assert "Wood" not in html


async def test_a_day_has_no_more_alerts_than_wanted(database: Pool) -> None:
    words = ("Cheese", "Wood", "Iron", "Salt", "Glass")
    stories = [candidate(f"{word} matters", points=600) for word in words]
    await add_stories(database, *stories[:4])
    await add_reader(database, 1, alert_points=500, alerts_per_day=3)
    [html] = (await alert(database)).values()
    assert html.count("matters") == 3
    assert await alert(database) == {}
    tomorrow = NOW + timedelta(hours=13)
    [html] = (await alert(database, tomorrow)).values()
    assert html.count("matters") == 1


async def test_old_seen_and_muted_stories_are_not_sent(database: Pool) -> None:
    old = candidate("Old cheese", points=900, first_seen_at=NOW - timedelta(hours=30))
    muted = candidate("Muted wood", points=900)
    seen = candidate("Seen iron", points=900)
    await add_stories(database, old, muted, seen)
    reader = await add_reader(database, 1, alert_points=500)
    async with database.acquire() as connection:
        await tastes.mute(connection, 1, [("word", "wood")])
    assert "Seen iron" in (await alert(database))[1]
    async with database.acquire() as connection:
        await update(connection, reader, NOW, paused_at=None)
    assert await alert(database) == {}


async def test_one_event_is_one_alert(database: Pool) -> None:
    others = [candidate(f"{word} matters") for word in ("Wood", "Iron", "Salt", "Glass")]
    event = [candidate(f"GPT-7 {words}", points=900) for words in ("is here", "tested")]
    await add_stories(database, *event, *others)
    await add_reader(database, 1, alert_points=500)
    assert (await alert(database))[1].count("GPT-7") == 1


async def test_paused_and_unreachable_readers_are_left_alone(database: Pool) -> None:
    await add_stories(database, candidate("Cheese", points=900))
    reader = await add_reader(database, 1, alert_points=500)
    async with database.acquire() as connection:
        await update(connection, reader, NOW, paused_at=NOW)
    await add_reader(database, 2, alert_points=500)
    await database.execute("UPDATE readers SET unreachable_at = now() WHERE chat_id = 2")
    assert await alert(database) == {}


async def test_readers_locked_by_another_instance_are_skipped(database: Pool) -> None:
    await add_stories(database, candidate("Cheese", points=900))
    await add_reader(database, 1, alert_points=500)
    async with database.acquire() as other, other.transaction():
        await due.lock_for_alerts(other, [1])
        assert await alert(database) == {}
    assert await alert(database)


async def test_an_alert_names_its_cause(database: Pool) -> None:
    await add_stories(database, candidate("Cheeses matter", points=600))
    await add_reader(database, 1, alert_points=500)
    await add_reader(database, 2, language="de")
    async with database.acquire() as connection:
        await tastes.add_alerts(connection, 1, ["cheese", "wood"])
        await tastes.add_alerts(connection, 2, ["cheese"])
    alerts = await alert(database)
    assert "because of: cheese, from 500 points" in alerts[1] and "wood" not in alerts[1]
    assert "wegen: cheese" in alerts[2]


async def test_a_word_alert_respects_the_minimum_points(database: Pool) -> None:
    story = candidate("Cheeses matter", points=40)
    await add_stories(database, story)
    await add_reader(database, 1, minimum_points=50)
    async with database.acquire() as connection:
        await tastes.add_alerts(connection, 1, ["cheese"])
    assert await alert(database) == {}
    await points(database, story, 50)
    assert "Cheeses" in (await alert(database))[1]
