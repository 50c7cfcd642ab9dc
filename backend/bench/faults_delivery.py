"""Losses and duplicates when everything around the bot fails in the middle of a fan-out.

Every reader without a digest counts as lost, regardless of the outbox. READERS sets their number
(10,000), PROBES=off tests the rule for messages in doubt alone, and SEED determines the times of
the faults.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from app.telegram.send.message_ids import SETTLING_SECONDS
from bench.due_readers import StoppedError, due_again, seed, stories_by_chat, until_settled
from bench.stack import Stack, stack
from simulators.control import wait_until
from simulators.figures import Figure
from simulators.postgresql_proxy import LossyProxy, lossy_proxy
from simulators.processes import Process, stop
from simulators.wrong_clock import wrong_clock

READERS = int(os.environ.get("READERS", "10000"))
DICE = random.Random(int(os.environ.get("SEED", "1")))
KILLS, LOST_CLAIMS, DATABASE_KILLS, PAUSES = 10, 8, 5, 4
PAUSE_SECONDS = (9.0, 15.0)
# By the rule alone, the messages in flight during a fault may be duplicated: at most this many.
MAX_TWICE_PER_EVENT = 6
PROBES = os.environ.get("PROBES", "on")
# The SQL of a claim and of a leaving in the outbox.
CLAIM = r"SET claimed_by = \$3"
LEAVE = r"SET state = 'sending'"
# Seconds between replies to new readers during the faults.
REPLY_SECONDS = 1.0
FIRST_WRITER = 5_000_000
OPERATOR = 9_000_000
ENVIRONMENT = {"DOUBT_PROBES": PROBES, "ADMIN_CHAT_ID": str(OPERATOR)}
# How much later a request is executed after Telegram reported its failure.
LATE_SECONDS = (1.0, 90.0)
# The clock's error, and how long it lasts.
CLOCK_HOURS, CLOCK_SECONDS = 50, 20.0
PERIOD_HOURS = 25  # the longest interval of a daily digest, when the clocks change
TOLD = "SELECT count(*) FROM outbox WHERE key LIKE 'alert:sending:%' AND state = 'sent'"
SENT = "SELECT count(*) FROM outbox WHERE state = 'sent' AND digest_id IS NOT NULL"


@dataclass(slots=True)
class Fault:
    """A fan-out in progress, and its fault."""

    running: Stack
    proxy: LossyProxy
    processes: list[Process] = field(default_factory=list)
    writers: int = 0

    def start(self, **environment: str) -> Process:
        process = self.running.app.start(DATABASE_URL=self.url, **ENVIRONMENT, **environment)
        self.processes.append(process)
        return process

    @property
    def url(self) -> str:
        return self.running.postgresql.url().replace(
            str(self.running.postgresql.port), str(self.proxy.port)
        )

    async def until_part(self, part: float) -> None:
        """Wait until this part of the digests has been sent."""
        connection = await self.running.connect()
        while await connection.fetchval(SENT) < part * READERS:
            if (code := self.processes[-1].poll()) is not None:
                raise StoppedError(f"the app ended with {code}:\n{self.running.app.log[-2000:]}")
            await asyncio.sleep(0.1)
        await connection.close()

    async def people_write(self, seconds: float) -> None:
        """Send a message as a new reader every second."""
        for _ in range(int(seconds / REPLY_SECONDS)):
            self.running.telegram.say(FIRST_WRITER + self.writers, "/help")
            self.writers += 1
            await asyncio.sleep(REPLY_SECONDS)

    async def fetchval(self, query: str) -> Any:
        connection = await self.running.connect()
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


@asynccontextmanager
async def _fan_out(stack_of_it: Any = None) -> AsyncIterator[Fault]:
    async with stack_of_it or stack(telegram_limits=True) as running:
        with lossy_proxy(running.postgresql.port) as proxy:
            await seed(running, READERS)
            fault = Fault(running, proxy)
            fault.start()
            running.telegram.say(OPERATOR, "/start")
            yield fault


async def _kill(fault: Fault) -> None:
    for kill in range(KILLS):
        await fault.until_part((kill + DICE.random()) / (KILLS + 1))
        fault.processes[-1].kill()
        fault.processes[-1].wait()
        fault.start()


async def _lose_claims(fault: Fault) -> None:
    for number in range(LOST_CLAIMS):
        await fault.until_part((number + DICE.random()) / (LOST_CLAIMS + 1))
        fault.proxy.lose(CLAIM if number % 2 else LEAVE)
        wait_until(lambda n=number: fault.proxy.lost > n or None, "lost answer", 60)


async def _kill_postgresql(fault: Fault) -> None:
    for kill in range(DATABASE_KILLS):
        await fault.until_part((kill + DICE.random()) / (DATABASE_KILLS + 1))
        fault.running.postgresql.stop("immediate")
        await asyncio.sleep(DICE.random())
        fault.running.postgresql.start()


async def _pause_leader(fault: Fault) -> None:
    await fault.until_part(1 / READERS)  # the first instance leads
    leader, standby = fault.processes[-1], fault.start(LOG_LEVEL="INFO")
    wait_until(lambda: "standing by" in fault.running.app.log or None, "second instance", 60)
    for pause in range(PAUSES):
        await fault.until_part((pause + DICE.random()) / (PAUSES + 1))
        leader.send_signal(signal.SIGSTOP)
        await asyncio.sleep(DICE.uniform(*PAUSE_SECONDS))
        leader.send_signal(signal.SIGCONT)
        leader, standby = standby, leader


async def _settled(fault: Fault, name: str, events: int) -> list[Figure]:
    """The outcome, on the same and on the next day."""
    running, process = fault.running, fault.processes[-1]
    await until_settled(running, process, READERS)
    today = stories_by_chat(running, READERS)
    figures = await _twice(fault, name, events)
    digests = {chat: len(messages) for chat, messages in today.items()}
    await due_again(running)
    await until_settled(running, process, READERS)
    both = stories_by_chat(running, READERS)
    again = sum(
        bool(set().union(*both[chat][digests[chat] :]) & set().union(*today[chat]))
        for chat in digests
        if digests[chat]
    )
    for one in fault.processes:
        stop(one)
    return [
        Figure(f"readers without a digest, {name}", READERS - len(digests), "", 0, "lower"),
        *figures,
        Figure(f"readers with a story twice on the next day, {name}", again, "", 0, "lower"),
    ]


async def _twice(fault: Fault, name: str, events: int) -> list[Figure]:
    """The duplicates by cause: the call was executed late, or no probe could decide and the message
    was repeated by the rule.
    """
    doubtful = await fault.fetchval("SELECT count(*) FROM outbox WHERE doubts > 0")
    found = await fault.fetchval(
        "SELECT count(*) FROM outbox WHERE doubts > 0 AND state = 'sent' AND attempts = 1"
    )
    copies: Counter[tuple[int, str]] = Counter()
    late: set[tuple[int, str]] = set()
    for one in fault.running.telegram.get("sent"):
        thing = one["chat_id"], one["message"].get("text", "")
        copies[thing] += 1
        if one.get("late", 0.0) > SETTLING_SECONDS:
            late.add(thing)
    replies = [thing for thing in copies if thing[0] >= FIRST_WRITER]
    answered = {chat for chat, _ in replies}
    missing = fault.writers - sum(
        FIRST_WRITER + number in answered for number in range(fault.writers)
    )
    twice = {thing for thing, count in copies.items() if count > 1}
    most = 0 if PROBES == "on" else MAX_TWICE_PER_EVENT * events
    return [
        Figure(f"messages in doubt, {name}", doubtful, ""),
        Figure(f"of these found by probes, {name}", found, ""),
        *(
            [Figure(f"replies never said, {name}", missing, "", 0, "lower")]
            if fault.writers
            else []
        ),
        Figure(f"came twice, {name}", len(twice - late), "", most, "lower"),
        *([Figure(f"came twice, done late, {name}", len(twice & late), "")] if late else []),
    ]


def _events(
    happen: Callable[[Fault], Awaitable[None]], name: str, count: int
) -> Callable[[], Awaitable[list[Figure]]]:
    async def measure() -> list[Figure]:
        async with _fan_out() as fault:
            await happen(fault)
            return await _settled(fault, name, count)

    return measure


def _silence(
    kind: str, duration: float, name: str, *, method: str = "*", **options: Any
) -> Callable[[], Awaitable[list[Figure]]]:
    """Telegram returns nothing useful for a while, during digests and replies."""

    async def measure() -> list[Figure]:
        async with _fan_out() as fault:
            await fault.until_part(0.2)
            fault.running.telegram.trouble(method, kind, for_seconds=duration, **options)
            await fault.people_write(duration)
            figures = await _settled(fault, name, 1)
            told = await fault.fetchval(TOLD)
        wrong = abs(told - 1)
        return [*figures, Figure(f"told to the operator not once, {name}", wrong, "", 0, "lower")]

    return measure


async def _wrong_clock() -> list[Figure]:
    """The clock is 50 hours ahead for a while, then 50 hours behind, while digests are due."""
    with wrong_clock() as clock:
        async with _fan_out(stack(telegram_limits=True, clock=clock)) as fault:
            for part, hours in (0.3, CLOCK_HOURS), (0.6, -CLOCK_HOURS):
                await fault.until_part(part)
                clock.set(hours * 3600)
                await fault.people_write(CLOCK_SECONDS)
                clock.set(0)
                await fault.people_write(CLOCK_SECONDS)
            await until_settled(fault.running, fault.processes[-1], READERS)
            twice = await fault.fetchval(
                """
                SELECT count(*) FROM (
                  SELECT FROM digests WHERE kind = 'daily' GROUP BY chat_id, local_day
                  HAVING count(*) > 1) AS days
                """
            )
            far = await fault.fetchval(
                f"""
                SELECT count(*) FROM readers WHERE chat_id <= {READERS}
                AND (next_digest_at IS NULL
                     OR next_digest_at > now() + interval '{PERIOD_HOURS} hours')
                """
            )
            [never] = [
                figure
                for figure in await _twice(fault, "clock set", 1)
                if "never said" in figure.name
            ]
    return [
        never,
        Figure("dates of a reader with two digests, clock set", twice, "", 0, "lower"),
        Figure("readers whose next digest is later than a day, clock set", far, "", 0, "lower"),
    ]


GATEWAY_TIMEOUT = {"status": 504, "description": "Gateway Timeout"}
LATE = {"seconds": LATE_SECONDS[0], "seconds_at_most": LATE_SECONDS[1]}
PARTS = {
    "kills": _events(_kill, "10 SIGKILLs", KILLS),
    "lost-claims": _events(_lose_claims, "8 lost claims", LOST_CLAIMS),
    "postgresql": _events(_kill_postgresql, "5 kills of PostgreSQL", DATABASE_KILLS),
    "pauses": _events(_pause_leader, "4 pauses of the leader", PAUSES),
    "504": _silence("status", 15, "504 for 15 s", **GATEWAY_TIMEOUT),
    "hang-up": _silence("drop", 15, "hang-up for 15 s"),
    "hang-up-after": _silence("drop_after", 15, "done and hung up on for 15 s"),
    "late": _silence(
        "late", 15, "done late for 15 s", method="sendMessage", **GATEWAY_TIMEOUT, **LATE
    ),
    "clock": _wrong_clock,
    "504-long": _silence("status", 300, "504 for 5 min", **GATEWAY_TIMEOUT),
    "hang-up-long": _silence("drop", 300, "hang-up for 5 min"),
    "hang-up-after-long": _silence("drop_after", 300, "done and hung up on for 5 min"),
}
