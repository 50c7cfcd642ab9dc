"""Classifies messages as answered once, lost, answered twice or late, and measures silences."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

LATE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot's answer to message `number`, at `at` (seconds since the epoch)."""

    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Account:
    """The outcome of the messages that were sent in a period; times are seconds."""

    asked: int
    lost: int
    duplicated: int
    late: int
    """Answered, but after more than `LATE_SECONDS`."""
    latency_median: float
    latency_worst: float

    def __str__(self) -> str:
        return (
            f"{self.asked} asked, {self.lost} lost, {self.duplicated} duplicated, {self.late} late;"
            f" latency {self.latency_median:.2f} s, worst {self.latency_worst:.2f} s"
        )


def account(asked: Mapping[int, float], answers: Sequence[Answer]) -> Account:
    """Match `answers` to the numbers of the messages, by the time they were sent."""
    counts = Counter(answer.number for answer in answers if answer.number in asked)
    first: dict[int, float] = {}
    for answer in answers:
        if answer.number in asked:
            first[answer.number] = min(answer.at, first.get(answer.number, answer.at))
    latencies = [at - asked[number] for number, at in first.items()]
    return Account(
        asked=len(asked),
        lost=len(asked) - len(counts),
        duplicated=sum(count - 1 for count in counts.values()),
        late=sum(latency > LATE_SECONDS for latency in latencies),
        latency_median=statistics.median(latencies) if latencies else 0.0,
        latency_worst=max(latencies, default=0.0),
    )


def longest_gap(moments: Sequence[float], began: float, ended: float) -> float:
    """The longest interval between neighbouring `moments`, at least one of them between the bounds.

    The intervals that contain `began` or `ended` count in full, so that the bounds do not shorten a
    silence.
    """
    ordered = sorted(moments)
    before = [moment for moment in ordered if moment < began][-1:]
    after = [moment for moment in ordered if moment > ended][:1]
    inside = [moment for moment in ordered if began <= moment <= ended]
    chain = [*before, *inside, *after]
    return max((later - earlier for earlier, later in pairwise(chain)), default=0.0)
