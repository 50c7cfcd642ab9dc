"""Handing out everything about a reader, and deleting it: looked for in every table there is."""

from __future__ import annotations

import json
from typing import Any

from app.database.connection import Pool
from app.readers.privacy import delete_everything, export_everything
from tests.digests.stories import add_reader, add_stories, candidate

READER, OTHER, GROUP = 7_001_002_003, 7_001_002_004, -1_007_001_002
ASKING = 50


async def fill(database: Pool) -> None:
    """Rows about two readers and a group in every table that can speak of them."""
    story = candidate("Cheese matters")
    await add_stories(database, story)
    for chat_id, user_id in ((READER, READER), (OTHER, OTHER), (GROUP, READER), (GROUP, OTHER)):
        if not await database.fetchval("SELECT TRUE FROM readers WHERE chat_id = $1", chat_id):
            await add_reader(database, chat_id)
            await database.execute(
                "INSERT INTO interests (chat_id, phrase) VALUES ($1, 'cheese')", chat_id
            )
            await database.execute(
                "INSERT INTO mutes (chat_id, kind, value) VALUES ($1, 'word', 'wood')", chat_id
            )
            await database.execute("INSERT INTO saved_stories VALUES ($1, $2)", chat_id, story.id)
            await database.execute(
                """
                WITH made AS (INSERT INTO digests (chat_id, kind, local_day)
                              VALUES ($1, 'daily', '2026-11-23') RETURNING id)
                INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
                SELECT id, $2, $1, 1, 3.5 FROM made
                """,
                chat_id,
                story.id,
            )
            await database.execute(
                """
                INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
                VALUES ($1, $2::bigint, 'sendMessage', jsonb_build_object('chat_id', $2::bigint), 0,
                        TRUE)
                """,
                f"greeting:{chat_id}",
                chat_id,
            )
        await database.execute(
            "INSERT INTO feedback (chat_id, story_id, user_id, opinion) VALUES ($1, $2, $3, 1)",
            chat_id,
            story.id,
            user_id,
        )
        await database.execute(
            """
            INSERT INTO questions (chat_id, story_id, user_id, question)
            VALUES ($1, $2, $3, 'Why?')
            """,
            chat_id,
            story.id,
            user_id,
        )
    await database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
        SELECT 'typing', 0, 'sendChatAction',
               jsonb_build_object('chat_id', $1::bigint, 'action', 'typing'), 0, FALSE
        """,
        READER,
    )
    said = [(40, READER, READER, "done"), (41, GROUP, READER, "done"), (42, OTHER, OTHER, "parked")]
    said += [(ASKING, READER, READER, "pending"), (ASKING + 1, OTHER, OTHER, "pending")]
    for update_id, chat_id, user_id, state in said:
        message = {"chat": {"id": chat_id}, "from": {"id": user_id}, "text": "Hello"}
        await database.execute(
            "INSERT INTO inbox (update_id, chat_id, payload, state) VALUES ($1, $2, $3, $4)",
            update_id,
            chat_id,
            {"update_id": update_id, "message": message},
            state,
        )


async def rows_mentioning(database: Pool, number: int) -> dict[str, int]:
    """How many rows of each table of the database hold `number`, in whatever column."""
    tables = await database.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    found = {}
    for (table,) in tables:
        rows = await database.fetch(f"SELECT to_jsonb({table})::text AS row FROM {table}")
        found[table] = sum(str(number) in row["row"] for row in rows)
    return {table: count for table, count in found.items() if count}


async def test_nothing_of_the_deleted_reader_is_left_in_any_table(database: Pool) -> None:
    await fill(database)
    about_other = await rows_mentioning(database, OTHER)
    assert len(await rows_mentioning(database, READER)) >= 9
    async with database.acquire() as connection, connection.transaction():
        await delete_everything(connection, READER, ASKING)
    assert await rows_mentioning(database, READER) == {}
    assert await rows_mentioning(database, OTHER) == about_other


async def test_updates_stay_known_by_their_number(database: Pool) -> None:
    await fill(database)
    async with database.acquire() as connection, connection.transaction():
        await delete_everything(connection, READER, ASKING)
    rows = await database.fetch("SELECT update_id, payload FROM inbox ORDER BY update_id")
    assert [(row["update_id"], bool(row["payload"])) for row in rows] == [
        (40, False),
        (41, False),
        (42, True),
        (ASKING, False),
        (ASKING + 1, True),
    ]


async def test_what_is_said_after_asking_to_be_deleted_waits_for_its_answer(database: Pool) -> None:
    await fill(database)
    async with database.acquire() as connection, connection.transaction():
        await delete_everything(connection, OTHER, ASKING)
    assert await rows_mentioning(database, OTHER) == {"inbox": 1}


async def test_the_export_holds_every_row_that_speaks_of_the_reader(database: Pool) -> None:
    await fill(database)
    about = await rows_mentioning(database, READER)
    async with database.acquire() as connection:
        everything: dict[str, Any] = await export_everything(connection, READER)
    assert json.loads(json.dumps(everything)) == everything
    stories = everything.pop("stories")
    counts = {table: len(rows) for table, rows in everything.items() if rows}
    # What the reader wrote in a group stands in the group's inbox, which is the group's.
    counts["inbox"] += 1
    assert counts == about
    assert [story["title"] for story in stories] == ["Cheese matters"]
