"""The SQL of the users on Hacker News that readers named, and of the replies sent to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection

# Hacker News' rule for new accounts; the oldest ones may have shorter names.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,15}", re.ASCII)
_PROFILE = re.compile(r"(?:https?://)?news\.ycombinator\.com/user\?id=", re.IGNORECASE)
# Older replies are not sent.
MAX_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment in reply to a post of the user `name`; `about` is the beginning of the post."""

    comment_id: int
    name: str
    author: str
    about: str
    text: str


def parse_name(typed: str) -> str | None:
    """The user name in typed words or in the address of a profile; None if there is none."""
    name = _PROFILE.sub("", typed.strip(), count=1).removeprefix("@")
    return name if _NAME.fullmatch(name) else None


async def set_name(connection: Connection, chat_id: int, name: str | None) -> None:
    """Set the user whose replies this reader receives; None: no replies."""
    if name is None:
        await connection.execute("DELETE FROM hn_names WHERE chat_id = $1", chat_id)
        return
    await connection.execute(
        """
        INSERT INTO hn_names AS known (chat_id, name) VALUES ($1, $2)
        ON CONFLICT (chat_id) DO UPDATE SET name = $2, since = now() WHERE known.name <> $2
        """,
        chat_id,
        name,
    )


async def name_of(connection: Connection, chat_id: int) -> str | None:
    """The user that a reader has named."""
    name: str | None = await connection.fetchval(
        "SELECT name FROM hn_names WHERE chat_id = $1", chat_id
    )
    return name


async def delete_unknown_names(connection: Connection) -> list[tuple[int, str]]:
    """Remove the names that do not exist on Hacker News. Returns them with their readers."""
    rows = await connection.fetch(
        """
        DELETE FROM hn_names USING hn_users
        WHERE hn_users.name = hn_names.name AND unknown
        RETURNING chat_id, hn_names.name
        """
    )
    return [(row["chat_id"], row["name"]) for row in rows]


_NEW = f"""
    hn_names JOIN hn_replies ON hn_replies.name = hn_names.name JOIN readers USING (chat_id)
    WHERE text IS NOT NULL AND author IS NOT NULL
      AND found_at > since AND found_at > now() - interval '{MAX_AGE.days} days'
      AND alerts_per_day > 0 AND unreachable_at IS NULL AND refusing_since IS NULL
      AND paused_at IS NULL
      AND NOT EXISTS (SELECT FROM told_replies AS told
                      WHERE told.chat_id = hn_names.chat_id
                        AND told.comment_id = hn_replies.comment_id)
"""


async def readers_with_new_replies(connection: Connection, limit: int) -> list[int]:
    """Some of the readers who have unsent replies."""
    rows = await connection.fetch(
        f"SELECT DISTINCT chat_id FROM {_NEW} ORDER BY chat_id LIMIT $1", limit
    )
    return [row["chat_id"] for row in rows]


async def new_replies(connection: Connection, chat_ids: Sequence[int]) -> Mapping[int, list[Reply]]:
    """Each reader's unsent replies, the oldest first."""
    replies: dict[int, list[Reply]] = {}
    for row in await connection.fetch(
        f"""
        SELECT chat_id, comment_id, hn_names.name, author, about, text FROM {_NEW}
          AND chat_id = ANY($1) ORDER BY chat_id, comment_id
        """,
        list(chat_ids),
    ):
        chat_id, *reply = row
        replies.setdefault(chat_id, []).append(Reply(*reply))
    return replies


async def mark_sent(
    connection: Connection, chat_id: int, replies: Sequence[Reply], day: date, now: datetime
) -> None:
    """Record that these replies are sent to the reader, in one message of that day."""
    await connection.executemany(
        """
        INSERT INTO told_replies (chat_id, comment_id, told_on, told_at) VALUES ($1, $2, $3, $4)
        """,
        [(chat_id, one.comment_id, day, now) for one in replies],
    )


async def delete_old_replies(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old records of sent replies, at most `limit` at once. Returns the number of rows."""
    return await delete_older(connection, "told_replies", "told_at", age, limit)
