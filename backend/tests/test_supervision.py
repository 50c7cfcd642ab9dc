from __future__ import annotations

import asyncio

import pytest

from app import concurrency
from app.concurrency import Signal
from app.health import Health
from app.supervision import repeat


async def test_a_signal_wakes_everybody_who_waits() -> None:
    signal = Signal()
    waiting = [asyncio.create_task(signal.wait(signal.count, 60)) for _ in range(3)]
    await asyncio.sleep(0)
    signal.set()
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_a_signal_given_meanwhile_is_not_missed() -> None:
    signal = Signal()
    seen = signal.count
    signal.set()
    assert await signal.wait(seen, 60)


async def test_without_a_signal_the_wait_ends() -> None:
    signal = Signal()
    assert not await signal.wait(signal.count, 0.001)


class Steps:
    """Counts its steps and lets a test wait for one."""

    def __init__(self, *, work: int = 0) -> None:
        self.wake = Signal()
        self.taken = Signal()
        self.work = work
        self.set_in_step = False

    async def step(self) -> int:
        if self.set_in_step:
            self.set_in_step = False
            self.wake.set()
        self.taken.set()
        self.work -= 1
        return int(self.work >= 0)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.taken.count < count:
                await self.taken.wait(self.taken.count, 10)

    def run(self, min_interval: float = 0.0) -> asyncio.Task[None]:
        return asyncio.create_task(
            repeat(
                "a task",
                self.step,
                Health(),
                idle_seconds=0,
                resting_seconds=60,
                wake=self.wake,
                min_interval=min_interval,
            )
        )


async def test_a_task_looks_often_at_first() -> None:
    steps = Steps()
    task = steps.run()
    await steps.until(50)
    task.cancel()


async def test_a_task_without_work_rests_until_it_is_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "RESTLESS_SECONDS", -1.0)
    steps = Steps(work=3)
    task = steps.run()
    await steps.until(4)
    for _ in range(100):
        await asyncio.sleep(0)
    assert steps.taken.count == 4
    steps.wake.set()
    await steps.until(5)
    steps.set_in_step = True
    steps.wake.set()
    await steps.until(7)
    task.cancel()


async def test_many_signals_start_a_task_without_work_once_an_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "RESTLESS_SECONDS", -1.0)
    steps = Steps(work=3)
    task = steps.run(min_interval=3600)
    await steps.until(4)
    for _ in range(100):
        steps.wake.set()
        await asyncio.sleep(0)
    assert steps.taken.count == 4
    task.cancel()
