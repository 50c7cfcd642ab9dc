"""How soon a starting process polls and answers, and how much memory it rests in."""

from __future__ import annotations

import time
from statistics import median

import psutil
from rehearsal.processes import stop

from bench.results import Figure
from bench.stack import Stack, stack

STARTS = 7
SETTLE_SECONDS = 8.0


async def measure() -> list[Figure]:
    """Medians of several starts with one update waiting, as after a restart."""
    async with stack() as running:
        starts = [_start(running, chat_id) for chat_id in range(1, STARTS + 1)]
        memory = _memory_at_rest(running)
    polls, answers = zip(*starts, strict=True)
    return [
        Figure("process start to first poll", median(polls), "s", 0.3, "lower"),
        Figure("process start to first answer", median(answers), "s", 1.0, "lower"),
        Figure("memory at rest (RSS)", memory / 1e6, "MB", 120, "lower"),
    ]


def _start(running: Stack, chat_id: int) -> tuple[float, float]:
    """Seconds from the start of a process to its first poll and to its first answer."""
    polls_before = len(running.telegram.get("polls"))
    running.telegram.say(chat_id, "/help")
    began = time.time()
    process = running.app.start()
    running.telegram.wait_for_messages(chat_id, 1)
    answered: float = running.telegram.get(f"sent?chat_id={chat_id}")[0]["at"]
    polled: float = running.telegram.get(f"polls?since={polls_before}")[0]["began"]
    stop(process)
    return polled - began, answered - began


def _memory_at_rest(running: Stack) -> float:
    process = running.app.start()
    time.sleep(SETTLE_SECONDS)  # until the stages behind the first answer are up
    resident: float = psutil.Process(process.pid).memory_info().rss
    stop(process)
    return resident
