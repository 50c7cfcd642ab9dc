"""How fast the Bot API lets us speak, and what a 429 of it means.

About 30 messages a second overall, one a second in a chat, 20 a minute in a group:
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. All times here are
seconds of one monotonic clock, passed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.telegram.window import Departure, Quickest, Window

# No two clocks go alike, and others' are read in milliseconds.
CLOCKS = 1.001
MINUTE = 60.0
# How many messages may leave sooner than evenly after a rest; a stall of so many is caught up with.
BURST = 12
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
        # A rate below one a second is one message in a longer time.
        most = max(1, int(rates.overall))
        self._overall = Window(most, CLOCKS * most / rates.overall) if rates.overall else None
        self._quickest = Quickest()
        self._next_slot = 0.0
        self._halted_until = 0.0
        self._pause = 0.0
        self._last_refusal: tuple[int, float, float] | None = None
        self._chat_ready_at: dict[int, float] = {}
        self._groups: dict[int, Window] = {}

    @property
    def overall_rate(self) -> float:
        return self._rates.overall

    def ready_in(self, now: float) -> float:
        """Seconds until any message may leave: 0 when one may leave now, infinite when it depends
        on an answer.
        """
        ready_at = self._halted_until
        if self._overall:
            # Evenly, so that as few messages as possible are in flight when a process dies …
            ready_at = max(ready_at, self._next_slot - (BURST - 1) / self._rates.overall)
            # … and never more in a second than allowed, whatever is being caught up with.
            ready_at = max(ready_at, self._overall.free_at(self._quickest.seconds))
        return max(0.0, ready_at - now)

    def at_once(self, now: float, most: int) -> int:
        """How many of `most` messages may leave together at `now`, when one may: with an overall
        rate mostly one, and more after a stall.
        """
        if not self._overall:
            return most
        held_up = math.floor((now - self._next_slot) * self._rates.overall) + BURST
        free = self._overall.free(now, self._quickest.seconds)
        return max(1, min(most, held_up, free))

    def busy_chats(self, now: float) -> list[int]:
        """The chats in which nothing may be said yet."""
        for chat_id in [chat for chat, ready_at in self._chat_ready_at.items() if ready_at <= now]:
            del self._chat_ready_at[chat_id]
        return list(self._chat_ready_at)

    def next_chat_in(self, now: float) -> float:
        """Seconds until the first busy chat may be spoken to again; infinite when none is known."""
        return max(0.0, min(self._chat_ready_at.values(), default=math.inf) - now)

    def leaves(self, chat_id: int, now: float) -> Departure:
        """A message to `chat_id` leaves now."""
        departure = Departure(chat_id, now)
        if self._overall:
            self._overall.leaves(departure)
            self._next_slot = max(self._next_slot, now) + 1 / self._rates.overall
        if group := self._group(chat_id):
            group.leaves(departure)
        if group or self._rates.chat:
            self._chat_ready_at[chat_id] = math.inf
        return departure

    def answered(self, departure: Departure, now: float) -> None:
        """Whatever came of it, the message has arrived by now or never will."""
        if self._overall:
            self._quickest.took(now - departure.at)
        self._arrived(departure, now)

    def recall(self, chat_id: int, at: float) -> None:
        """Somebody else's message to `chat_id` had arrived by `at`, in order of time."""
        self._arrived(Departure(chat_id, at), at)

    def _arrived(self, departure: Departure, now: float) -> None:
        if self._overall:
            self._overall.answered(departure, now)
        chat_id = departure.chat_id
        ready_at = now + CLOCKS / self._rates.chat if self._rates.chat else now
        if group := self._group(chat_id):
            group.answered(departure, now)
            ready_at = max(ready_at, group.free_at())
        if ready_at > now:
            self._chat_ready_at[chat_id] = ready_at
        else:
            self._chat_ready_at.pop(chat_id, None)

    def _group(self, chat_id: int) -> Window | None:
        if chat_id >= 0 or not self._rates.group:
            return None
        window = Window(max(1, int(self._rates.group)), CLOCKS * MINUTE)
        return self._groups.setdefault(chat_id, window)

    def refused(self, chat_id: int, retry_after: float, now: float) -> None:
        """Telegram answered 429 for a message to `chat_id`."""
        until = now + retry_after
        self._chat_ready_at[chat_id] = max(until, self._chat_ready_at.get(chat_id, 0.0))
        if self._last_refusal is not None:
            other_chat, at, other_until = self._last_refusal
            if other_chat != chat_id and now - at < SUSPICION_SECONDS:
                # The longer of the two may be one chat's alone.
                self._halted_until = max(self._halted_until, min(until, other_until))
        self._last_refusal = (chat_id, now, until)

    def unreachable(self, now: float) -> None:
        """A message did not get as far as Telegram, nor would others."""
        if now >= self._halted_until:
            self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
            self._halted_until = now + self._pause

    def reached(self) -> None:
        """Telegram took a message."""
        self._pause = 0.0
