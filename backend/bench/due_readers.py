"""Readers who are all due in the same minute, and what became of their digests."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rehearsal.processes import Process

from bench.stack import Stack

READERS = 10_000
STORIES = 60
# Digests that come slower than this on the whole have come to a stop.
SLOWEST = 10.0


class StoppedError(Exception):
    """The app ended, or sends no more."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What `readers` due readers, with the chat ids from 1 on, were sent."""

    readers: int
    sent_at: list[float]
    digests: Counter[int]  # by chat
    in_doubt: frozenset[int]  # the chats of digests left uncertain

    @property
    def rate(self) -> float:
        """Digests a second from the first to the last."""
        return (len(self.sent_at) - 1) / (self.sent_at[-1] - self.sent_at[0])

    @property
    def twice(self) -> int:
        """How many readers got more than one."""
        return sum(count > 1 for count in self.digests.values())

    @property
    def missed(self) -> int:
        """How many readers got none, though there is no doubt about theirs."""
        chats = range(1, self.readers + 1)
        return sum(not self.digests[chat] and chat not in self.in_doubt for chat in chats)

    @property
    def longest_silence(self) -> float:
        """The most seconds between one digest and the next."""
        return max(later - earlier for earlier, later in pairwise(self.sent_at))


async def seed(running: Stack, readers: int = READERS) -> None:
    """Stories that are ready, and readers who are all due now."""
    connection = await running.connect()
    await connection.execute(
        """
        INSERT INTO stories (id, kind, title, url, site, points, comment_count, posted_at,
                             article_state, article_words)
        SELECT n, 'story', 'Something new about subject ' || md5(n::text),
               'https://example.invalid/' || n, 'site' || n || '.example', 50 + n, n,
               now() - n * interval '10 minutes', 'read', 900
        FROM generate_series(1, $1) AS n
        """,
        STORIES,
    )
    await connection.execute(
        """
        INSERT INTO summaries (story_id, style, state, sentences, method, basis, made_at)
        SELECT id, 'basic', 'ready', repeat('What it says, in a sentence of some length. ', 4),
               'extractive', 'article', now()
        FROM stories
        """
    )
    await connection.execute(
        """
        INSERT INTO readers (chat_id, kind, digest_time, next_digest_at)
        SELECT n, 'private', localtime(0), now() FROM generate_series(1, $1) AS n
        """,
        readers,
    )
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase)
        SELECT chat_id, 'subject ' || chat_id % 20 FROM readers
        """
    )
    await connection.close()


async def until_sent(running: Stack, count: int, process: Process) -> None:
    """Wait until the simulated Telegram has taken so many messages.

    Raises:
        StoppedError: when `process` has ended, or it takes far too long.
    """
    deadline = time.monotonic() + count / SLOWEST + 30
    while running.telegram.get("state")["accepted"] < count:
        _check(process, deadline)
        await asyncio.sleep(0.2)


async def until_settled(running: Stack, process: Process) -> None:
    """Wait until no reader is due and no message waits.

    Raises:
        StoppedError: when `process` has ended, or it takes far too long.
    """
    connection = await running.connect()
    deadline = time.monotonic() + READERS / SLOWEST
    unsettled = """
        SELECT EXISTS (SELECT FROM readers WHERE next_digest_at <= now())
            OR EXISTS (SELECT FROM outbox WHERE state IN ('pending', 'sending'))
    """
    while await connection.fetchval(unsettled):
        _check(process, deadline)
        await asyncio.sleep(0.2)
    await connection.close()


def _check(process: Process, deadline: float) -> None:
    if process.poll() is not None:
        raise StoppedError(f"the app ended with {process.returncode}")
    if time.monotonic() > deadline:
        raise StoppedError("the digests come far too slowly, or no more")


async def deliveries(running: Stack, readers: int = READERS) -> Deliveries:
    """What was sent so far."""
    connection = await running.connect()
    in_doubt = await connection.fetch("SELECT chat_id FROM outbox WHERE state = 'uncertain'")
    await connection.close()
    sent = [one for one in running.telegram.get("sent") if one["chat_id"] <= readers]
    return Deliveries(
        readers,
        [one["at"] for one in sent],
        Counter(one["chat_id"] for one in sent),
        frozenset(row["chat_id"] for row in in_doubt),
    )
