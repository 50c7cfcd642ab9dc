"""The cost of an idle bot: nobody writes and nothing is due."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil

from bench.stack import stack
from simulators.control import wait_until
from simulators.figures import Figure

READERS = 100
# The app looks for work frequently for a minute after its last work.
SETTLE_SECONDS = 90.0
SECONDS = 60.0


async def measure() -> list[Figure]:
    """CPU time and wake-ups of the process and its children."""
    async with stack() as running:
        await running.add_readers(range(1, READERS + 1))
        process = await asyncio.to_thread(running.app.start)
        telegram = running.telegram
        await asyncio.to_thread(
            wait_until, lambda: telegram.get("polls") or None, "first poll", 30.0
        )
        await asyncio.sleep(SETTLE_SECONDS)
        before = _spent(process.pid)
        began = time.monotonic()
        await asyncio.sleep(SECONDS)
        seconds = time.monotonic() - began
        after = _spent(process.pid)
    busy, wake_ups = ((now - then) / seconds for then, now in zip(before, after, strict=True))
    return [
        Figure("idle: share of one core", 100 * busy, "%", 0.3, "lower"),
        Figure("idle: wake-ups a second", wake_ups, "", 5, "lower"),
    ]


def _spent(pid: int) -> tuple[float, float]:
    """CPU time in seconds, and the number of wake-ups of threads."""
    top = psutil.Process(pid)
    cpu, wake_ups = 0.0, 0
    for process in [top, *top.children(recursive=True)]:
        times = process.cpu_times()
        cpu += times.user + times.system
        for thread in process.threads():
            wake_ups += _switches(process.pid, thread.id)
    return cpu, float(wake_ups)


def _switches(pid: int, thread: int) -> int:
    """The number of voluntary context switches of a thread, that is, its waits."""
    status = Path(f"/proc/{pid}/task/{thread}/status").read_text("ascii")
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
