"""Several coroutines at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
L = TypeVar("L")
Tell: TypeAlias = Callable[[int], None]

# How often there is a look for new work while what was found earlier is still being done.
LOOK_SECONDS = 2.0


async def together(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all of them at once; their results are in the order of the coroutines.

    Raises:
        Exception: the first error as it is, not in a group, when the others have been cancelled.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


def nobody(number: int) -> None:
    """Hears nothing."""


async def in_lanes(
    lanes: int,
    look: Callable[[], Awaitable[L]],
    claim: Callable[[L, int], Awaitable[Sequence[T]]],
    work: Callable[[T], Coroutine[Any, Any, None]],
    tell: Tell = nobody,
) -> int:
    """Work on at most `lanes` things at once until `claim`, asked for so many, finds none.

    A lane that is done takes the next thing of what the last `look` found, so that a slow one holds
    up no other; `look` is asked anew now and then. `tell` hears how many are done so far.

    Returns:
        How many were worked on.

    Raises:
        Exception: the first error as it is, not in a group, when the others have been cancelled.
    """
    done = 0
    found, look_at = await look(), _now() + LOOK_SECONDS
    busy: set[asyncio.Task[None]] = set()
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                if len(busy) < lanes:
                    if _now() >= look_at:
                        found, look_at = await look(), _now() + LOOK_SECONDS
                    claimed = await claim(found, lanes - len(busy))
                    busy |= {group.create_task(work(one)) for one in claimed}
                if not busy:
                    return done
                ended, busy = await asyncio.wait(
                    busy, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                done += len(ended)
                tell(done)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _now() -> float:
    return asyncio.get_running_loop().time()
