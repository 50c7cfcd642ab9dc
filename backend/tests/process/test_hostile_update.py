"""An update that kills, hangs or fails the process stops no other one and is parked in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.database.connection import Pool
from simulators.control import TelegramControl, wait_until
from simulators.processes import Process, start_python
from tests.digests.stories import add_reader

# The app, but for what /stats does: it stands for a handler with a fault.
FAULTY = """
import os, re, signal, sys, time
from app import supervision
from app.telegram.receive import worker
from app.telegram.handle.commands import COMMANDS, stats
supervision.STUCK_SECONDS, supervision.STUCK_CPU_SECONDS = {stuck}
worker.MAX_SECONDS = 5.0
worker.STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '4s'"
async def faulty(context):
{fault}
COMMANDS["stats"] = type(COMMANDS["stats"])(faulty)
from app.main import exit_process, main
exit_process(main())
"""
# Long enough for a busy machine, where the loop may not turn for a while.
PATIENT, IMPATIENT = (120.0, 120.0), (5.0, 120.0)
ENDS = {
    "killed": (PATIENT, "    os.kill(os.getpid(), signal.SIGKILL)"),
    "stuck": (IMPATIENT, "    while True: pass"),
    # Nothing else gets to run meanwhile, no thread either.
    "in C": ((120.0, 5.0), "    re.fullmatch('(a+)+b', 'a' * 64)"),
}
FAILS = {
    "waits": "    import asyncio; await asyncio.sleep(60)",
    "slow": "    await context.connection.execute('SELECT pg_sleep(60)')",
    "raises": "    raise RuntimeError('a fault')",
    "breaks the transaction": "    await context.connection.execute('SELECT 1 / 0')",
}


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def answered(telegram: TelegramControl, chat_id: int, count: int = 1) -> None:
    wait_until(lambda: len(telegram.messages(chat_id)) >= count or None, "an answer", 120)


@pytest.mark.parametrize("name", ENDS)
async def test_an_update_that_ends_the_process_is_parked_after_two_attempts(
    start: list[Process],
    environment: dict[str, str],
    telegram: TelegramControl,
    database: Pool,
    name: str,
) -> None:
    stuck, fault = ENDS[name]
    program = FAULTY.format(stuck=stuck, fault=fault)
    await add_reader(database, 5)
    telegram.say(5, "/stats")
    for _ in range(2):
        start.append(start_python("-c", program, environment=environment))
        assert start[-1].wait(120) not in (0, None)
    telegram.say(6, "/help")
    start.append(start_python("-c", program, environment=environment))
    answered(telegram, 6)
    answered(telegram, 5)
    assert "Something went wrong" in telegram.messages(5)[0]["text"]
    assert start[-1].poll() is None
    row = await database.fetchrow("SELECT state, error FROM inbox WHERE chat_id = 5")
    assert row["state"] == "parked"
    assert "ended 2 times" in row["error"]
    assert await database.fetchval("SELECT count(*) FROM inbox_attempts") == 0


async def test_others_in_the_same_batch_are_answered_first(
    start: list[Process], environment: dict[str, str], telegram: TelegramControl, database: Pool
) -> None:
    program = FAULTY.format(stuck=PATIENT, fault=ENDS["killed"][1])
    await add_reader(database, 5)
    for chat_id in range(1, 10):
        telegram.say(chat_id, "/stats" if chat_id == 5 else "/help")
    for _ in range(3):  # with others, and twice alone
        start.append(start_python("-c", program, environment=environment))
        assert start[-1].wait(120) != 0
    start.append(start_python("-c", program, environment=environment))
    for chat_id in range(1, 10):
        answered(telegram, chat_id)
    assert await database.fetchval("SELECT count(*) FROM inbox WHERE state = 'parked'") == 1


@pytest.mark.parametrize("name", FAILS)
async def test_failing_or_slow_updates_are_parked_without_ending_the_process(
    start: list[Process],
    environment: dict[str, str],
    telegram: TelegramControl,
    database: Pool,
    name: str,
) -> None:
    start.append(
        start_python("-c", FAULTY.format(stuck=PATIENT, fault=FAILS[name]), environment=environment)
    )
    await add_reader(database, 5)
    telegram.say(5, "/stats")
    for chat_id in range(6, 9):
        telegram.say(chat_id, "/help")
        answered(telegram, chat_id)
    answered(telegram, 5)
    assert "Something went wrong" in telegram.messages(5)[0]["text"]
    assert start[0].poll() is None
    assert await database.fetchval("SELECT state FROM inbox WHERE chat_id = 5") == "parked"
