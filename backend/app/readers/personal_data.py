"""The data export for a person: every row about the person, without technical columns.

For a group it contains the group's own data and what the requesting person did there; other
members' votes and questions are theirs. The tables are found through the database's catalogue, so
that later tables are included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from app.database.connection import Connection

# The two queues contain messages, which are exported as such.
INBOX, OUTBOX = "inbox", "outbox"
PREFETCHED_ROWS = 50
# Technical columns contain nothing about a person.
_TECHNICAL = ["chat_id", "claimed_until", "attempts", "file", "reply_to_message_id", "added_by",
              "payer"]  # fmt: skip
_OF_A_MESSAGE = ["message_id", "date", "chat", "from", "sender_chat", "entities", "reply_markup"]


@dataclass(frozen=True, slots=True)
class Section:
    """A list in the document: its name, and SQL with one column, JSON as text."""

    name: str
    sql: str
    arguments: tuple[object, ...]


async def columns_by_table(connection: Connection) -> dict[str, list[str]]:
    """The tables that refer to a chat or a person, with the columns that do."""
    columns: dict[str, list[str]] = {}
    for row in await connection.fetch(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND column_name IN ('chat_id', 'user_id', 'added_by')
        ORDER BY table_name, column_name
        """
    ):
        columns.setdefault(row["table_name"], []).append(row["column_name"])
    return columns


async def sections(connection: Connection, chat_id: int, user_id: int) -> list[Section]:
    """The data of a chat for the person `user_id`; both ids are equal in a private chat."""
    found, with_stories = [], []
    private = chat_id == user_id
    ids = {"chat_id": chat_id, "user_id": user_id}
    for table, names in (await columns_by_table(connection)).items():
        if table in (INBOX, OUTBOX):
            continue
        # In a private chat also the person's actions elsewhere.
        terms = [f"{name} = {ids[name]:d}" for name in names if name in ids]
        condition = (" OR " if private else " AND ").join(terms)
        sql = f"SELECT (to_jsonb({table}) - $1::text[])::text FROM {table} WHERE {condition}"
        found.append(Section(table, sql, (_TECHNICAL,)))
        if await _has_story(connection, table):
            with_stories.append(f"SELECT story_id FROM {table} WHERE {condition}")
    stories = f"""
        SELECT jsonb_build_object('id', id, 'title', title, 'url', url)::text FROM stories
        WHERE id IN ({" UNION ".join(with_stories)}) ORDER BY id
    """
    found.append(Section("stories", stories, ()))
    if private:
        groups = "SELECT jsonb_build_object('name', name)::text FROM readers WHERE added_by = $1"
        found.append(Section("groups_added", groups, (user_id,)))
    return [*found, _messages_from(chat_id, user_id), _messages_to(chat_id, private=private)]


async def write_document(
    connection: Connection, chat_id: int, user_id: int, file: IO[str], max_bytes: int
) -> None:
    """Write the document row by row, in a transaction with a single snapshot.

    The messages come last, the newest first; those that do not fit in `max_bytes` are counted under
    `left_out`.
    """
    written = 0
    left_out: dict[str, int] = {}

    def write(words: str) -> None:
        nonlocal written
        file.write(words)
        written += len(words.encode())

    async with connection.transaction(isolation="repeatable_read", readonly=True):
        at = await connection.fetchval("SELECT to_json(now())::text")
        write(f'{{\n"exported_at": {at}')
        for section in await sections(connection, chat_id, user_id):
            write(f',\n"{section.name}": [')
            separator = "\n  "
            async for row in _rows(connection, section):
                if written + len(row.encode()) > max_bytes:
                    left_out[section.name] = left_out.get(section.name, 0) + 1
                    continue
                write(f"{separator}{row}")
                separator = ",\n  "
            write("]")
    counted = ", ".join(f'"{name}": {count}' for name, count in left_out.items())
    write(f',\n"left_out": {{{counted}}}\n}}\n')


async def _rows(connection: Connection, section: Section) -> AsyncIterator[str]:
    cursor = connection.cursor(section.sql, *section.arguments, prefetch=PREFETCHED_ROWS)
    async for row in cursor:
        yield row[0]


async def _has_story(connection: Connection, table: str) -> bool:
    found = await connection.fetchval(
        """
        SELECT count(*) > 0 FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = $1 AND column_name = 'story_id'
        """,
        table,
    )
    return bool(found)


def _messages_from(chat_id: int, user_id: int) -> Section:
    """What the person sent or tapped, as long as it is stored."""
    sql = f"""
        SELECT (jsonb_build_object('at', received_at)
                || coalesce(payload -> 'message', payload -> 'channel_post', '{{}}') - $3::text[]
                || jsonb_strip_nulls(jsonb_build_object(
                     'pressed', payload #> '{{callback_query,data}}')))::text
        FROM {INBOX}
        WHERE chat_id = $1 AND payload <> '{{}}'
          AND ($1 = $2::bigint OR $2::text IN (payload #>> '{{message,from,id}}',
                                       payload #>> '{{callback_query,from,id}}'))
        ORDER BY update_id DESC
    """
    return Section("messages_from_you", sql, (chat_id, user_id, _OF_A_MESSAGE))


def _messages_to(chat_id: int, *, private: bool) -> Section:
    """Messages sent to the chat or pending; for a group only its digests, because replies reveal
    what other members asked.
    """
    sql = f"""
        SELECT jsonb_strip_nulls(jsonb_build_object(
                 'at', created_at, 'sent_at', sent_at,
                 'text', coalesce(parameters ->> 'text', parameters ->> 'caption',
                                  fallback #>> '{{calls,0,1,text}}',
                                  fallback #>> '{{then,calls,0,1,text}}')))::text
        FROM {OUTBOX}
        WHERE chat_id = $1 AND ($2 OR digest_id IS NOT NULL)
        ORDER BY id DESC
    """
    return Section("messages_to_you", sql, (chat_id, private))
