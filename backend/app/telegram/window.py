"""At most so many messages in any second, wherever on the way each of them is counted.

Telegram counts a message when it arrives, which is at some moment between its leaving and its
answer. So one may leave only while, of those before it, fewer than `most` are unanswered or were
answered within the last `seconds`.

That is enough. Let more than `most` messages arrive within `seconds`, and let the last of them to
leave do so at t. It arrives at t or later, the others therefore after t - `seconds`, and they are
answered later still. So each of them was counted at t, and that one did not leave.

No answer comes sooner than `quickest` after its message left. What every message spends on the way
there and every answer on the way back does not move arrivals against each other, so a message is
forgotten that much earlier.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

# A message without an answer must have arrived when one that left so much later is answered.
OVERTAKEN_SECONDS = 2.0
# How many answers tell how quick the quickest is, and how many are too few to tell.
ANSWERS = 600
FEW_ANSWERS = 120


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """One message that left, on the caller's clock."""

    chat_id: int
    at: float


class Window:
    """Which messages may have arrived within the last `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._unanswered: dict[Departure, None] = {}
        self._answered: deque[float] = deque()

    def leaves(self, departure: Departure) -> None:
        """A message leaves."""
        self._unanswered[departure] = None

    def answered(self, departure: Departure, now: float) -> None:
        """Its answer came, or it is certain that none will."""
        self._unanswered.pop(departure, None)
        overtaken_before = departure.at - OVERTAKEN_SECONDS
        for other in [one for one in self._unanswered if one.at < overtaken_before]:
            del self._unanswered[other]
            self._answered.append(now)
        self._answered.append(now)
        while self._answered[0] <= now - self._seconds:
            self._answered.popleft()

    def free_at(self, quickest: float = 0.0) -> float:
        """When the next message may leave; infinite when only an answer will tell."""
        excess = len(self._unanswered) + len(self._answered) - self._most
        if excess < 0:
            return -math.inf
        if excess >= len(self._answered):
            return math.inf
        return self._answered[excess] + self._seconds - quickest

    def free(self, now: float, quickest: float = 0.0) -> int:
        """How many messages may leave together at `now`; below 1 for none."""
        counted = sum(at + self._seconds - quickest > now for at in self._answered)
        return self._most - len(self._unanswered) - counted


class Quickest:
    """How long an answer takes at least, judged by the last ones; cautious where they differ."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=ANSWERS)
        self.seconds = 0.0

    def took(self, seconds: float) -> None:
        """An answer took so long."""
        self._seconds.append(seconds)
        if len(self._seconds) >= FEW_ANSWERS:
            least = min(self._seconds)
            # As far below the quickest seen as the usual one is above it, and a tenth at least.
            self.seconds = max(0.0, min(0.9 * least, 2 * least - median(self._seconds)))
