"""Ten thousand readers due in the same minute: how fast, how evenly, and who waits meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from statistics import quantiles

import psutil
from rehearsal.outside.control import TelegramControl
from rehearsal.processes import Process, stop

from bench.results import Figure
from bench.stack import UNLIMITED, Stack, stack

READERS = 10_000
STORIES = 60
# Somebody new says /start this often while the digests go out.
STARTS_EVERY_SECONDS = 2.0
FIRST_NEWCOMER = 1_000_000


async def measure_limited() -> list[Figure]:
    """With Telegram's own limits: close to them, never past them, and newcomers are answered."""
    async with stack(telegram_limits=True) as running:
        await _seed(running)
        process = running.app.start()
        rates, memory, waits = await _watch(running.telegram, process, newcomers=True)
        refused = running.telegram.get("state")["counts"].get("sendMessage 429", 0)
        stop(process)
    return [
        Figure("digests a second, limits as Telegram's", rates, "1/s", 29),
        Figure("refused with 429", refused, "", 0, "lower"),
        Figure("memory at most (RSS)", memory / 1e6, "MB", 200, "lower"),
        Figure("/start answered meanwhile, p95", quantiles(waits, n=20)[-1], "s", 1.0, "lower"),
    ]


async def measure_unlimited() -> list[Figure]:
    """Without limits, as a self-hosted Bot API server may be; then two instances at once."""
    figures = []
    for instances in 1, 2:
        async with stack() as running:
            await _seed(running)
            processes = [running.app.start(**UNLIMITED) for _ in range(instances)]
            rate, _, _ = await _watch(running.telegram, processes[0], newcomers=False)
            per_chat = Counter(one["chat_id"] for one in running.telegram.get("sent"))
            for process in processes:
                stop(process)
        name = "one instance" if instances == 1 else "two instances"
        bound = 300 if instances == 1 else None
        figures.append(Figure(f"digests a second, no limits, {name}", rate, "1/s", bound))
        twice = sum(count > 1 for count in per_chat.values())
        figures.append(Figure(f"readers with two digests, {name}", twice, "", 0, "lower"))
    return figures


async def _seed(running: Stack) -> None:
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
        READERS,
    )
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase)
        SELECT chat_id, 'subject ' || chat_id % 20 FROM readers
        """
    )
    await connection.close()


async def _watch(
    telegram: TelegramControl, process: Process, *, newcomers: bool
) -> tuple[float, float, list[float]]:
    """Digests a second, most memory in bytes, and how long each newcomer waited for an answer."""
    measured = psutil.Process(process.pid)
    memory, said_at = 0.0, dict[int, float]()
    while telegram.get("state")["accepted"] < READERS + len(said_at):
        memory = max(memory, measured.memory_info().rss)
        if newcomers:
            chat_id = FIRST_NEWCOMER + len(said_at)
            said_at[chat_id] = time.time()
            telegram.say(chat_id, "/start")
        await asyncio.sleep(STARTS_EVERY_SECONDS if newcomers else 0.2)
    sent = telegram.get("sent")
    digests = [one["at"] for one in sent if one["chat_id"] < FIRST_NEWCOMER]
    waits = [
        one["at"] - said_at[one["chat_id"]] for one in sent if one["chat_id"] >= FIRST_NEWCOMER
    ]
    return (len(digests) - 1) / (digests[-1] - digests[0]), memory, waits
