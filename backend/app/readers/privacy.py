"""A reader's data belongs to the reader: all of it handed out, all of it deleted.

Which tables speak of a chat or a person is asked of the database, so that no table added later can
be forgotten here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from app.database.connection import Connection

# Updates are kept without their content, because Telegram may deliver one of them again.
_INBOX = "inbox"
_NOBODY = 0
# A call that is no message, such as that the bot is typing, names the chat inside.
_INSIDE = {"outbox": "parameters @> jsonb_build_object('chat_id', $1::bigint)"}


async def export_everything(
    connection: Connection, chat_id: int
) -> dict[str, list[dict[str, Any]]]:
    """Every row about a chat, by table, as JSON has it; and the stories that the rows name."""
    everything: dict[str, list[dict[str, Any]]] = {}
    story_ids: set[int] = set()
    for table, condition in (await _tables(connection)).items():
        rows = await connection.fetch(
            f"SELECT to_jsonb({table}) AS row FROM {table} WHERE {condition}", chat_id
        )
        everything[table] = [_without_documents(row["row"]) for row in rows]
        story_ids.update(row.get("story_id") or 0 for row in everything[table])
    stories = await connection.fetch(
        "SELECT id, title, url FROM stories WHERE id = ANY($1) ORDER BY id", list(story_ids)
    )
    return everything | {"stories": [dict(story) for story in stories]}


def _without_documents(row: dict[str, Any]) -> dict[str, Any]:
    """A sent file would bring all earlier exports along; its name tells which it was."""
    parameters = row.get("parameters")
    if isinstance(parameters, dict) and isinstance(parameters.get("document"), dict):
        row["parameters"] = parameters | {"document": parameters["document"].get("filename")}
    return row


async def delete_everything(connection: Connection, chat_id: int, update_id: int) -> None:
    """Delete every row about a chat, and what its person did in other chats.

    Updates that still wait are left to be handled: they were sent after the one with `update_id`,
    which asked for this, and begin a new acquaintance.
    """
    # Whoever makes a digest for this reader just now has the row locked, and what they add is to
    # go as well.
    await connection.execute("SELECT FROM readers WHERE chat_id = $1 FOR UPDATE", chat_id)
    await connection.execute(
        """
        UPDATE inbox SET chat_id = $3, payload = '{}', error = NULL
        WHERE (state <> 'pending' OR update_id = $2)
          AND (chat_id = $1
               OR jsonb_path_exists(payload, '$.**.id ? (@ == $id)', jsonb_build_object('id', $1)))
        """,
        chat_id,
        update_id,
        _NOBODY,
    )
    for table, condition in (await _tables(connection)).items():
        if table != _INBOX:
            await connection.execute(f"DELETE FROM {table} WHERE {condition}", chat_id)


async def _tables(connection: Connection) -> dict[str, str]:
    """The tables that speak of a chat or a person, and the condition that finds the rows.

    In a private chat the chat's id is the person's.
    """
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for row in await connection.fetch(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND column_name IN ('chat_id', 'user_id')
        ORDER BY table_name, column_name
        """
    ):
        columns[row["table_name"]].append(row["column_name"])
    return {
        table: " OR ".join(
            [*(f"{name} = $1::bigint" for name in names), *filter(None, [_INSIDE.get(table)])]
        )
        for table, names in columns.items()
    }
