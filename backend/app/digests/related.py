"""Finds stories that a reader saw earlier and that are related to a given one."""

from __future__ import annotations

from collections.abc import Sequence

from app.database.connection import Connection
from app.digests.candidates import Candidate
from app.digests.events import MIN_IN_COMMON, word_vectors
from app.digests.history import PastStory, seen_earlier
from app.text.phrases import words_of

MAX_LOOKED_AT = 200
MAX_RELATED = 3
# Lower than for one event. On titles of 2026's front pages, stories below it only share words.
RELATED = 0.3


async def related_stories(
    connection: Connection, chat_id: int, story: Candidate
) -> list[PastStory]:
    """The most similar stories that the reader saw earlier, the most similar first."""
    earlier = await seen_earlier(
        connection, chat_id, [story.id, *story.duplicates], limit=MAX_LOOKED_AT
    )
    return nearest(story.title, story.topics, earlier)


def nearest(
    title: str, topics: Sequence[str], earlier: Sequence[tuple[PastStory, Sequence[str]]]
) -> list[PastStory]:
    """The stories of `earlier`, each with its topics, that are most similar to a story."""
    titles = [
        words_of([title]).distinct(),
        *(words_of([one.title]).distinct() for one, _ in earlier),
    ]
    texts = [words_of(topics).distinct(), *(words_of(named).distinct() for _, named in earlier)]
    own, *others = word_vectors(titles, texts)
    likeness = {}
    for place, vector in enumerate(others):
        shared = own.keys() & vector.keys()
        if len(shared) >= MIN_IN_COMMON:
            likeness[place] = sum(own[word] * vector[word] for word in shared)
    best = sorted(likeness, key=likeness.__getitem__, reverse=True)
    return [earlier[place][0] for place in best if likeness[place] >= RELATED][:MAX_RELATED]
