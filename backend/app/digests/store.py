"""The SQL of digests and their stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.digests.sections import DigestSection
from app.digests.select import SelectedStory

# The default number of stories, to estimate how many rows a deletion takes.
STORIES_OF_A_DIGEST = 7


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A digest before it is stored: its reader, kind, local date and sections."""

    chat_id: int
    kind: str
    day: date
    sections: Sequence[DigestSection]

    @property
    def choices(self) -> list[SelectedStory]:
        """The stories in the order of their numbers."""
        return [choice for section in self.sections for choice in section.choices]


async def seen_stories(
    connection: Connection,
    chat_ids: Sequence[int],
    story_ids: Sequence[int],
    kinds: Sequence[str] | None = None,
) -> dict[int, set[int]]:
    """For each reader the stories among `story_ids` that a digest of these kinds contained."""
    seen: dict[int, set[int]] = {chat_id: set() for chat_id in chat_ids}
    for row in await connection.fetch(
        """
        SELECT chat_id, story_id FROM digest_stories
        WHERE chat_id = ANY($1) AND story_id = ANY($2) AND seen
          AND ($3::text[] IS NULL
               OR (SELECT kind FROM digests WHERE id = digest_id) = ANY($3))
        """,
        list(chat_ids),
        list(story_ids),
        kinds,
    ):
        seen[row["chat_id"]].add(row["story_id"])
    return seen


async def add_digests(connection: Connection, digests: Sequence[NewDigest]) -> dict[int, int]:
    """Insert digests, at most one per reader. Returns chat id → digest id.

    A reader who already has the scheduled digest of this kind and day gets no second one.
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
    chosen = [
        (ids[digest.chat_id], digest.chat_id, position, choice)
        for digest in digests
        if digest.chat_id in ids
        for position, choice in enumerate(digest.choices, 1)
    ]
    await connection.execute(
        """
        INSERT INTO digest_stories (digest_id, chat_id, story_id, position, score, reasons)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::float[],
                             $6::jsonb[])
        """,
        [digest_id for digest_id, *_ in chosen],
        [chat_id for _, chat_id, *_ in chosen],
        [choice.candidate.id for *_, choice in chosen],
        [position for *_, position, _ in chosen],
        [round(choice.score, 4) for *_, choice in chosen],
        [{name: round(value, 4) for name, value in choice.terms.items()} for *_, choice in chosen],
    )
    return ids


async def last_digests(connection: Connection, chat_ids: Sequence[int]) -> dict[int, datetime]:
    """When each reader's last digest was made, without alerts; only readers who had one."""
    rows = await connection.fetch(
        """
        SELECT chat_id, max(created_at) AS at FROM digests
        WHERE chat_id = ANY($1) AND kind <> 'alert' GROUP BY chat_id
        """,
        list(chat_ids),
    )
    return {row["chat_id"]: row["at"] for row in rows}


async def with_digests(
    connection: Connection, chat_ids: Sequence[int], least: int
) -> frozenset[int]:
    """The readers with at least `least` digests, not counting alerts."""
    rows = await connection.fetch(
        """
        SELECT chat_id FROM digests WHERE chat_id = ANY($1) AND kind <> 'alert'
        GROUP BY chat_id HAVING count(*) >= $2
        """,
        list(chat_ids),
        least,
    )
    return frozenset(row["chat_id"] for row in rows)


async def count_alerts(connection: Connection, days: Mapping[int, date]) -> dict[int, int]:
    """The stories that alerts sent to each reader today, and the messages about replies on Hacker
    News; `days` is chat id → the reader's date.
    """
    rows = await connection.fetch(
        """
        SELECT wanted.chat_id, count(digest_stories.story_id) + (
                 SELECT count(DISTINCT told_at) FROM told_replies
                 WHERE told_replies.chat_id = wanted.chat_id AND told_on = wanted.day) AS number
        FROM unnest($1::bigint[], $2::date[]) AS wanted (chat_id, day)
             LEFT JOIN digests ON digests.chat_id = wanted.chat_id AND kind = 'alert'
                              AND local_day = wanted.day
             LEFT JOIN digest_stories ON digest_id = digests.id
        GROUP BY wanted.chat_id, wanted.day
        """,
        list(days),
        list(days.values()),
    )
    return {row["chat_id"]: row["number"] for row in rows}


async def reasons(connection: Connection, chat_id: int, story_id: int) -> dict[str, float] | None:
    """The terms of the score with which a story was last chosen for a reader, or None."""
    found: dict[str, float] | None = await connection.fetchval(
        """
        SELECT reasons FROM digest_stories WHERE chat_id = $1 AND story_id = $2
        -- news about a story that the reader follows have none
        ORDER BY reasons = '{}', digest_id DESC LIMIT 1
        """,
        chat_id,
        story_id,
    )
    return found


async def stories_of_digest(
    connection: Connection, chat_id: int, digest_id: int | None = None
) -> list[tuple[int, str]]:
    """The stories of a digest, or of the reader's last one, in order, with their titles."""
    rows = await connection.fetch(
        """
        SELECT stories.id, title
        FROM digest_stories JOIN stories ON stories.id = story_id
        WHERE digest_stories.chat_id = $1
          AND digest_id = coalesce($2, (SELECT max(id) FROM digests
                                        WHERE chat_id = $1 AND kind <> 'alert'))
          AND seen
        ORDER BY position
        """,
        chat_id,
        digest_id,
    )
    return [(row["id"], row["title"]) for row in rows]


async def forget_digests(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old digests with the list of their stories, about `limit` rows at once. Returns the
    number of digests.
    """
    most = max(1, limit // STORIES_OF_A_DIGEST)
    return await delete_older(connection, "digests", "created_at", age, most)
