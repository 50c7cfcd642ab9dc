"""Makes digests for a batch of readers: chosen, stored and composed in the caller's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.digests import store, subjects
from app.digests.candidates import DAILY_AGE, WEEKLY_AGE, Candidate, load_candidates
from app.digests.compose import Composed, compose_digest
from app.digests.description import describe_digest
from app.digests.lede_readers import ledes_for
from app.digests.lede_store import Lede
from app.digests.rich import RICH, compose_rich
from app.digests.rich_blocks import RichMessage
from app.digests.round import Round
from app.digests.sections import arrange
from app.digests.select import select
from app.digests.store import NewDigest
from app.readers.due import digest_day
from app.readers.store import Reader
from app.readers.tastes import load_tastes

# The age up to which loaded candidates are reused, so that not every reader costs a query.
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Digest:
    """A stored digest and its messages."""

    id: int
    messages: tuple[Composed, ...]
    # The same as one rich message, if the reader wants that and it fits.
    rich: RichMessage | None = None
    # That message without pictures, if it has any: Telegram may refuse one that it cannot load.
    rich_without_pictures: RichMessage | None = None


class Rounds:
    """The current round of each kind of digest, reused for half a minute."""

    def __init__(self) -> None:
        self._rounds: dict[timedelta, Round] = {}

    async def present(self, connection: Connection, kind: str, now: datetime) -> Round:
        """The round for a digest of this kind."""
        horizon = WEEKLY_AGE if kind == "weekly" else DAILY_AGE
        present = self._rounds.get(horizon)
        # A round in the future was made while the clock was ahead.
        if present is None or abs(now - present.now) > FRESH:
            candidates = await load_candidates(connection, now, horizon)
            # In a thread, so that it does not block other readers.
            present = await asyncio.to_thread(_new_round, candidates, now, horizon)
            self._rounds[horizon] = present
        return present


def _new_round(candidates: list[Candidate], now: datetime, horizon: timedelta) -> Round:
    subjects.prepare()
    return Round(candidates, now, horizon)


async def make_digests(
    connection: Connection,
    kind: str,
    readers: Sequence[Reader],
    stories: Round,
    now: datetime,
    notice: Callable[[str], str] = lambda _: "",
    translated: Collection[str] = (),
) -> dict[int, Digest]:
    """Choose from `stories` for each reader. Returns chat id → digest.

    Readers for whom no story qualifies, or who already have the day's digest, are left out. `kind`
    is daily, weekly or asked. The chosen stories count as seen from now on; for a weekly digest,
    which contains the week's best, only those of earlier weekly ones. `notice` returns the
    operator's line in a language; `translated` are the languages into which summaries are
    translated.
    """
    chat_ids = [reader.chat_id for reader in readers]
    tastes = await load_tastes(connection, chat_ids)
    kinds = ("weekly",) if kind == "weekly" else None
    seen = await store.seen_stories(connection, chat_ids, list(stories.place_by_id), kinds)
    chosen = {
        reader.chat_id: NewDigest(
            reader.chat_id,
            kind,
            digest_day(reader, kind, now),
            arrange(
                select(
                    stories,
                    tastes[reader.chat_id],
                    seen[reader.chat_id],
                    minimum_points=reader.minimum_points,
                    count=reader.story_count,
                )
            ),
        )
        for reader in readers
    }
    ledes = await ledes_for(connection, kind, readers, tastes, stories, now)
    ids = await store.add_digests(connection, [one for one in chosen.values() if one.choices])
    return {
        reader.chat_id: compose(
            *(reader, ids[reader.chat_id], chosen[reader.chat_id]),
            *(notice(reader.language), ledes.get(reader.chat_id), translated),
        )
        for reader in readers
        if reader.chat_id in ids
    }


def compose(
    reader: Reader,
    digest_id: int,
    digest: NewDigest,
    notice: str = "",
    lede: Lede | None = None,
    translated: Collection[str] = (),
) -> Digest:
    """A kept digest with its messages in the reader's language, style and look."""
    described = describe_digest(
        digest.kind,
        digest.day,
        digest.sections,
        reader.style,
        reader.language,
        notice,
        lede.text if lede else None,
        reads=reader.reads,
        translated=translated,
    )
    messages = tuple(compose_digest(described))
    if reader.look != RICH:
        return Digest(digest_id, messages)
    bare = compose_rich(described)
    pictured = compose_rich(described, pictures=True) if reader.pictures else None
    rich = pictured or bare
    return Digest(digest_id, messages, rich, None if rich == bare else bare)
