"""A seeded schedule of faults: which one, in which playbook, and when."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_SECONDS_INTO_TASK = 0.6


@dataclass(frozen=True, slots=True)
class Round:
    """One fault in one run of a playbook, and the run that must repair it."""

    number: int
    """From 1 on."""
    fault: str
    playbook: str
    moment: float
    """From 0, the run's first task under its lock, to 1, its last."""
    seconds: float
    """After the beginning of that task."""
    chance: float
    """From 0 to 1: chooses the play that repairs."""

    def healer_among(self, playbooks: Sequence[str]) -> str:
        return playbooks[int(self.chance * len(playbooks))]


def rounds(seed: int, playbooks_of: Mapping[str, Sequence[str]]) -> Iterator[Round]:
    """Endless rounds: every fault once in an order of chance, then every one once more.

    `playbooks_of` has the playbooks that each fault may hit. A round is determined by the seed and
    its number.
    """
    number = 0
    while True:
        order = sorted(playbooks_of)
        random.Random(f"{seed} from {number}").shuffle(order)
        for fault in order:
            number += 1
            chance = random.Random(f"{seed} {number}")
            yield Round(
                number=number,
                fault=fault,
                playbook=chance.choice(playbooks_of[fault]),
                moment=chance.random(),
                seconds=chance.uniform(0, MAX_SECONDS_INTO_TASK),
                chance=chance.random(),
            )


def task_at(moment: float, tasks: Sequence[str], since: str = "Take the lock") -> int:
    """The number of the task at a moment between the first that contains `since`, and the last."""
    first = next((number for number, task in enumerate(tasks) if since in task), 0)
    return first + round(moment * (len(tasks) - 1 - first))
