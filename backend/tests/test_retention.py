"""Old rows are deleted in small batches, except those that readers still need."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app import retention
from app.database.aging import BATCH
from app.database.connection import Pool
from app.digests.candidates import WEEKLY_AGE
from app.hackernews.discussion_store import comments_of
from app.retention import RULES, Retention

MANY = 100_000
OLD = {rule.what: rule.age + timedelta(days=1) for rule in RULES}
YOUNG = {rule.what: rule.age - timedelta(days=1) for rule in RULES}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.0)


async def add_story(database: Pool, story_id: int, age: timedelta, comments: int) -> None:
    await database.execute(
        """
        INSERT INTO stories (id, kind, title, posted_at, first_seen_at, discussion_fetched_at)
        VALUES ($1, 'story', 'A title', now() - $2::interval, now() - $2, now() - $2)
        """,
        story_id,
        age,
    )
    await database.execute(
        """
        INSERT INTO comments (id, story_id, parent_id, position, depth, text)
        SELECT $1 * 1000 + n, $1, $1, n, 0, 'A comment' FROM generate_series(1, $2) AS n
        """,
        story_id,
        comments,
    )


async def count(database: Pool, table: str) -> int:
    number: int = await database.fetchval(f"SELECT count(*) FROM {table}")
    return number


@pytest.fixture
async def reader(database: Pool) -> int:
    await database.execute("INSERT INTO readers (chat_id, kind) VALUES (1, 'private')")
    return 1


async def test_old_updates_are_deleted_unless_waiting(database: Pool) -> None:
    await database.execute(
        """
        INSERT INTO inbox (update_id, chat_id, payload, state, received_at)
        VALUES (1, 1, '{}', 'done', now() - $1::interval),
               (2, 1, '{}', 'done', now() - $2::interval),
               (3, 1, '{}', 'parked', now() - $3::interval),
               (4, 1, '{}', 'parked', now() - $4::interval),
               (5, 1, '{}', 'pending', now() - interval '10 years')
        """,
        OLD["handled updates"],
        YOUNG["handled updates"],
        OLD["dead letters"],
        YOUNG["dead letters"],
    )
    await Retention(database).step()
    kept = await database.fetch("SELECT update_id FROM inbox ORDER BY update_id")
    assert [row["update_id"] for row in kept] == [2, 4, 5]


async def test_old_messages_are_deleted_unless_waiting(database: Pool, reader: int) -> None:
    await database.execute(
        """
        INSERT INTO outbox
          (key, chat_id, method, parameters, priority, repeatable, state, created_at)
        SELECT key, $1::bigint, 'sendMessage', '{}', 2, FALSE, state, now() - age
        FROM (SELECT state AS key, state, $2::interval AS age
              FROM unnest('{sent,failed,uncertain,pending,sending}'::text[]) AS state
              UNION ALL SELECT 'young', 'sent', $3::interval) AS messages
        """,
        reader,
        OLD["messages"],
        YOUNG["messages"],
    )
    await Retention(database).step()
    kept = {row["key"] for row in await database.fetch("SELECT key FROM outbox")}
    assert kept == {"pending", "sending", "young"}


async def test_comments_are_deleted_except_those_of_saved_stories(
    database: Pool, reader: int
) -> None:
    for story_id, age in (1, OLD), (2, OLD), (3, YOUNG):
        await add_story(database, story_id, age["comments"], 3)
    await database.execute("INSERT INTO saved_stories (chat_id, story_id) VALUES ($1, 2)", reader)
    await Retention(database).step()
    left = [len(await comments_of(database, story_id)) for story_id in (1, 2, 3)]
    assert left == [0, 3, 3]
    assert await count(database, "stories") == 3


async def test_a_seen_story_stays_out_of_digests_when_they_are_forgotten(
    database: Pool, reader: int
) -> None:
    for story_id, age in (1, OLD), (2, YOUNG):
        await add_story(database, story_id, age["digests"], 0)
        digest_id = await database.fetchval(
            """
            INSERT INTO digests (chat_id, kind, local_day, created_at)
            VALUES ($1, 'daily', now() - $2::interval, now() - $2) RETURNING id
            """,
            reader,
            age["digests"],
        )
        await database.execute(
            "INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)"
            " VALUES ($1, $2, $3, 1, 1)",
            digest_id,
            story_id,
            reader,
        )
    await Retention(database).step()
    kept = await database.fetch("SELECT story_id FROM digest_stories")
    assert [row["story_id"] for row in kept] == [2]
    # Its row alone says that it was first seen too long ago to be chosen.
    first_seen = await database.fetchval(
        "SELECT first_seen_at < now() - $1::interval FROM stories WHERE id = 1", WEEKLY_AGE
    )
    assert first_seen


async def test_questions_conversations_and_calls(database: Pool, reader: int) -> None:
    await add_story(database, 1, timedelta(0), 0)
    for ages in OLD, YOUNG:
        await database.execute(
            "INSERT INTO questions (chat_id, story_id, user_id, question, asked_at)"
            " VALUES ($1, 1, 1, 'Why?', now() - $2::interval)",
            reader,
            ages["questions"],
        )
        await database.execute(
            "INSERT INTO conversations (chat_id, user_id, story_id, last_at)"
            " VALUES ($1, (SELECT count(*) FROM conversations), 1, now() - $2::interval)",
            reader,
            ages["conversations"],
        )
        await database.execute(
            "INSERT INTO llm_calls (purpose, model, at)"
            " VALUES ('summary', 'm', now() - $1::interval)",
            ages["calls of the model"],
        )
    await Retention(database).step()
    tables = "questions", "conversations", "llm_calls"
    assert [await count(database, table) for table in tables] == [1, 1, 1]


async def test_a_hundred_thousand_rows_are_deleted_without_blocking_the_bot(
    database: Pool, reader: int
) -> None:
    """No batch deletes more than it may, and none keeps anybody else from his own rows."""
    await database.execute(
        """
        INSERT INTO inbox (update_id, chat_id, payload, state, received_at)
        SELECT n, n % 1000, '{}', 'done', now() - $2::interval - n * interval '1 second'
        FROM generate_series(1, $1) AS n
        """,
        MANY,
        OLD["handled updates"],
    )
    await database.execute(
        """
        INSERT INTO llm_calls (purpose, model, at)
        SELECT 'summary', 'm', now() - $2::interval FROM generate_series(1, $1)
        """,
        MANY,
        OLD["calls of the model"],
    )
    await database.execute("CREATE TABLE batches (size bigint)")
    await database.execute(
        """
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO batches SELECT count(*) FROM deleted; RETURN NULL; END $$;
        CREATE TRIGGER note AFTER DELETE ON inbox REFERENCING OLD TABLE AS deleted
          FOR EACH STATEMENT EXECUTE FUNCTION note();
        CREATE TRIGGER note AFTER DELETE ON llm_calls REFERENCING OLD TABLE AS deleted
          FOR EACH STATEMENT EXECUTE FUNCTION note();
        """
    )
    async with database.acquire() as other, other.transaction():
        # Somebody else is at work on some of them, and nobody waits for that.
        await other.execute("SELECT FROM inbox WHERE update_id <= 10 FOR UPDATE")
        async with asyncio.timeout(60):
            await asyncio.gather(Retention(database).step(), Retention(database).step())
        assert await database.fetchval("SELECT count(*) FROM inbox") == 10
    assert await database.fetchval("SELECT count(*) FROM llm_calls") == 0
    assert await database.fetchval("SELECT max(size) FROM batches") <= BATCH
    await Retention(database).step()
    assert await database.fetchval("SELECT count(*) FROM inbox") == 0
