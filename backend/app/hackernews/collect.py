"""The first stage: collects the lists, their stories, and the discussions of the best stories."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import chain

from app.cache import Cache
from app.concurrency import Progress, gather, ignore_progress
from app.database.connection import Pool
from app.hackernews import discussion_store, duplicate_store, store
from app.hackernews.api import HackerNewsApi, HackerNewsUnavailableError, ListName
from app.hackernews.discussions import read_discussion
from app.hackernews.duplicates import SameStory, accepted_pairs, originals
from app.hackernews.items import Story
from app.hackernews.moves import moved_to
from app.hackernews.pointers import read_pointer
from app.hackernews.store import Wanted, no_stories
from app.settings import Settings

log = logging.getLogger(__name__)

# The front page comes first, because a round may be cut short.
LISTS: tuple[ListName, ...] = ("topstories", "beststories", "askstories", "showstories")
BATCH = 50
REFRESHED_AT_ONCE = 500
DISCUSSIONS_AT_ONCE = 6


class Collector:
    """Keeps `stories` and `comments` up to date; any number of instances may run.

    `followed` names stories that are kept up to date however old they are.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        cache: Cache | None = None,
        api: HackerNewsApi | None = None,
        followed: Wanted = no_stories,
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._followed = followed
        self._api = api or HackerNewsApi(settings.hn_api_url, cache)

    async def step(self, progress: Progress = ignore_progress) -> int:
        """Do one round.

        Returns:
            The number of stories and discussions that were stored; `progress` receives the running
            count. 0 also if Hacker News is unavailable; the next round then does the remaining
            work.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        try:
            stored = await self._refresh_stories(progress)
            await self._collapse_duplicates()
            stored += await self._refresh_discussions(lambda number: progress(stored + number))
            await self._collapse_duplicates()
        except HackerNewsUnavailableError as error:
            log.warning("%s", error)
            return 0
        return stored

    @property
    def answered_at(self) -> datetime | None:
        """When Hacker News last returned something usable."""
        return self._api.answered_at

    async def close(self) -> None:
        await self._api.close()

    async def _refresh_stories(self, progress: Progress) -> int:
        lists = [await self._api.ranked(name) for name in LISTS]
        ranks = {story_id: rank for rank, story_id in enumerate(lists[0], start=1)}
        listed = list(dict.fromkeys(chain.from_iterable(lists)))
        new = await store.unknown_stories(self._pool, listed)
        kept = [*listed, *await self._followed()]
        wanted = new + await store.claim_due(self._pool, kept, REFRESHED_AT_ONCE)
        stored = 0
        for start in range(0, len(wanted), BATCH):
            items = await self._api.items(wanted[start : start + BATCH])
            stories = [item for item in items if isinstance(item, Story)]
            await store.save_stories(self._pool, stories, ranks)
            stored += len(stories)
            progress(stored)
        return stored

    async def _refresh_discussions(self, progress: Progress) -> int:
        best = await store.best_of_the_day(self._pool, self._stories_per_day)
        kept = list(dict.fromkeys([*best, *await self._followed()]))
        due = await discussion_store.discussions_due(self._pool, kept)
        for start in range(0, len(due), DISCUSSIONS_AT_ONCE):
            items = await self._api.items(due[start : start + DISCUSSIONS_AT_ONCE])
            stories = [item for item in items if isinstance(item, Story)]
            await gather(self._refresh_discussion(story) for story in stories)
            progress(min(start + DISCUSSIONS_AT_ONCE, len(due)))
        return len(due)

    async def _refresh_discussion(self, story: Story) -> None:
        comments = await read_discussion(story, self._api.items)
        moved: list[tuple[int, int, bool]] = []
        if comments is not None:
            # Read before they are replaced: the old comments show where the discussion was moved.
            stored = await discussion_store.first_answers(self._pool, story.id)
            if (target := await moved_to(story, stored, self._api.items)) is not None:
                await store.save_stories(self._pool, [target], {})
                moved.append((story.id, target.id, True))
        emptied = await discussion_store.save_discussion(self._pool, story.id, comments)
        moved += [(source, story.id, True) for source in emptied]
        await duplicate_store.save_same_stories(self._pool, moved)

    async def _collapse_duplicates(self) -> None:
        await self._store_named_pairs()
        related = await duplicate_store.possibly_same_stories(self._pool)
        submissions = await duplicate_store.submissions(self._pool, related)
        same = await duplicate_store.same_stories(self._pool, related)
        wanted = originals(submissions, [SameStory(*pair) for pair in same])
        changed = {
            submission.id: wanted[submission.id]
            for submission in submissions
            if wanted[submission.id] != submission.duplicate_of
        }
        await duplicate_store.save_duplicates(self._pool, changed)

    async def _store_named_pairs(self) -> None:
        """Store the pairs of stories that commenters call the same.

        The pairs are stored because the comments themselves may be deleted soon.
        """
        pointers = [
            pointer
            for story_id, author, text in await duplicate_store.linking_comments(self._pool)
            if (pointer := read_pointer(story_id, author, text)) is not None
        ]
        named = {story_id for one in pointers for story_id in (one.source, one.target)}
        known = await duplicate_store.submissions(self._pool, named)
        pairs = accepted_pairs(pointers, {submission.id: submission for submission in known})
        await duplicate_store.save_same_stories(self._pool, pairs)
