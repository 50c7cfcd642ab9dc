"""`python -m bench.peers`: compares HN Pal with minimal bots of two libraries, under the same
kills, outages and floods, in one run.

The other bots store nothing and only reply, so their losses and costs are a lower bound for bots
that use these libraries.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise

import psutil

from app.telegram.send.probes import MAX_WAIT_SECONDS
from bench.bot_kills import answered, say
from bench.bot_updates import CHATS, burst
from bench.command import run
from bench.peer_bots import LIBRARIES
from bench.stack import TOKEN, UNLIMITED, Stack, stack
from simulators.control import TelegramControl, wait_until
from simulators.figures import Figure
from simulators.processes import Process, start_python, stop

KILLS, KILLED_UPDATES = 10, 2_000
OUTAGE_SECONDS, OUTAGE_UPDATES = 15.0, 200
FLOOD_UPDATES = 10_000
COUNTED_UPDATES = 4_000
RESTARTS = 5
SECONDS_BETWEEN = 0.05
# After this time without a reply, the unanswered updates count as lost. HN Pal looks for a message
# in doubt for a shorter time before it sends it again.
SILENT_SECONDS = MAX_WAIT_SECONDS + 15.0
OURS = "HN Pal"


@dataclass(frozen=True, slots=True)
class Peer:
    """A bot that can be restarted, and the simulated services that it uses."""

    name: str
    running: Stack

    @property
    def telegram(self) -> TelegramControl:
        return self.running.telegram

    def start(self) -> Process:
        if self.name == OURS:
            return self.running.app.start(**UNLIMITED)
        address = self.running.telegram.address
        return start_python("-m", "bench.peer_bots", self.name, address, TOKEN)


def _each(
    measure: Callable[[Peer], Awaitable[list[Figure]]],
) -> Callable[[], Awaitable[list[Figure]]]:
    async def measure_each() -> list[Figure]:
        figures = []
        for name in (OURS, *LIBRARIES):
            async with stack() as running:
                await running.add_readers(range(1, CHATS + 1))
                figures += await measure(Peer(name, running))
        return figures

    return measure_each


async def _kills(peer: Peer) -> list[Figure]:
    """SIGKILL in the middle of the replies to people who write."""
    dice = random.Random(7)
    together = KILLED_UPDATES // KILLS
    process = peer.start()
    for kill in range(KILLS):
        before = peer.telegram.get("state")["accepted"]
        _say(peer, range(kill * together, (kill + 1) * together))
        replies = before + dice.randrange(1, together - 1)
        await asyncio.to_thread(_until_answered, peer.telegram, replies)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = peer.start()
    figures = await _outcome(peer, f"{KILLS} SIGKILLs", KILLED_UPDATES)
    stop(process)
    return figures


async def _outage(peer: Peer) -> list[Figure]:
    """For a while, Telegram closes every connection without an answer; people go on writing."""
    process = peer.start()
    _say(peer, range(10))
    await asyncio.to_thread(_until_answered, peer.telegram, 10)
    peer.telegram.trouble("*", "drop", for_seconds=OUTAGE_SECONDS)
    for number in range(10, OUTAGE_UPDATES):
        _say(peer, range(number, number + 1))
        await asyncio.sleep(1.5 * OUTAGE_SECONDS / OUTAGE_UPDATES)
    figures = await _outcome(peer, f"hang-up for {OUTAGE_SECONDS:.0f} s", OUTAGE_UPDATES)
    stop(process)
    return figures


async def _outcome(peer: Peer, what: str, updates: int) -> list[Figure]:
    """The updates without an answer and with two, after the bot has stopped replying."""
    counted, heard_at = Counter[int](), time.monotonic()
    while len(counted) < updates and time.monotonic() - heard_at < SILENT_SECONDS:
        await asyncio.sleep(0.5)
        now = Counter(answered(peer.telegram))
        if now != counted:
            counted, heard_at = now, time.monotonic()
    bound = 0 if peer.name == OURS else None
    twice = sum(counted.values()) - len(counted)
    return [
        Figure(f"lost, {what}: {peer.name}", updates - len(counted), "", bound, "lower"),
        Figure(f"twice, {what}: {peer.name}", twice, ""),
    ]


async def _flood(peer: Peer) -> list[Figure]:
    """Peak memory with ten thousand updates at once."""
    process = peer.start()
    _say(peer, range(10))
    await asyncio.to_thread(_until_answered, peer.telegram, 10)
    _say(peer, range(10, FLOOD_UPDATES))
    highest = 0
    while peer.telegram.get("state")["accepted"] < FLOOD_UPDATES:
        highest = max(highest, psutil.Process(process.pid).memory_info().rss)
        await asyncio.sleep(0.2)
    stop(process)
    return [
        Figure(f"memory, {FLOOD_UPDATES} updates at once: {peer.name}", highest / 1e6, "MB"),
    ]


async def _cpu(peer: Peer) -> list[Figure]:
    """CPU per reply to /help, of the bot and, for HN Pal, of PostgreSQL."""
    process = peer.start()
    await asyncio.to_thread(burst, peer.telegram, CHATS)
    own, database = psutil.Process(process.pid), psutil.Process(peer.running.postgresql.pid)
    before = _spent(own), _spent(database)
    await asyncio.to_thread(burst, peer.telegram, COUNTED_UPDATES)
    after = _spent(own), _spent(database)
    stop(process)
    bot, postgresql = (
        1_000 * (now - then) / COUNTED_UPDATES for now, then in zip(after, before, strict=True)
    )
    figures = [Figure(f"CPU per reply: {peer.name}", bot, "ms")]
    if peer.name == OURS:
        figures.append(Figure("CPU per reply: PostgreSQL behind HN Pal", postgresql, "ms"))
    return figures


def _spent(top: psutil.Process) -> float:
    """CPU seconds of a process and its children, including those that have ended."""
    spent = 0.0
    for process in (top, *top.children(recursive=True)):
        times = process.cpu_times()
        spent += times.user + times.system
    ended = top.cpu_times()
    return spent + ended.children_user + ended.children_system


async def _restart(peer: Peer) -> list[Figure]:
    """SIGTERM and a restart under a steady stream: the longest gap between two replies."""
    process = peer.start()
    _say(peer, range(1))
    await asyncio.to_thread(_until_answered, peer.telegram, 1)
    began, number = time.time(), 1
    for _ in range(RESTARTS):
        stopping = asyncio.create_task(asyncio.to_thread(stop, process))
        while not stopping.done():
            number = await _write(peer, number)
        process = peer.start()
        for _ in range(60):
            number = await _write(peer, number)
    await asyncio.to_thread(_until_answered, peer.telegram, number)
    stop(process)
    times = sorted(one["at"] for one in peer.telegram.get("sent") if one["at"] >= began)
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return [Figure(f"silence at a restart: {peer.name}", gaps[-(RESTARTS // 2) - 1], "s")]


async def _write(peer: Peer, number: int) -> int:
    _say(peer, range(number, number + 1))
    await asyncio.sleep(SECONDS_BETWEEN)
    return number + 1


def _say(peer: Peer, numbers: range) -> None:
    say(peer.telegram, numbers, CHATS)


def _until_answered(telegram: TelegramControl, count: int) -> None:
    wait_until(lambda: telegram.get("state")["accepted"] >= count or None, f"{count} answers", 300)


PARTS = {
    "kills": _each(_kills),
    "outage": _each(_outage),
    "flood": _each(_flood),
    "cpu": _each(_cpu),
    "restart": _each(_restart),
}

if __name__ == "__main__":
    sys.exit(run("bench.peers", __doc__, PARTS))
