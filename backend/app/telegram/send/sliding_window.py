"""Limits the messages in any second, wherever on the way Telegram counts each of them.

Telegram counts a message when it arrives, which is at some moment between its leaving and its
answer. So one may leave only while, of those before it, fewer than `most` are unanswered or were
answered within the last `seconds`.

Proof: suppose that more than `most` messages arrive within `seconds`, and that the last of them to
leave does so at t. It arrives at t or later, so the others arrive after t - `seconds`, and their
answers come later still. All of them were therefore counted at t, and the last one could not leave.

No answer comes sooner than `quickest` after its message left. What every message spends on the way
there and every answer on the way back does not move arrivals against each other, so a message is
forgotten that much earlier.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

# A message without an answer has arrived when one that left this much later is answered.
OVERTAKEN_SECONDS = 2.0
# How many answers determine the fastest one, and how many are too few.
ANSWERS = 600
MIN_ANSWERS = 120


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """A message that left; times are on the caller's clock."""

    chat_id: int
    at: float


class SlidingWindow:
    """The messages that may have arrived within the last `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._unanswered: dict[Permit, None] = {}
        self._answered: deque[float] = deque()

    def acquire(self, permit: Permit) -> None:
        """Record that a message leaves."""
        self._unanswered[permit] = None

    def release(self, permit: Permit, now: float) -> None:
        """Record that its answer came, or certainly never will."""
        self._unanswered.pop(permit, None)
        overtaken_before = permit.at - OVERTAKEN_SECONDS
        for other in [one for one in self._unanswered if one.at < overtaken_before]:
            del self._unanswered[other]
            self._answered.append(now)
        self._answered.append(now)
        while self._answered[0] <= now - self._seconds:
            self._answered.popleft()

    def free_at(self, quickest: float = 0.0) -> float:
        """When the next message may leave; infinite if that depends on an answer."""
        excess = len(self._unanswered) + len(self._answered) - self._most
        if excess < 0:
            return -math.inf
        if excess >= len(self._answered):
            return math.inf
        return self._answered[excess] + self._seconds - quickest

    def counts(self, now: float) -> bool:
        """Whether any message still counts."""
        return bool(
            self._unanswered or (self._answered and self._answered[-1] > now - self._seconds)
        )

    def free(self, now: float, quickest: float = 0.0) -> int:
        """How many messages may leave together at `now`; below 1: none."""
        counted = sum(at + self._seconds - quickest > now for at in self._answered)
        return self._most - len(self._unanswered) - counted


class FastestAnswer:
    """The shortest time of an answer, estimated from the last ones; cautious if they vary."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=ANSWERS)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Add the time of an answer."""
        self._seconds.append(seconds)
        if len(self._seconds) >= MIN_ANSWERS:
            least = min(self._seconds)
            # Below the fastest by as much as the median is above it, and by at least a tenth.
            self.seconds = max(0.0, min(0.9 * least, 2 * least - median(self._seconds)))
