"""Somebody who sends more than a person could is told so once, and not answered for a moment.

Counted in Redis; without it nobody is limited.
"""

from __future__ import annotations

from enum import Enum

from app.cache import Cache

# Tapping through the settings as fast as one can stays below.
MOST, SECONDS = 20, 10


class Verdict(Enum):
    """What to do with an update."""

    HANDLE = "handle"
    TELL = "tell"  # that it was too much
    IGNORE = "ignore"


async def judge(cache: Cache, user_id: int) -> Verdict:
    """Count one more of what somebody sent."""
    number = await cache.count(f"flood:{user_id}", SECONDS)
    if number is None or number <= MOST:
        return Verdict.HANDLE
    return Verdict.TELL if number == MOST + 1 else Verdict.IGNORE
