"""Ten thousand readers due in the same minute: rate, regularity, and the wait of other readers."""

from __future__ import annotations

import asyncio
import os
import time
from statistics import quantiles

import psutil

from bench.due_readers import READERS, deliveries, seed, until_sent
from bench.stack import UNLIMITED, Stack, stack
from simulators.figures import Figure
from simulators.processes import stop

# A new reader sends /start this often during the fan-out.
STARTS_EVERY_SECONDS = 2.0
FIRST_NEWCOMER = 1_000_000
MEMORY_EVERY_SECONDS = 0.2


async def measure_limited() -> list[Figure]:
    """With Telegram's own limits: the rate is close to them, and newcomers get replies."""
    async with stack(telegram_limits=True) as running:
        await seed(running)
        process = running.app.start()
        memory, said_at = [0.0], dict[int, float]()
        watching = [
            asyncio.create_task(_watch_memory(process.pid, memory)),
            asyncio.create_task(_newcomers(running, said_at)),
        ]
        await until_sent(running, READERS, process)
        for task in watching:
            task.cancel()
        await until_sent(running, READERS + len(said_at), process)
        found = await deliveries(running)
        refused = running.telegram.get("state")["counts"].get("sendMessage 429", 0)
        answers = [one for one in running.telegram.get("sent") if one["chat_id"] in said_at]
        waits = [one["at"] - said_at[one["chat_id"]] for one in answers]
        stop(process)
    began, ended = min(found.sent_at), max(found.sent_at)
    meanwhile = sum(began <= one["at"] <= ended for one in answers) / (ended - began)
    return [
        Figure("messages a second, limits as Telegram's", found.rate + meanwhile, "1/s", 29),
        Figure("digests among them", found.rate, "1/s"),
        Figure("refused with 429", refused, "", 0, "lower"),
        Figure("readers with two digests", found.twice, "", 0, "lower"),
        Figure("readers without one", found.missed, "", 0, "lower"),
        Figure("memory at most (RSS)", max(memory) / 1e6, "MB", 200, "lower"),
        Figure("/start answered meanwhile, p95", quantiles(waits, n=20)[-1], "s", 1.0, "lower"),
    ]


async def measure_unlimited() -> list[Figure]:
    """Without limits, as on a self-hosted Bot API server: one instance on one core, then two at
    once.
    """
    figures = []
    for instances, name, bound in (1, "one core", 300), (2, "two instances", None):
        async with stack() as running:
            await seed(running)
            processes = [running.app.start(**UNLIMITED) for _ in range(instances)]
            if instances == 1:
                psutil.Process(processes[0].pid).cpu_affinity([min(os.sched_getaffinity(0))])
            await until_sent(running, READERS, processes[0])
            found = await deliveries(running)
            for process in processes:
                stop(process)
        figures += [
            Figure(f"digests a second, no limits, {name}", found.rate, "1/s", bound),
            Figure(f"readers with two digests, {name}", found.twice, "", 0, "lower"),
            Figure(f"readers without one, {name}", found.missed, "", 0, "lower"),
        ]
    return figures


async def _watch_memory(pid: int, resident: list[float]) -> None:
    measured = psutil.Process(pid)
    while True:
        resident.append(measured.memory_info().rss)
        await asyncio.sleep(MEMORY_EVERY_SECONDS)


async def _newcomers(running: Stack, said_at: dict[int, float]) -> None:
    while True:
        chat_id = FIRST_NEWCOMER + len(said_at)
        said_at[chat_id] = time.time()
        running.telegram.say(chat_id, "/start")
        await asyncio.sleep(STARTS_EVERY_SECONDS)
