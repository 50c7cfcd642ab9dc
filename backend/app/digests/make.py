"""Digests of a batch of readers: chosen, kept and composed, within the caller's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.digests import store
from app.digests.candidates import DAILY_AGE, WEEKLY_AGE, load_candidates
from app.digests.compose import Composed, compose_digest, heading
from app.digests.round import Round
from app.digests.select import select
from app.digests.store import NewDigest
from app.readers.due import digest_day
from app.readers.store import Reader
from app.readers.tastes import load_tastes

# What is new in these last seconds can wait; asking the database for every reader cannot.
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Digest:
    """A kept digest and its messages."""

    id: int
    messages: tuple[Composed, ...]


class Rounds:
    """The present round of each kind of digest, shared by the readers of half a minute."""

    def __init__(self) -> None:
        self._rounds: dict[timedelta, Round] = {}

    async def present(self, connection: Connection, kind: str, now: datetime) -> Round:
        """The stories to choose from in a digest of this kind."""
        horizon = WEEKLY_AGE if kind == "weekly" else DAILY_AGE
        present = self._rounds.get(horizon)
        if present is None or now - present.now > FRESH:
            candidates = await load_candidates(connection, now, horizon)
            # In a thread, because it takes longer than other readers should wait.
            present = await asyncio.to_thread(Round, candidates, now, horizon)
            self._rounds[horizon] = present
        return present


async def make_digests(
    connection: Connection, kind: str, readers: Sequence[Reader], stories: Round, now: datetime
) -> dict[int, Digest]:
    """Choose from `stories` for each reader. Returns chat id → digest.

    Readers for whom nothing fits, or who have the day's digest already, are left out. `kind` is
    daily, weekly or asked. The stories count as seen from now on.
    """
    chat_ids = [reader.chat_id for reader in readers]
    tastes = await load_tastes(connection, chat_ids)
    seen = await store.seen_stories(connection, chat_ids, list(stories.place_by_id))
    chosen = {
        reader.chat_id: NewDigest(
            reader.chat_id,
            kind,
            digest_day(reader, kind, now),
            select(
                stories,
                tastes[reader.chat_id],
                seen[reader.chat_id],
                minimum_points=reader.minimum_points,
                count=reader.story_count,
            ),
        )
        for reader in readers
    }
    ids = await store.add_digests(connection, [one for one in chosen.values() if one.choices])
    return {
        reader.chat_id: Digest(ids[reader.chat_id], compose(reader, chosen[reader.chat_id]))
        for reader in readers
        if reader.chat_id in ids
    }


def compose(reader: Reader, digest: NewDigest) -> tuple[Composed, ...]:
    """The messages of a digest in the reader's language and style."""
    first_line = heading(digest.kind, digest.day, reader.language)
    return tuple(compose_digest(first_line, digest.choices, reader.style, reader.language))
