"""Ten thousand updates of a thousand chats, while the process is killed repeatedly and PostgreSQL
twice: counts losses, duplicates and replies out of order.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from bench.stack import UNLIMITED, Stack, stack
from simulators.control import TelegramControl, wait_until
from simulators.figures import Figure

UPDATES = 10_000
CHATS = 1_000
KILLS = 20
DATABASE_RESTARTS = 2
# The range of a process's lifetime; the shortest-lived has hardly polled.
LIFE_SECONDS = (0.1, 2.5)
PATIENCE_SECONDS = 300.0
# During kills: Telegram's own limits, but without the second between messages of a chat, which
# would only prolong the run. At this rate hardly more than one message is in flight.
PACED = UNLIMITED | {"TELEGRAM_MESSAGES_PER_SECOND": "30"}
_NUMBER = re.compile(r"subject(\d+)")


@dataclass(frozen=True, slots=True)
class Ordeal:
    """The outcome of a run."""

    unanswered: int
    unhandled: int
    said_twice: int
    out_of_order: int
    failed_exits: int


async def measure() -> list[Figure]:
    """SIGKILL at Telegram's rate, and both signals without limits; SEED determines the times."""
    seed = int(os.environ.get("SEED") or random.randrange(1000))
    dice = random.Random(seed)
    print(f"SEED={seed}", flush=True)
    figures = []
    for number, name, limits, most_twice in (
        (signal.SIGKILL, "SIGKILL, 30/s", PACED, KILLS),
        (signal.SIGKILL, "SIGKILL, no limits", UNLIMITED, None),
        (signal.SIGTERM, "SIGTERM, no limits", UNLIMITED, 0),
    ):
        async with stack() as running:
            ordeal = await go_through(running, dice, number, limits)
        figures += [
            Figure(f"updates lost, {name}", ordeal.unanswered + ordeal.unhandled, "", 0, "lower"),
            Figure(f"replies out of order, {name}", ordeal.out_of_order, "", 0, "lower"),
            Figure(f"replies sent twice, {name}", ordeal.said_twice, "", most_twice, "lower"),
            Figure(f"exits with a failure, {name}", ordeal.failed_exits, "", 0, "lower"),
        ]
    return figures


async def go_through(
    running: Stack,
    dice: random.Random,
    number: signal.Signals,
    limits: dict[str, str],
    *,
    updates: int = UPDATES,
    chats: int = CHATS,
    kills: int = KILLS,
) -> Ordeal:
    """Send messages as people while processes are ended by the signal `number` at random times."""
    await running.add_readers(range(1, chats + 1))
    restarts = set(dice.sample(range(kills), DATABASE_RESTARTS))
    failed_exits = 0
    process = running.app.start(**limits)
    for kill in range(kills):
        say(running.telegram, range(kill * updates // kills, (kill + 1) * updates // kills), chats)
        await asyncio.sleep(dice.uniform(*LIFE_SECONDS))
        if kill in restarts:
            running.postgresql.stop(dice.choice(("fast", "immediate")))
            await asyncio.sleep(dice.uniform(0.0, 1.0))
            running.postgresql.start()
        process.send_signal(number)
        # Ended by the signal itself: SIGKILL, or SIGTERM before Python had started.
        failed_exits += process.wait(30) not in (0, -number)
        process = running.app.start(**(limits if kill + 1 < kills else UNLIMITED))
    numbers = wait_until(
        lambda: found if len(set(found := answered(running.telegram))) >= updates else None,
        f"answers to {updates} updates",
        PATIENCE_SECONDS,
        every=0.5,
    )
    wait_until(lambda: running.telegram.get("state")["pending"] == 0 or None, "confirmation", 60)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    connection = await running.connect()
    done = await connection.fetchval("SELECT count(*) FROM inbox WHERE state = 'done'")
    await connection.close()
    counted = Counter(numbers)
    return Ordeal(
        unanswered=updates - len(counted),
        unhandled=updates - done,
        said_twice=len(numbers) - len(counted),
        out_of_order=_out_of_order(numbers, chats),
        failed_exits=failed_exits,
    )


def say(telegram: TelegramControl, numbers: range, chats: int) -> None:
    """Send a message with each number, in turn from each of the chats."""
    said = [{"chat_id": 1 + n % chats, "text": f"/topics subject{n}"} for n in numbers]
    telegram.post("say", said)


def answered(telegram: TelegramControl) -> list[int]:
    """The numbers of the updates that were answered, in the order of the replies."""
    found = (_NUMBER.search(message["text"]) for message in telegram.messages())
    return [int(match[1]) for match in found if match]


def _out_of_order(numbers: list[int], chats: int) -> int:
    """The number of replies sent before the reply to an earlier update of the same chat."""
    by_chat: defaultdict[int, list[int]] = defaultdict(list)
    for number in dict.fromkeys(numbers):
        by_chat[number % chats].append(number)
    return sum(
        later < earlier for ordered in by_chat.values() for earlier, later in pairwise(ordered)
    )
