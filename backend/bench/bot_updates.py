"""Updates per second through the durable inbox, compared with python-telegram-bot in memory.

Both receive the same updates from the same simulated Telegram and reply to each with one message.
The baseline uses the library's defaults: it handles updates one after the other and confirms them
once they are in memory.
"""

from __future__ import annotations

import time

from bench.stack import TOKEN, UNLIMITED, stack
from simulators.control import TelegramControl, wait_until
from simulators.figures import Figure
from simulators.processes import Process, start_python, stop

UPDATES = 4000
CHATS = 500
ROUNDS = 3


async def measure() -> list[Figure]:
    """The median ratio of rounds in which both are measured in turn."""
    rates: list[tuple[float, float]] = []
    async with stack() as running:
        for _ in range(ROUNDS):
            baseline = start_python(
                "-m", "bench.peer_bots", "python-telegram-bot", running.telegram.address, TOKEN
            )
            plain = _rate(running.telegram, baseline)
            durable = _rate(running.telegram, running.app.start(**UNLIMITED))
            rates.append((durable, plain))
    rates.sort(key=lambda pair: pair[0] / pair[1])
    durable, plain = rates[len(rates) // 2]
    return [
        Figure("updates answered, durable inbox", durable, "1/s"),
        Figure("updates answered, python-telegram-bot in memory", plain, "1/s"),
        Figure("durable / in memory", durable / plain, "", 1.0),
    ]


def _rate(telegram: TelegramControl, process: Process) -> float:
    """Replies per second after a warm-up."""
    burst(telegram, CHATS)
    began = time.monotonic()
    burst(telegram, UPDATES)
    rate = UPDATES / (time.monotonic() - began)
    stop(process)
    return rate


def burst(telegram: TelegramControl, count: int) -> None:
    """Ask for help from many chats at once, and wait for all answers."""
    answered = telegram.get("state")["accepted"]
    telegram.post("say", [{"chat_id": 1 + n % CHATS, "text": "/help"} for n in range(count)])
    wait_until(
        lambda: telegram.get("state")["accepted"] >= answered + count or None,
        f"{count} answers",
        300,
    )
