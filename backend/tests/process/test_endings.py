"""How the process ends: at once with 0 when stopped, with an error when it cannot continue."""

from __future__ import annotations

import signal
import subprocess

import psutil
import pytest

from app.database.connection import Pool
from app.supervision import EXIT_FAILED, EXIT_STUCK
from simulators.control import TelegramControl, wait_until
from simulators.processes import App, start_python

OWN_PROCESSES = ("unshare", "--pid", "--fork", "--kill-child")
STUCK = """
import time
from app import supervision
supervision.STUCK_SECONDS = 0.5
supervision.Watchdog()
time.sleep(60)
"""
# One task ends as if it had been cancelled, and another does not hear that all is over.
DEAF = """
import asyncio
from app import supervision
from app.health import Health
supervision.STOP_SECONDS = 0.5
async def vanishing():
    raise asyncio.CancelledError
async def deaf():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass
async def main():
    health = Health()
    async with asyncio.TaskGroup() as tasks:
        supervision.start_vital(tasks, "deaf", deaf(), health)
        supervision.start_vital(tasks, "vanishing", vanishing(), health)
asyncio.run(main())
"""
# What is no vital task fails, and takes one along that is.
BESIDE = """
import asyncio
from app import supervision
from app.health import Health
async def failing():
    raise ValueError("what went wrong")
async def main():
    async with asyncio.TaskGroup() as tasks:
        supervision.start_vital(tasks, "bystander", asyncio.sleep(60), Health())
        tasks.create_task(failing())
asyncio.run(main())
"""


@pytest.mark.skipif(
    subprocess.run([*OWN_PROCESSES, "true"], check=False, capture_output=True).returncode != 0,
    reason="no process namespace of its own, so nobody but init is process 1",
)
def test_sigterm_as_process_1_of_a_container(app: App, telegram: TelegramControl) -> None:
    outside = app.start(within=OWN_PROCESSES)
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    [inside] = psutil.Process(outside.pid).children()
    inside.send_signal(signal.SIGTERM)
    assert outside.wait(timeout=5) == 0


def test_a_second_signal_changes_nothing(app: App, telegram: TelegramControl) -> None:
    process = app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    telegram.trouble("sendMessage", "delay", seconds=1.0)
    telegram.say(1, "/stats")
    wait_until(lambda: telegram.get("state")["counts"]["sendMessage"] >= 2 or None, "a call")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 3)
    assert len(telegram.messages(1)) == 3


async def test_a_dead_task_ends_the_process(
    app: App, telegram: TelegramControl, database: Pool
) -> None:
    process = app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    await database.execute("ALTER TABLE outbox RENAME TO elsewhere")
    assert process.wait(timeout=60) == EXIT_FAILED
    assert "The task lead is dead" in app.log
    assert 'relation "outbox" does not exist' in app.log


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        (STUCK, EXIT_STUCK, "The event loop is stuck"),
        (DEAF, EXIT_FAILED, "The task vanishing is dead"),
    ],
)
def test_unrecoverable_errors_end_the_process(program: str, code: int, said: str) -> None:
    process = start_python("-c", program, stderr=subprocess.PIPE)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert said in stderr.decode()


def test_of_tasks_that_end_together_the_one_that_failed_is_named() -> None:
    process = start_python("-c", BESIDE, stderr=subprocess.PIPE)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == EXIT_FAILED
    assert "what went wrong" in stderr.decode()
    assert "bystander" not in stderr.decode()
