"""/pause and /resume: nothing comes in between, and nothing is lost."""

from __future__ import annotations

import pytest

from app.database.connection import Pool
from app.digests.make import Rounds, make_digests
from app.telegram.digest_worker import digest_messages
from app.telegram.send import outbox
from app.telegram.send.outbox import Priority
from tests.digests.stories import add_reader, add_stories, candidate
from tests.telegram.chat import Chat, settings

ADA, BOB = 1001, 1002


@pytest.fixture
async def stories(database: Pool) -> list[int]:
    """Two stories, which wait in the outbox as the digests of two readers."""
    known = [candidate(f"{word} matters", sentences="All.") for word in ("Cheese", "Wood")]
    await add_stories(database, *known)
    await database.execute("UPDATE stories SET first_seen_at = now(), posted_at = now()")
    readers = [await add_reader(database, chat_id) for chat_id in (ADA, BOB)]
    async with database.acquire() as connection, connection.transaction():
        now = await connection.fetchval("SELECT now()")
        present = await Rounds().present(connection, "daily", now)
        made = await make_digests(connection, "daily", readers, present, now)
        for reader in readers:
            messages = digest_messages(reader, None, made[reader.chat_id], Priority.BULK)
            await outbox.enqueue(connection, messages)
    return [story.id for story in known]


async def queued(database: Pool) -> list[int]:
    rows = await database.fetch(
        "SELECT chat_id FROM outbox WHERE state = 'pending' AND digest_id IS NOT NULL"
    )
    return [row["chat_id"] for row in rows]


async def unseen(database: Pool, chat_id: int) -> list[int]:
    rows = await database.fetch(
        "SELECT story_id FROM digest_stories WHERE chat_id = $1 AND NOT seen ORDER BY story_id",
        chat_id,
    )
    return [row["story_id"] for row in rows]


async def test_an_unsent_digest_is_withdrawn_with_its_stories(
    database: Pool, stories: list[int]
) -> None:
    ada = Chat(database, ADA, settings())
    [paused] = await ada.say("/pause")
    assert "Paused" in paused.text
    assert await queued(database) == [BOB]
    assert await unseen(database, ADA) == stories
    assert await unseen(database, BOB) == []
    [resumed] = await ada.say("/resume")
    assert "Resumed" in resumed.text and "Next digest" in resumed.text


async def test_a_partly_sent_digest_is_stopped_and_its_stories_stay_seen(
    database: Pool, stories: list[int]
) -> None:
    await database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, digest_id,
                            state)
        SELECT 'the first part', chat_id, method, parameters, priority, FALSE, digest_id, 'sent'
        FROM outbox WHERE chat_id = $1
        """,
        ADA,
    )
    await Chat(database, ADA, settings()).say("/pause")
    assert await queued(database) == [BOB]
    assert await unseen(database, ADA) == []


async def test_a_requested_digest_is_cancelled(database: Pool) -> None:
    await add_reader(database, ADA)
    ada = Chat(database, ADA, settings())
    wanted = "SELECT digest_wanted_at FROM readers"
    await ada.say("/digest")
    assert await database.fetchval(wanted)
    await ada.say("/pause")
    assert await database.fetchval(wanted) is None
