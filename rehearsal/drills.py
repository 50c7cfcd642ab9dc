"""Drills: periods under load in which a fault or change happens, with their data for the report."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from simulators.accounting import Account


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at a point in time."""

    at: float
    label: str


@dataclass(slots=True)
class Drill:
    """One period; its load starts before the event and continues after it."""

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
