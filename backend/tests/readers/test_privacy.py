"""The export and the deletion of a reader's data cover every table."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from app.database.connection import Pool
from app.readers.personal_data import write_document
from app.readers.privacy import Eraser, delete_everything
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
    await database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state)
        SELECT 'mention', $2, 'sendMessage',
               jsonb_build_object('text', '<a href="tg://user?id=' || $1::bigint || '">Ada</a>'),
               0, TRUE, 'sent'
        """,
        READER,
        GROUP,
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


async def delete(database: Pool, chat_id: int) -> None:
    """As the update ASKING does, which is handled by that, and as is done behind it."""
    async with database.acquire() as connection, connection.transaction():
        await delete_everything(connection, chat_id)
        await connection.execute("UPDATE inbox SET state = 'done' WHERE update_id = $1", ASKING)
    assert await Eraser(database).step() == 1
    assert await Eraser(database).step() == 0


async def test_nothing_of_the_deleted_reader_is_left_in_any_table(database: Pool) -> None:
    await fill(database)
    about_other = await rows_mentioning(database, OTHER)
    assert len(await rows_mentioning(database, READER)) >= 9
    await delete(database, READER)
    assert await rows_mentioning(database, READER) == {}
    assert await rows_mentioning(database, OTHER) == about_other


async def test_update_ids_are_kept_after_a_deletion(database: Pool) -> None:
    await fill(database)
    await delete(database, READER)
    rows = await database.fetch("SELECT update_id, payload FROM inbox ORDER BY update_id")
    assert [(row["update_id"], bool(row["payload"])) for row in rows] == [
        (40, False),
        (41, False),
        (42, True),
        (ASKING, False),
        (ASKING + 1, True),
    ]


async def test_updates_after_a_deletion_request_are_kept(database: Pool) -> None:
    await fill(database)
    await delete(database, OTHER)
    assert await rows_mentioning(database, OTHER) == {"inbox": 1}


async def test_the_export_contains_every_row_about_the_reader(database: Pool) -> None:
    await fill(database)
    about = await rows_mentioning(database, READER)
    file = StringIO()
    async with database.acquire() as connection:
        await write_document(connection, READER, READER, file, 10**6)
    everything: dict[str, Any] = json.loads(file.getvalue())
    assert [story["title"] for story in everything.pop("stories")] == ["Cheese matters"]
    # What the reader wrote in a group stands in the group's inbox, which is the group's; what is
    # said of the reader in other chats is theirs, and that the bot is typing is no message.
    assert len(everything.pop("messages_from_you")) == about.pop("inbox") - 1
    assert len(everything.pop("messages_to_you")) == about.pop("outbox") - 2
    counts = {
        table: len(rows) for table, rows in everything.items() if rows and isinstance(rows, list)
    }
    assert counts == about
