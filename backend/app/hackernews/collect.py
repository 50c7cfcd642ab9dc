"""The first stage: the lists, the stories on them, and the best ones' discussions."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import chain

from app.cache import Cache
from app.database.connection import Pool
from app.hackernews import discussion_store, duplicate_store, store
from app.hackernews.api import HackerNewsApi, HackerNewsUnavailableError, ListName
from app.hackernews.discussions import read_discussion
from app.hackernews.duplicates import Pointer, believed, dupe_pointer, originals
from app.hackernews.items import Story
from app.hackernews.together import Tell, nobody, together
from app.settings import Settings

log = logging.getLogger(__name__)

# The front page first: when a round is cut short, the rest is what matters less.
LISTS: tuple[ListName, ...] = ("topstories", "beststories", "askstories", "showstories")
BATCH = 50
REFRESHED_AT_ONCE = 500
DISCUSSIONS_AT_ONCE = 6


class Collector:
    """Keeps `stories` and `comments` up to date; any number of instances may run."""

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        cache: Cache | None = None,
        api: HackerNewsApi | None = None,
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._api = api or HackerNewsApi(settings.hn_api_url, cache)

    async def step(self, tell: Tell = nobody) -> int:
        """Do one round.

        Returns:
            How many stories and discussions were stored, which `tell` hears before; 0 too when
            Hacker News did not answer, and the next round does what this one left over.

        Raises:
            OUTAGES: when PostgreSQL is away.
        """
        try:
            stored = await self._refresh_stories(tell)
            await self._collapse_duplicates()
            stored += await self._refresh_discussions(lambda number: tell(stored + number))
            await self._collapse_duplicates()
        except HackerNewsUnavailableError as error:
            log.warning("%s", error)
            return 0
        return stored

    @property
    def answered_at(self) -> datetime | None:
        """When Hacker News last answered anything."""
        return self._api.answered_at

    async def close(self) -> None:
        await self._api.close()

    async def _refresh_stories(self, tell: Tell) -> int:
        lists = [await self._api.ranked(name) for name in LISTS]
        ranks = {story_id: rank for rank, story_id in enumerate(lists[0], start=1)}
        listed = list(dict.fromkeys(chain.from_iterable(lists)))
        new = await store.unknown(self._pool, listed)
        wanted = new + await store.claim_due(self._pool, listed, REFRESHED_AT_ONCE)
        stored = 0
        for start in range(0, len(wanted), BATCH):
            items = await self._api.items(wanted[start : start + BATCH])
            stories = [item for item in items if isinstance(item, Story)]
            await store.save_stories(self._pool, stories, ranks)
            stored += len(stories)
            tell(stored)
        return stored

    async def _refresh_discussions(self, tell: Tell) -> int:
        best = await store.best_of_the_day(self._pool, self._stories_per_day)
        due = await discussion_store.discussions_due(self._pool, best)
        for start in range(0, len(due), DISCUSSIONS_AT_ONCE):
            items = await self._api.items(due[start : start + DISCUSSIONS_AT_ONCE])
            stories = [item for item in items if isinstance(item, Story)]
            await together(self._refresh_discussion(story) for story in stories)
            tell(min(start + DISCUSSIONS_AT_ONCE, len(due)))
        return len(due)

    async def _refresh_discussion(self, story: Story) -> None:
        comments = await read_discussion(story, self._api.items)
        await discussion_store.save_discussion(self._pool, story.id, comments)

    async def _collapse_duplicates(self) -> None:
        pointers = [
            Pointer(story_id, target, author)
            for story_id, author, text in await duplicate_store.linking_comments(self._pool)
            if (target := dupe_pointer(text)) is not None and target != story_id
        ]
        named = list({story_id for one in pointers for story_id in (one.source, one.target)})
        submissions = await duplicate_store.submissions(self._pool, named)
        titles = {submission.id: submission.title for submission in submissions}
        wanted = originals(submissions, believed(pointers, titles))
        changed = {
            submission.id: wanted[submission.id]
            for submission in submissions
            if wanted[submission.id] != submission.duplicate_of
        }
        await duplicate_store.save_duplicates(self._pool, changed)
