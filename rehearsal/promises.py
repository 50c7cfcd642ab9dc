"""Promises of the project and whether the rehearsal found them kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from simulators.figures import Figure


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the project, and what the rehearsal observed."""

    text: str
    seen: str
    kept: bool


@dataclass(slots=True)
class StepRecord:
    """The result of one step: its promises, figures and duration, and why it ended early."""

    name: str
    title: str
    patience: float = 1.0
    """The factor for promised durations, on a slow or busy machine."""
    promises: list[Promise] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    seconds: float = 0.0
    failure: str = ""

    @property
    def kept(self) -> bool:
        return not self.failure and all(promise.kept for promise in self.promises)

    def expect(self, text: str, kept: bool, seen: object = "") -> bool:
        """Record whether a promise was kept and what was seen, and print it."""
        shown = str(seen) if seen != "" else ("yes" if kept else "no")
        self.promises.append(Promise(text, shown, kept))
        print(f"    {'✓' if kept else '✗ BROKEN:'} {text}: {shown}", flush=True)
        return kept

    def at_most(
        self, name: str, value: float, bound: float, unit: str = "s", seen: str = ""
    ) -> bool:
        """Record a figure, and the promise that it is at most `bound`."""
        if unit == "s":
            bound *= self.patience
        self.figures.append(Figure(name, value, unit, bound, better="lower"))
        return self.expect(
            f"{name}: at most {bound:g} {unit}".rstrip(),
            value <= bound,
            seen or f"{value:.1f} {unit}",
        )

    @contextmanager
    def timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds = time.monotonic() - began
