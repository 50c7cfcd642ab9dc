"""SQL on the digests that were made and what was in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.digests.select import Choice

# As most readers have it; for how much is deleted at once.
STORIES_OF_A_DIGEST = 7


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A digest before it is kept: whose, of which kind, for which local date, and its stories."""

    chat_id: int
    kind: str
    day: date
    choices: Sequence[Choice]


async def seen_stories(
    connection: Connection, chat_ids: Sequence[int], story_ids: Sequence[int]
) -> dict[int, set[int]]:
    """For each reader the stories among `story_ids` that a digest has brought already."""
    seen: dict[int, set[int]] = {chat_id: set() for chat_id in chat_ids}
    for row in await connection.fetch(
        """
        SELECT chat_id, story_id FROM digest_stories
        WHERE chat_id = ANY($1) AND story_id = ANY($2) AND seen
        """,
        list(chat_ids),
        list(story_ids),
    ):
        seen[row["chat_id"]].add(row["story_id"])
    return seen


async def add_digests(connection: Connection, digests: Sequence[NewDigest]) -> dict[int, int]:
    """Keep digests, at most one a reader. Returns chat id → digest id.

    A reader who already has the scheduled digest of the kind and day gets no other.
    """
    rows = await connection.fetch(
        """
        INSERT INTO digests (chat_id, kind, local_day)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::date[])
        ON CONFLICT (chat_id, kind, local_day) WHERE kind IN ('daily', 'weekly') DO NOTHING
        RETURNING chat_id, id
        """,
        [digest.chat_id for digest in digests],
        [digest.kind for digest in digests],
        [digest.day for digest in digests],
    )
    ids = {row["chat_id"]: row["id"] for row in rows}
    await connection.executemany(
        """
        INSERT INTO digest_stories (digest_id, chat_id, story_id, position, score, reasons)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [
            (
                ids[digest.chat_id],
                digest.chat_id,
                choice.candidate.id,
                position,
                round(choice.score, 4),
                {name: round(value, 4) for name, value in choice.terms.items()},
            )
            for digest in digests
            if digest.chat_id in ids
            for position, choice in enumerate(digest.choices, 1)
        ],
    )
    return ids


async def count_alerts(connection: Connection, days: Mapping[int, date]) -> dict[int, int]:
    """For each reader (chat id → the reader's date) how many stories alerts brought that day."""
    rows = await connection.fetch(
        """
        SELECT wanted.chat_id, count(digest_stories.story_id) AS number
        FROM unnest($1::bigint[], $2::date[]) AS wanted (chat_id, day)
             LEFT JOIN digests ON digests.chat_id = wanted.chat_id AND kind = 'alert'
                              AND local_day = wanted.day
             LEFT JOIN digest_stories ON digest_id = digests.id
        GROUP BY wanted.chat_id
        """,
        list(days),
        list(days.values()),
    )
    return {row["chat_id"]: row["number"] for row in rows}


async def reasons(connection: Connection, chat_id: int, story_id: int) -> dict[str, float] | None:
    """The terms of the score with which a story was last chosen for a reader, if it was."""
    found: dict[str, float] | None = await connection.fetchval(
        """
        SELECT reasons FROM digest_stories WHERE chat_id = $1 AND story_id = $2
        ORDER BY digest_id DESC LIMIT 1
        """,
        chat_id,
        story_id,
    )
    return found


async def story_at(
    connection: Connection, chat_id: int, position: int, digest_id: int | None = None
) -> int | None:
    """The story with this number in a digest, or in the reader's last one that has so many."""
    story_id: int | None = await connection.fetchval(
        """
        SELECT story_id FROM digest_stories
        WHERE chat_id = $1 AND position = $2 AND ($3::bigint IS NULL OR digest_id = $3)
        ORDER BY digest_id DESC LIMIT 1
        """,
        chat_id,
        position,
        digest_id,
    )
    return story_id


async def latest_stories(connection: Connection, chat_id: int, limit: int) -> list[tuple[int, str]]:
    """The stories of a reader's last digest, in its order, with their titles."""
    rows = await connection.fetch(
        """
        SELECT stories.id, title
        FROM digest_stories JOIN stories ON stories.id = story_id
        WHERE digest_id = (SELECT max(id) FROM digests
                           WHERE chat_id = $1 AND kind <> 'alert') AND seen
        ORDER BY position LIMIT $2
        """,
        chat_id,
        limit,
    )
    return [(row["id"], row["title"]) for row in rows]


async def forget_digests(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete digests, and which stories were in them: about so many rows at once. Returns how many
    digests.
    """
    most = max(1, limit // STORIES_OF_A_DIGEST)
    return await delete_older(connection, "digests", "id", "created_at", age, most)
