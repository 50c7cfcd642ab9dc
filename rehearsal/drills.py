"""Drills: stretches of time under load in which something is done to the bot, for the pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rehearsal.accounting import Account


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that was done at a moment."""

    at: float
    label: str


@dataclass(slots=True)
class Drill:
    """One stretch; its load goes on for a while on both sides of what was done."""

    name: str
    step: str
    began: float = 0.0
    ended: float = 0.0
    marks: list[Mark] = field(default_factory=list)
    account: Account | None = None
    poll_silence: float = 0.0
    answer_silence: float = 0.0

    def mark(self, label: str) -> None:
        self.marks.append(Mark(time.time(), label))
