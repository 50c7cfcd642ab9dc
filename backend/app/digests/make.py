"""One reader's digest: chosen, kept and composed, within the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.database.connection import Connection
from app.digests import store
from app.digests.candidates import Candidate
from app.digests.compose import Composed, compose_digest, heading
from app.digests.select import select
from app.readers.schedule import local_day
from app.readers.store import Reader, Taste


@dataclass(frozen=True, slots=True)
class Digest:
    """A kept digest and its messages."""

    id: int
    messages: tuple[Composed, ...]


async def make_digest(
    connection: Connection,
    reader: Reader,
    taste: Taste,
    kind: str,
    candidates: Sequence[Candidate],
    now: datetime,
) -> Digest | None:
    """Choose from `candidates` for a reader. None when nothing fits, or when today's is made already.

    `kind` is daily, weekly, asked or alert. The stories count as seen from now on.
    """
    seen = await store.seen_stories(connection, reader.chat_id)
    choices = select(
        candidates,
        taste,
        seen,
        minimum_points=reader.minimum_points,
        count=reader.story_count,
        now=now,
    )
    if not choices:
        return None
    day = local_day(reader.timezone, now)
    digest_id = await store.add_digest(connection, reader.chat_id, kind, day, choices)
    if digest_id is None:
        return None
    first_line = heading(kind, day, reader.language)
    messages = compose_digest(first_line, choices, reader.style, reader.language)
    return Digest(digest_id, tuple(messages))
