"""Rate limits of the Bot API, and the meaning of a 429.

About 30 messages a second overall, one a second per chat, 20 a minute per group:
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. All times are
seconds of one monotonic clock, passed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.telegram.send.sliding_window import FastestAnswer, Permit, SlidingWindow

# A margin for the differences between clocks, which are read in milliseconds.
CLOCKS = 1.001
MINUTE = 60.0
# How many messages may leave ahead of an even rate, to catch up after a pause.
BURST = 12
# With more groups than this, those without a recent message are forgotten.
MAX_GROUPS = 10_000
# The first and the longest pause when Telegram cannot be reached, in seconds.
FIRST_PAUSE = 0.5
MAX_PAUSE = 5.0
# A 429 does not say which limit was exceeded. If a second chat gets one within this time, it was
# the overall limit.
SUSPICION_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages per second overall and per chat, and per minute in a group; 0: no limit."""

    overall: float
    chat: float
    group: float


class Limits:
    """Decides when the next message may leave, overall and in each chat."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        # A rate below one per second is one message in a longer period.
        most = max(1, int(rates.overall))
        self._overall = (
            SlidingWindow(most, CLOCKS * most / rates.overall) if rates.overall else None
        )
        self._quickest = FastestAnswer()
        self._next_slot = 0.0
        self._halted_until = 0.0
        self._reserved_until = 0.0
        self._pause = 0.0
        self._last_refusal: tuple[int, float, float] | None = None
        self._chat_ready_at: dict[int, float] = {}
        self._groups: dict[int, SlidingWindow] = {}

    @property
    def overall_rate(self) -> float:
        return self._rates.overall

    def ready_in(self, now: float, *, reserved: bool = False) -> float:
        """Seconds until any message may leave: 0 for now, infinite if that depends on an answer.
        The `reserved` place may be used only by the caller that reserved it.
        """
        ready_at = max(self._halted_until, 0.0 if reserved else self._reserved_until)
        if self._overall:
            # Messages are spread evenly, so that few are in flight when a process dies.
            ready_at = max(ready_at, self._next_slot - (BURST - 1) / self._rates.overall)
            # Never more per second than allowed, even when catching up.
            ready_at = max(ready_at, self._overall.free_at(self._quickest.seconds))
        return max(0.0, ready_at - now)

    def reserve(self, until: float) -> None:
        """Keep the next place free from callers that would use every place, until then or until a
        message has left in it.
        """
        self._reserved_until = until

    def batch_size(self, now: float, most: int) -> int:
        """How many of `most` messages may leave together at `now`, if one may: usually one with an
        overall rate, more after a pause.
        """
        if not self._overall:
            return most
        held_up = math.floor((now - self._next_slot) * self._rates.overall) + BURST
        free = self._overall.free(now, self._quickest.seconds)
        return max(1, min(most, held_up, free))

    def busy_chats(self, now: float) -> list[int]:
        """The chats to which nothing may be sent yet."""
        for chat_id in [chat for chat, ready_at in self._chat_ready_at.items() if ready_at <= now]:
            del self._chat_ready_at[chat_id]
        return list(self._chat_ready_at)

    def next_chat_in(self, now: float) -> float:
        """Seconds until something may be sent to the first busy chat; infinite if there is none."""
        return max(0.0, min(self._chat_ready_at.values(), default=math.inf) - now)

    def has_room(self, chat_id: int, now: float) -> bool:
        """Whether a dispensable message may leave: at once, with half of the rate unused."""
        if now < self._halted_until or chat_id in self.busy_chats(now):
            return False
        if not self._overall:
            return True
        free = self._overall.free(now, self._quickest.seconds)
        return 2 * free > int(self._rates.overall)

    def acquire(self, chat_id: int, now: float) -> Permit:
        """Record that a message to `chat_id` leaves now."""
        permit = Permit(chat_id, now)
        if self._overall:
            self._overall.acquire(permit)
            self._next_slot = max(self._next_slot, now) + 1 / self._rates.overall
        if group := self._group(chat_id, now):
            group.acquire(permit)
        if group or self._rates.chat:
            self._chat_ready_at[chat_id] = math.inf
        return permit

    def release(self, permit: Permit, now: float) -> None:
        """Record that the message has arrived or never will, whatever the outcome."""
        if self._overall:
            self._quickest.add(now - permit.at)
        self._arrived(permit, now)

    def restore(self, chat_id: int, at: float) -> None:
        """Record another process's message to `chat_id` that had arrived by `at`; call in order."""
        self._arrived(Permit(chat_id, at), at)

    def _arrived(self, permit: Permit, now: float) -> None:
        if self._overall:
            self._overall.release(permit, now)
        chat_id = permit.chat_id
        ready_at = now + CLOCKS / self._rates.chat if self._rates.chat else now
        if group := self._group(chat_id, now):
            group.release(permit, now)
            ready_at = max(ready_at, group.free_at())
        if ready_at > now:
            self._chat_ready_at[chat_id] = ready_at
        else:
            self._chat_ready_at.pop(chat_id, None)

    def _group(self, chat_id: int, now: float) -> SlidingWindow | None:
        if chat_id >= 0 or not self._rates.group:
            return None
        if chat_id not in self._groups:
            if len(self._groups) >= MAX_GROUPS:
                used = ((one, kept) for one, kept in self._groups.items() if kept.counts(now))
                self._groups = dict(used)
            window = SlidingWindow(max(1, int(self._rates.group)), CLOCKS * MINUTE)
            self._groups[chat_id] = window
        return self._groups[chat_id]

    def refused(self, chat_id: int, retry_after: float, now: float) -> None:
        """Record a 429 for a message to `chat_id`."""
        until = now + retry_after
        self._chat_ready_at[chat_id] = max(until, self._chat_ready_at.get(chat_id, 0.0))
        if self._last_refusal is not None:
            other_chat, at, other_until = self._last_refusal
            if other_chat != chat_id and now - at < SUSPICION_SECONDS:
                # The longer pause may belong to one chat only.
                self._halted_until = max(self._halted_until, min(until, other_until))
        self._last_refusal = (chat_id, now, until)

    def unreachable(self, now: float) -> None:
        """Record that Telegram could not be reached."""
        if now >= self._halted_until:
            self._pause = min(MAX_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
            self._halted_until = now + self._pause

    def reached(self) -> None:
        """Record that Telegram accepted a message."""
        self._pause = 0.0
