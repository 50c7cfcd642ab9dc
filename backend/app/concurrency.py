"""Helpers for concurrent coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
L = TypeVar("L")
Progress: TypeAlias = Callable[[int], None]

# How often `look` is called while earlier items are still being worked on.
LOOK_SECONDS = 2.0
# How long a worker looks for more work frequently before it rests.
RESTLESS_SECONDS = 60.0


class Signal:
    """Wakes all current waiters, but not later ones.

    A worker reads `count` before it looks for work, and passes it to `wait` afterwards, so that no
    signal in between is missed, with any number of waiters.
    """

    def __init__(self) -> None:
        self.count = 0
        self._event = asyncio.Event()

    def set(self) -> None:
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seen: int, seconds: float) -> bool:
        """Wait until `count` differs from `seen`; False after `seconds`."""
        if self.count == seen:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._event.wait()
        return self.count != seen


class IdleInterval:
    """The time between two looks for work: `idle` seconds, and at least `resting` seconds once
    there has been no work for `RESTLESS_SECONDS`.
    """

    def __init__(self, idle: float, resting: float) -> None:
        self._idle = idle
        self._resting = max(idle, resting)
        self._busy_at = monotonic()

    def busy(self) -> None:
        """Note that there is work."""
        self._busy_at = monotonic()

    @property
    def seconds(self) -> float:
        is_resting = monotonic() - self._busy_at > RESTLESS_SECONDS
        return self._resting if is_resting else self._idle


async def gather(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all coroutines concurrently; the results are in their order.

    Raises:
        Exception: the first error, unwrapped, after the others have been cancelled.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


def ignore_progress(number: int) -> None:
    """Discard the number."""


async def run_pool(
    workers: int,
    look: Callable[[], Awaitable[L]],
    claim: Callable[[L, int], Awaitable[Sequence[T]]],
    work: Callable[[T], Coroutine[Any, Any, None]],
    progress: Progress = ignore_progress,
) -> int:
    """Process items, at most `workers` at once, until `claim(found, count)` returns none.

    An idle worker takes an item that the last `look` found, so that a slow item delays no other;
    `look` is repeated every `LOOK_SECONDS`. `progress` is called with the number of processed
    items.

    Returns:
        The number of processed items.

    Raises:
        Exception: the first error, unwrapped, after the others have been cancelled.
    """
    done = 0
    found, look_at = await look(), _now() + LOOK_SECONDS
    busy: set[asyncio.Task[None]] = set()
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                if len(busy) < workers:
                    if _now() >= look_at:
                        found, look_at = await look(), _now() + LOOK_SECONDS
                    claimed = await claim(found, workers - len(busy))
                    busy |= {group.create_task(work(one)) for one in claimed}
                if not busy:
                    return done
                ended, busy = await asyncio.wait(
                    busy, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                done += len(ended)
                progress(done)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _now() -> float:
    return asyncio.get_running_loop().time()
