"""Selects the readers whose digest begins with the day's lede.

Readers who have had it, or who muted a story that it mentions, do not get it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.database.connection import Connection
from app.digests import store
from app.digests.lede_store import Lede, present_ledes
from app.digests.round import Round
from app.digests.select import excluded
from app.readers.store import Reader
from app.readers.tastes import Taste
from app.text.phrases import words_of

# The kinds of digests about the present day.
KINDS = ("daily", "asked")


async def ledes_for(
    connection: Connection,
    kind: str,
    readers: Sequence[Reader],
    tastes: Mapping[int, Taste],
    stories: Round,
    now: datetime,
) -> dict[int, Lede]:
    """Chat id → the lede of the digest that is made at `now`, for the readers who get one."""
    if kind not in KINDS:
        return {}
    ledes = await present_ledes(connection, now)
    if not ledes:
        return {}
    last = await store.last_digests(connection, [reader.chat_id for reader in readers])
    return {
        reader.chat_id: lede
        for reader in readers
        if (lede := ledes.get(reader.reads)) is not None
        and last.get(reader.chat_id, lede.made_at) <= lede.made_at
        and not _is_muted(lede, tastes[reader.chat_id], stories)
    }


def _is_muted(lede: Lede, taste: Taste, stories: Round) -> bool:
    """Whether a lede mentions a story that the reader muted."""
    if not taste.muted_words and not taste.muted_sites:
        return False
    told = words_of([lede.text])
    if any(map(told.speak_of, taste.muted_words)):
        return True
    left_out = excluded(stories, taste, ())
    return any(stories.place_by_id.get(story_id) in left_out for story_id in lede.story_ids)
