"""The effects of strangers on other readers: hostile texts, a huge export, floods.

Each figure is the additional wait of the next reader for a reply.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psutil

from app.telegram.handle.admission import REQUESTS
from bench.memory_cgroup import memory_cgroup
from bench.stack import UNLIMITED, Stack, stack
from simulators.control import TelegramControl, wait_until
from simulators.figures import Figure
from simulators.processes import Process
from tests.telegram.hostile import LENGTH, TEXTS

HOSTILE = 20
COMMANDS = ("/settings zone ", "/settings days ", "/settings hour ", "/mute ", "/topics ")
HANDLED = 10_000
FLOOD = 2_000
EXPORTS = 20
READER, STRANGER = 1_000_000, 2_000_000
USUAL_ANSWERS = 15
SETTLE_SECONDS = 3.0
MAX_MORE_SECONDS = 1.0
MAX_MEGABYTES = 200
CGROUP_MEGABYTES = 512  # of the app's container


@dataclass(slots=True)
class Watched:
    """Measurements during some other activity."""

    longest_wait: float = 0.0
    memory: float = 0.0


async def measure_hostile() -> list[Figure]:
    """One hostile message from each of 20 strangers, all at once."""
    async with stack() as running:
        plain = range(STRANGER + 100, STRANGER + 100 + HOSTILE)
        for chats in range(STRANGER, STRANGER + HOSTILE), plain:
            await running.add_readers(chats)
        running.app.start(**UNLIMITED)
        usual = _usual(running.telegram)
        running.telegram.post("say", [{"chat_id": one, "text": "/settings"} for one in plain])
        behind_plain = _answer(running.telegram, READER)
        await _handled(running)
        texts = list(TEXTS.values())
        said = [
            {
                "chat_id": STRANGER + number,
                "text": (COMMANDS[number % len(COMMANDS)] + texts[number])[:LENGTH],
            }
            for number in range(HOSTILE)
        ]
        running.telegram.post("say", said)
        wait = _answer(running.telegram, READER)
        done = await _handled(running, 2 * HOSTILE) - HOSTILE
    return [
        Figure("usual wait for an answer", usual, "s"),
        Figure(f"wait behind {HOSTILE} plain messages, more than usual", behind_plain - usual, "s"),
        Figure(
            f"wait behind {HOSTILE} hostile messages, more than usual",
            wait - usual,
            "s",
            MAX_MORE_SECONDS,
            "lower",
        ),
        Figure("hostile messages that were not handled", HOSTILE - done, "", 0, "lower"),
    ]


async def measure_export() -> list[Figure]:
    """10,000 handled messages of 4,096 characters and one export, while other people write."""
    return await _export("", ())


async def measure_export_in_cgroup() -> list[Figure]:
    """The same within the memory limit of the app's container."""
    with memory_cgroup(CGROUP_MEGABYTES) as cgroup:
        figures = await _export(f" in {CGROUP_MEGABYTES} MiB", cgroup.within)
        return [
            *(figure for figure in figures if "usual" not in figure.name),
            Figure(f"most memory that {CGROUP_MEGABYTES} MiB were charged", cgroup.peak(), "MB"),
            Figure("processes killed for memory", cgroup.kills(), "", 0, "lower"),
        ]


async def _export(where: str, within: Sequence[str]) -> list[Figure]:
    async with stack() as running:
        process = running.app.start(within=within, **UNLIMITED)
        usual = _usual(running.telegram)
        running.telegram.say(STRANGER, "/start")
        running.telegram.wait_for_messages(STRANGER, 1)
        await _add_handled(running)
        await asyncio.sleep(SETTLE_SECONDS)
        before = await asyncio.to_thread(_watch, running.telegram, process, 2 * SETTLE_SECONDS)
        running.telegram.say(STRANGER, "/export_my_data")
        during = Watched()
        while not _documents(running.telegram):
            seen = await asyncio.to_thread(_watch, running.telegram, process, 0.5)
            during.longest_wait = max(during.longest_wait, seen.longest_wait)
            during.memory = max(during.memory, seen.memory)
        size = _documents(running.telegram)[0]["document"].get("file_size", 0)
        alive = process.poll() is None
    return [
        Figure("usual wait for an answer", usual, "s"),
        Figure("the exported file", size / 1e6, "MB", 40),
        Figure(f"ends of the process{where}", int(not alive), "", 0, "lower"),
        Figure(
            f"longest wait during an export{where}, more than before",
            during.longest_wait - before.longest_wait,
            "s",
            MAX_MORE_SECONDS,
            "lower",
        ),
        Figure(f"memory of all processes{where}, before (RSS)", before.memory, "MB"),
        Figure(
            f"memory of all processes{where}, during an export (RSS)",
            during.memory,
            "MB",
            MAX_MEGABYTES,
            "lower",
        ),
    ]


async def measure_floods() -> list[Figure]:
    """2,000 messages from one person, then one export for each of 50."""
    async with stack() as running:
        process = running.app.start(**UNLIMITED)
        usual = _usual(running.telegram)
        flood = [{"chat_id": STRANGER, "text": f"/help {number}"} for number in range(FLOOD)]
        began = time.monotonic()
        running.telegram.post("say", flood)
        behind_flood = _answer(running.telegram, READER)
        await _handled(running, FLOOD)
        took = time.monotonic() - began
        answers = len(running.telegram.messages(STRANGER))
        strangers = range(STRANGER + 1, STRANGER + 1 + EXPORTS)
        running.telegram.post("say", [{"chat_id": one, "text": "/start"} for one in strangers])
        await _handled(running, FLOOD + EXPORTS)
        before = await asyncio.to_thread(_watch, running.telegram, process, 3 * SETTLE_SECONDS)
        asking = [{"chat_id": one, "text": "/export_my_data"} for one in strangers]
        running.telegram.post("say", asking)
        behind_exports = Watched()
        while len(_documents(running.telegram)) < EXPORTS:
            seen = await asyncio.to_thread(_watch, running.telegram, process, 1.0)
            behind_exports.longest_wait = max(behind_exports.longest_wait, seen.longest_wait)
        connection = await running.connect()
        largest = await connection.fetchval("SELECT max(pg_column_size(parameters)) FROM outbox")
        await connection.close()
    # One reply of refusal, and another one each time half of the bucket has refilled.
    back = took * REQUESTS.per_second
    most = REQUESTS.size + back + 1 + back // (REQUESTS.size / 2)
    return [
        Figure("usual wait for an answer", usual, "s"),
        Figure(
            f"wait behind {FLOOD} messages of one person, more than usual",
            behind_flood - usual,
            "s",
            MAX_MORE_SECONDS,
            "lower",
        ),
        Figure("answers to that person", answers, "", most, "lower"),
        Figure(
            f"longest wait during {EXPORTS} exports, more than before",
            behind_exports.longest_wait - before.longest_wait,
            "s",
            MAX_MORE_SECONDS,
            "lower",
        ),
        Figure("the largest row of the outbox", largest / 1e3, "kB", 20, "lower"),
    ]


def _answer(telegram: TelegramControl, chat_id: int) -> float:
    """Seconds from a reader's message to its reply."""
    before = len(telegram.messages(chat_id))
    began = time.monotonic()
    telegram.say(chat_id, "/help")
    wait_until(
        lambda: len(telegram.messages(chat_id)) > before or None, "an answer", 300, every=0.01
    )
    return time.monotonic() - began


def _usual(telegram: TelegramControl) -> float:
    return median(_answer(telegram, READER + number) for number in range(USUAL_ANSWERS))


def _watch(telegram: TelegramControl, process: Process, seconds: float) -> Watched:
    """Send messages as readers, one after the other."""
    seen, until, number = Watched(), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number += 1
        seen.longest_wait = max(seen.longest_wait, _answer(telegram, READER + 100 + number % 1000))
        seen.memory = max(seen.memory, _megabytes(process.pid))
    return seen


def _megabytes(pid: int) -> float:
    """The memory of the app's main process and its children."""
    main = psutil.Process(pid)
    size = 0
    for process in (main, *main.children(recursive=True)):
        try:
            size += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return size / 1e6


def _documents(telegram: TelegramControl) -> list[dict[str, object]]:
    return [message for message in telegram.messages() if "document" in message]


async def _handled(running: Stack, count: int = HOSTILE) -> int:
    """Wait until strangers' updates are handled. Returns their number."""
    connection = await running.connect()
    try:
        for _ in range(600):
            done: int = await connection.fetchval(
                "SELECT count(*) FROM inbox WHERE state = 'done' AND chat_id >= $1", STRANGER
            )
            if done >= count:
                break
            await asyncio.sleep(0.1)
        return done
    finally:
        await connection.close()


async def _add_handled(running: Stack) -> None:
    """Insert handled messages of the stranger, as if written in the last days."""
    connection = await running.connect()
    await connection.execute(
        """
        INSERT INTO inbox (update_id, chat_id, payload, state, handled_at)
        SELECT -number, $1, jsonb_build_object('update_id', -number, 'message', jsonb_build_object(
                 'message_id', number, 'date', 1, 'text', text,
                 'chat', jsonb_build_object('id', $1::bigint, 'type', 'private'),
                 'from', jsonb_build_object('id', $1::bigint))), 'done', now()
        FROM generate_series(1, $2::int) AS number,
             LATERAL (SELECT left(string_agg(md5(number::text || part::text), ''), $3) AS text
                      FROM generate_series(1, 128) AS part) AS texts
        """,
        STRANGER,
        HANDLED,
        LENGTH,
    )
    await connection.close()
