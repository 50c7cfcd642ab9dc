"""Coroutines that run at once do not block each other."""

from __future__ import annotations

import asyncio

import pytest

from app.concurrency import run_pool

PATIENCE_SECONDS = 60


class Work:
    """Numbers to work on, of which some wait until they may go on."""

    def __init__(self, numbers: range, *slow: int) -> None:
        self.left = list(numbers)
        self.looks, self.claims = 0, 0
        self.slow = slow
        self.go_on = asyncio.Event()
        self.busy, self.most_busy = 0, 0
        self.done: list[int] = []
        self.cancelled: list[int] = []

    async def look(self) -> list[int]:
        self.looks += 1
        return self.left

    async def claim(self, _: list[int], number: int) -> list[int]:
        self.claims += 1
        taken, self.left = self.left[:number], self.left[number:]
        return taken

    async def work(self, number: int) -> None:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await (self.go_on.wait() if number in self.slow else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        self.busy -= 1
        self.done.append(number)


async def test_a_slow_item_does_not_delay_others() -> None:
    work = Work(range(20), 1)
    heard: list[int] = []

    def tell(number: int) -> None:
        heard.append(number)
        if number == 19:
            work.go_on.set()

    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await run_pool(3, work.look, work.claim, work.work, tell) == 20
    assert work.done[-1] == 1
    assert work.most_busy == 3
    assert heard[-1] == 20


async def test_claims_use_the_latest_look(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(range(20))
    monkeypatch.setattr("app.concurrency.LOOK_SECONDS", float(PATIENCE_SECONDS))
    await run_pool(3, work.look, work.claim, work.work)
    assert work.looks == 1 < work.claims
    work = Work(range(20))
    monkeypatch.setattr("app.concurrency.LOOK_SECONDS", 0.0)
    await run_pool(3, work.look, work.claim, work.work)
    assert work.looks > work.claims


async def test_items_that_arrive_meanwhile_are_processed() -> None:
    work = Work(range(1), 0)
    running = asyncio.create_task(run_pool(3, work.look, work.claim, work.work))
    await asyncio.sleep(0)
    work.left.append(1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while work.done != [1]:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    work.go_on.set()
    assert await running == 2


async def test_the_first_error_ends_all_and_is_raised_as_it_is() -> None:
    work = Work(range(3), 0, 1)

    async def fail(number: int) -> None:
        if number == 2:
            raise ConnectionError("away")
        await work.work(number)

    with pytest.raises(ConnectionError):
        await run_pool(3, work.look, work.claim, fail)
    assert sorted(work.cancelled) == [0, 1]


async def test_nothing_to_do() -> None:
    work = Work(range(0))
    assert await run_pool(3, work.look, work.claim, work.work) == 0
