"""`python -m bench.growth`: what readers cost as their number grows.

`rows` counts the bytes that a reader adds to PostgreSQL per digest and per command. `round-N` sends
digests to N readers who are due in the same minute, without the limits of Telegram, for at most
`ROUND_SECONDS`: what the app and PostgreSQL do per digest, and the app's memory. Hacker News has
nothing new meanwhile: what collecting takes does not depend on readers. `search` is what `/search`
costs PostgreSQL.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial

import psutil

from app.hackernews.collect import LISTS
from bench import search
from bench.command import run
from bench.due_readers import due_again, seed, until_sent
from bench.stack import UNLIMITED, Stack, stack
from simulators.control import Control, wait_until
from simulators.figures import Figure
from simulators.processes import stop

ROUNDS_READERS = (1_000, 3_000, 10_000, 100_000, 1_000_000)
ROWS_READERS = 1_000
DAYS = 4
COMMANDS = 1_000
ROUND_SECONDS = 60.0
EVERY_SECONDS = 0.2
START_SECONDS = 300.0
SIZES = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


async def measure_rows() -> list[Figure]:
    """Bytes with their indexes, after VACUUM, from the second day on."""
    async with stack() as running:
        await seed(running, ROWS_READERS)
        settled = await _sizes(running)
        process = running.app.start(**UNLIMITED)
        await until_sent(running, ROWS_READERS, process)
        first = await _sizes(running)
        for day in range(2, DAYS + 1):
            await _set_apart(running, day)
            await due_again(running)
            await until_sent(running, day * ROWS_READERS, process)
        last = await _sizes(running)
        said = running.telegram.get("state")["accepted"]
        for chat in range(1, COMMANDS + 1):
            running.telegram.say(chat, "/settings")
        await until_sent(running, said + COMMANDS, process)
        asked = await _sizes(running)
        stop(process)
    digests = ROWS_READERS * (DAYS - 1)
    grown = {table: (last[table] - first[table]) / digests for table in last}
    commands = {table: (asked[table] - last[table]) / COMMANDS for table in asked}
    reader = sum(settled[table] for table in ("readers", "interests")) / ROWS_READERS
    return [
        Figure("a reader with one interest", reader, "bytes"),
        *_figures("per digest", grown),
        *_figures("per command", commands),
    ]


def _figures(what: str, sizes: dict[str, float]) -> list[Figure]:
    return [Figure(f"{what}: {table}", size, "bytes") for table, size in sizes.items() if size]


async def measure_round(readers: int) -> list[Figure]:
    async with stack() as running:
        nothing_new = {"lists": {name: [] for name in LISTS}}
        Control(running.environment["HN_API_URL"].removesuffix("/v0")).post("items", nothing_new)
        await seed(running, readers)
        connection = await running.connect()
        await connection.execute("VACUUM ANALYZE")
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        await connection.close()
        process = running.app.start(**UNLIMITED)
        app, server = psutil.Process(process.pid), psutil.Process(running.postgresql.pid)
        await asyncio.to_thread(
            wait_until, lambda: _sent(running) or None, "first digest", START_SECONDS
        )
        began, sent, before = time.monotonic(), _sent(running), (_cpu(app), _cpu(server))
        memory = 0
        while time.monotonic() < began + ROUND_SECONDS and _sent(running) < readers:
            memory = max(memory, app.memory_info().rss)
            await asyncio.sleep(EVERY_SECONDS)
        seconds, sent = time.monotonic() - began, _sent(running) - sent
        spent = [now - then for now, then in zip((_cpu(app), _cpu(server)), before, strict=True)]
        stop(process)
    name = f"{readers:,} readers"
    return [
        Figure(f"{name}: digests a second", sent / seconds, "1/s"),
        Figure(f"{name}: CPU of the app per digest", 1000 * spent[0] / sent, "ms"),
        Figure(f"{name}: CPU of PostgreSQL per digest", 1000 * spent[1] / sent, "ms"),
        Figure(f"{name}: memory of the app at most (RSS)", memory / 1e6, "MB"),
        Figure(f"{name}: database before the round", size / 1e6, "MB"),
    ]


async def _set_apart(running: Stack, day: int) -> None:
    """Move earlier digests so far back that the day before this one is free."""
    connection = await running.connect()
    await connection.execute("UPDATE digests SET local_day = local_day - $1::int", 10 * day)
    await connection.close()


async def _sizes(running: Stack) -> dict[str, int]:
    connection = await running.connect()
    await connection.execute("VACUUM")
    sizes = {row[0]: row[1] for row in await connection.fetch(SIZES)}
    await connection.close()
    return sizes


def _sent(running: Stack) -> int:
    accepted: int = running.telegram.get("state")["accepted"]
    return accepted


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU of a process, its children, and the children that have ended."""
    spent = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        spent += times.user + times.system + times.children_user + times.children_system
    return spent


if __name__ == "__main__":
    rounds = {f"round-{readers}": partial(measure_round, readers) for readers in ROUNDS_READERS}
    sys.exit(
        run("bench.growth", __doc__, {"rows": measure_rows, "search": search.measure, **rounds})
    )
