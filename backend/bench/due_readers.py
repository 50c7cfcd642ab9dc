"""Readers who are all due in the same minute, and the digests that they receive."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from bench.stack import Stack
from simulators.processes import Process

READERS = 10_000
STORIES = 60
# A lower average rate, in digests per second, means that sending has stopped.
SLOWEST = 10.0


_SUBJECT = re.compile(r"subject ([0-9a-f]{32})")


class StoppedError(Exception):
    """The app has ended or sends nothing more."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The digests sent to the due readers, who have the chat ids 1 to `readers`."""

    readers: int
    sent_at: list[float]
    digests: Counter[int]  # by chat

    @property
    def rate(self) -> float:
        """Digests per second from the first to the last."""
        return (len(self.sent_at) - 1) / (self.sent_at[-1] - self.sent_at[0])

    @property
    def twice(self) -> int:
        """The number of readers with more than one digest."""
        return sum(count > 1 for count in self.digests.values())

    @property
    def missed(self) -> int:
        """The number of readers without a digest, regardless of the outbox."""
        return sum(not self.digests[chat] for chat in range(1, self.readers + 1))

    @property
    def longest_silence(self) -> float:
        """The longest time between two successive digests, in seconds."""
        return max(later - earlier for earlier, later in pairwise(self.sent_at))


async def seed(running: Stack, readers: int = READERS) -> None:
    """Insert summarised stories, and readers who are all due now."""
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
    """Wait until the simulated Telegram has accepted `count` messages.

    Raises:
        StoppedError: `process` has ended, or it takes far too long.
    """
    deadline = time.monotonic() + count / SLOWEST + 30
    while running.telegram.get("state")["accepted"] < count:
        _check(process, deadline)
        await asyncio.sleep(0.2)


async def until_settled(running: Stack, process: Process, readers: int = READERS) -> None:
    """Wait until no reader is due and no message is pending.

    Raises:
        StoppedError: `process` has ended, or it takes far too long.
    """
    connection = await running.connect()
    # Includes the longest pauses of messages in doubt.
    deadline = time.monotonic() + readers / SLOWEST + 300
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
    """The digests sent so far."""
    sent = [one for one in running.telegram.get("sent") if one["chat_id"] <= readers]
    return Deliveries(
        readers,
        [one["at"] for one in sent],
        Counter(one["chat_id"] for one in sent),
    )


def stories_by_chat(running: Stack, readers: int) -> dict[int, list[set[str]]]:
    """The stories in each message that each of the first `readers` chats received, in order."""
    found: dict[int, list[set[str]]] = {}
    for one in running.telegram.get("sent"):
        if 1 <= one["chat_id"] <= readers:
            stories = set(_SUBJECT.findall(one["message"]["text"]))
            found.setdefault(one["chat_id"], []).append(stories)
    return found


async def due_again(running: Stack) -> None:
    """Advance by a day: all readers are due for the next digest now."""
    connection = await running.connect()
    await connection.execute("UPDATE digests SET local_day = local_day - 1")
    await connection.execute(
        """
        UPDATE readers SET last_digest_on = last_digest_on - 1, next_digest_at = now(),
                           last_digest_due_at = last_digest_due_at - interval '1 day'
        """
    )
    await connection.close()
