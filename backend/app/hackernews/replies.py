"""Finds replies to the users of Hacker News whom readers have named.

The cost of a round is bounded for each user: one request for the user, and at most
`MAX_SUBMISSIONS` and `MAX_NEW_REPLIES` requests for items. Unchanged items are not transferred,
and items too old for replies are not requested.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.cache import Cache
from app.database.connection import Pool
from app.hackernews import reply_store as store
from app.hackernews.api import HackerNewsApi, HackerNewsUnavailableError, NoSuchUserError
from app.hackernews.items import Comment, Story
from app.hackernews.reply_store import FoundReply, WatchedUser
from app.text.html import plain_text
from app.text.sentences import cut

log = logging.getLogger(__name__)

MAX_USERS = 10
MAX_SUBMISSIONS = 15
MAX_NEW_REPLIES = 20
# Hacker News accepts no replies to older items.
OPEN_FOR = timedelta(days=14)
LEASE = timedelta(minutes=10)
MAX_ABOUT = 120
MAX_TEXT = 1000


class ReplyCollector:
    """Collects replies; any number of instances may run, for different users."""

    def __init__(
        self, pool: Pool, url: str, cache: Cache, api: HackerNewsApi | None = None
    ) -> None:
        self._pool = pool
        self._api = api or HackerNewsApi(url, cache)

    async def close(self) -> None:
        await self._api.close()

    async def step(self) -> int:
        """Check some of the users who are due. Returns 0: no more work for a while.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        async with self._pool.acquire() as connection:
            await store.update_watched_users(connection)
            users = await store.claim(connection, MAX_USERS, LEASE)
        for checked, user in enumerate(users):
            try:
                await self._look_at(user)
            except HackerNewsUnavailableError as error:
                log.warning("%s", error)
                async with self._pool.acquire() as connection:
                    await store.put_off(connection, users[checked:])
                break
        return 0

    async def _look_at(self, user: WatchedUser) -> None:
        try:
            known = await self._api.user(user.name, MAX_SUBMISSIONS)
        except NoSuchUserError:
            async with self._pool.acquire() as connection:
                await store.mark_unknown(connection, user.name)
            return
        if known is None:
            async with self._pool.acquire() as connection:
                await store.put_off(connection, [user])
            return
        open_ids = [one for one in known.submitted if one > user.closed_id]
        items = [item for item in await self._api.items(open_ids) if item is not None]
        oldest = datetime.now(UTC) - OPEN_FOR
        closed = [item.id for item in items if _posted_before(item, oldest)]
        lively = [item for item in items if not _posted_before(item, oldest)]
        parents = {kid: item for item in lively for kid in item.kids}
        async with self._pool.acquire() as connection:
            new = await store.unchecked_comments(connection, sorted(parents, reverse=True))
        wanted = [one for one in new if one > (user.after_id or 0)][:MAX_NEW_REPLIES]
        replies = await self._api.items(wanted)
        after = user.after_id
        if after is None:
            after = _last_before([*items, *replies], user.named_at)
            if after is None:
                after = min(wanted) - 1 if len(wanted) < len(new) else 0
        found = [
            _found(reply, parents[reply.id], user.name)
            for reply in replies
            if isinstance(reply, Comment) and reply.id > after
        ]
        rest = store.RETRY if self._api.any_failed([*open_ids, *wanted]) else store.REST
        async with self._pool.acquire() as connection:
            await store.finish(connection, user, after, max([user.closed_id, *closed]), found, rest)


def _posted_before(item: Story | Comment, moment: datetime) -> bool:
    return item.posted_at is not None and item.posted_at < moment


def _last_before(items: Iterable[Story | Comment | None], moment: datetime) -> int | None:
    """The greatest id of the items that were posted before a moment: greater ones are new."""
    # Hacker News gives times in whole seconds.
    begin = moment.replace(microsecond=0)
    return max((item.id for item in items if item and _posted_before(item, begin)), default=None)


def _found(reply: Comment, parent: Story | Comment, name: str) -> FoundReply:
    """A reply for the message; without text if it is by the user, deleted or dead."""
    theirs = reply.author is not None and reply.author != name and reply.text is not None
    answered = parent.title if isinstance(parent, Story) else plain_text(parent.text or "")
    return FoundReply(
        comment_id=reply.id,
        author=reply.author,
        about=cut(" ".join(answered.split()), MAX_ABOUT),
        text=cut(plain_text(reply.text or ""), MAX_TEXT) if theirs else None,
        posted_at=reply.posted_at,
    )
