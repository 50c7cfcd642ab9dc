"""The outcomes of the rounds of the step `chaos`, and what counts as not repaired."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.schedule import Round

TARGET = re.compile(
    r"(?:Rolling back|Finishing the rollback that was cut off"
    r"|Taking back the update that was cut off before its swap): \w* -> (\w+)"
)
NO_TARGET = re.compile(r"There is no earlier good release|is no longer on the host")


SHORT = 10
"""The characters of a commit that plays print."""


@dataclass(slots=True)
class History:
    """The releases that an operator knows to have served, oldest first, as short commits."""

    served: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, said: str, running: str) -> History:
        """The history of which rollback.yml itself speaks, with the running release."""
        history = cls()
        for commit in (target_of(said), running):
            if commit:
                history.saw(commit)
        return history

    def saw(self, commit: str) -> None:
        self.left(commit)
        self.served.append(commit[:SHORT])

    def left(self, commit: str) -> None:
        """Remove a release that was rolled back, to which no rollback leads."""
        if commit[:SHORT] in self.served:
            self.served.remove(commit[:SHORT])

    def before(self, commit: str) -> str:
        """The release that served before `commit`; empty if none did."""
        return next((one for one in reversed(self.served) if one != commit[:SHORT]), "")


@dataclass(slots=True)
class Outcome:
    """The outcome of one round."""

    round: Round
    task: str = ""
    injected: bool = False
    healer: str = ""
    ended: str = ""
    """How the run that was hit ended."""
    seconds: float = 0.0
    """The duration of the run that repaired."""
    lost: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)


def fewer_rows(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The tables that have lost rows."""
    return [
        f"{table} has {after.get(table, 0)} rows, not {count}"
        for table, count in before.items()
        if after.get(table, 0) < count
    ]


def target_of(said: str) -> str:
    """The release to which rollback.yml says it goes; empty if it names none."""
    found = TARGET.search(" ".join(said.split()))
    return found[1] if found else ""


def wrong_target(said: str, allowed: set[str]) -> list[str]:
    """Whether rollback.yml says that it goes elsewhere than to one of the commits `allowed`.

    An empty commit allows that there is no release to go back to.
    """
    words, target = " ".join(said.split()), target_of(said)
    if not target and not NO_TARGET.search(words):
        return [f"rollback.yml --check names no target: {words[-300:]}"]
    if target in {commit[:SHORT] for commit in allowed}:
        return []
    expected = " or ".join(commit[:SHORT] or "nothing" for commit in sorted(allowed))
    return [f"rollback.yml would go to {target or 'nothing'}, not to {expected}"]


def message_complaints(lost: int, twice: int, in_flight: int) -> list[str]:
    """What is wrong with the numbers of lost and repeated answers."""
    return [f"{lost} messages lost"] * (lost > 0) + (
        [f"{twice} messages twice, and at most {in_flight} were on their way"] * (twice > in_flight)
    )


def table(outcomes: list[Outcome]) -> str:
    """The rounds, one per line."""
    head = ("", "fault", "play", "moment", "the play", "repaired by", "s", "lost", "twice", "")
    rows = [head] + [
        (
            str(one.round.number),
            one.round.fault if one.injected else f"({one.round.fault})",
            one.round.playbook,
            one.task[:60],
            one.ended,
            one.healer,
            f"{one.seconds:.0f}",
            str(one.lost),
            str(one.twice),
            "✗" if one.wrong else "✓",
        )
        for one in outcomes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
