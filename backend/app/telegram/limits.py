"""How fast the Bot API lets us speak, and what a 429 of it means.

About 30 messages a second overall, one a second in a private chat, 20 a minute in a group:
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. All times here are
seconds of one monotonic clock, passed in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# Messages arrive a little closer together than they left; a window this much longer allows for it.
SLACK = 1.03
# How late a message may leave and still be caught up with, in messages.
CATCH_UP = 4
# How long everything waits when Telegram cannot be reached, at first and at most.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
# A 429 says how long to wait but not which limit was passed. A second chat that meets one within
# this time tells that it was the overall one.
SUSPICION_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second overall and in one chat, and a minute in one group; 0 is no limit."""

    overall: float
    chat: float
    group: float


class Limits:
    """Decides when the next message may leave, overall and in each chat."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._recent: deque[float] = deque()
        self._next_slot = 0.0
        self._halted_until = 0.0
        self._pause = 0.0
        self._last_refusal: tuple[int, float] | None = None
        self._chat_ready_at: dict[int, float] = {}
        self._group_recent: dict[int, deque[float]] = {}

    @property
    def overall_rate(self) -> float:
        return self._rates.overall

    def ready_in(self, now: float) -> float:
        """Seconds until any message may leave; 0 when one may leave now."""
        ready_at = self._halted_until
        if self._rates.overall:
            while self._recent and self._recent[0] <= now - SLACK:
                self._recent.popleft()
            # Evenly spaced, so that as few messages as possible are in flight when a process dies …
            ready_at = max(ready_at, self._next_slot - CATCH_UP / self._rates.overall)
            # … and never more in a second than allowed, whatever is being caught up with.
            if len(self._recent) >= max(1, int(self._rates.overall)):
                ready_at = max(ready_at, self._recent[0] + SLACK)
        return max(0.0, ready_at - now)

    def busy_chats(self, now: float) -> list[int]:
        """The chats in which nothing may be said yet."""
        for chat_id in [chat for chat, ready_at in self._chat_ready_at.items() if ready_at <= now]:
            del self._chat_ready_at[chat_id]
        return list(self._chat_ready_at)

    def next_chat_in(self, now: float) -> float | None:
        """Seconds until the first busy chat may be spoken to again; None when none is busy."""
        if not self._chat_ready_at:
            return None
        return max(0.0, min(self._chat_ready_at.values()) - now)

    def sent(self, chat_id: int, now: float) -> None:
        """A message to `chat_id` leaves now."""
        if self._rates.overall:
            self._recent.append(now)
            interval = 1 / self._rates.overall
            self._next_slot = max(self._next_slot, now) + interval
        if self._rates.chat:
            self._chat_ready_at[chat_id] = now + SLACK / self._rates.chat
        is_group = chat_id < 0
        if is_group and self._rates.group:
            self._pace_group(chat_id, now)

    def _pace_group(self, chat_id: int, now: float) -> None:
        recent = self._group_recent.setdefault(chat_id, deque())
        recent.append(now)
        while recent[0] <= now - 60 * SLACK:
            recent.popleft()
        if len(recent) >= self._rates.group:
            self._chat_ready_at[chat_id] = recent[0] + 60 * SLACK

    def refused(self, chat_id: int, retry_after: float, now: float) -> None:
        """Telegram answered 429 for a message to `chat_id`."""
        self._chat_ready_at[chat_id] = now + retry_after
        if self._last_refusal is not None:
            other_chat, at = self._last_refusal
            if other_chat != chat_id and now - at < SUSPICION_SECONDS:
                self._halted_until = max(self._halted_until, now + retry_after)
        self._last_refusal = (chat_id, now)

    def unreachable(self, now: float) -> None:
        """A message did not get as far as Telegram, nor would others."""
        if now >= self._halted_until:
            self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
            self._halted_until = now + self._pause

    def reached(self) -> None:
        """Telegram took a message."""
        self._pause = 0.0
