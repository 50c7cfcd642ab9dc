"""What was promised, what was seen, and whether that is the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.figures import Figure


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the project, held against what the rehearsal saw."""

    text: str
    seen: str
    kept: bool


@dataclass(slots=True)
class StepRecord:
    """One step: what it looked at, how long it took, and why it could not go on, if so."""

    name: str
    title: str
    patience: float = 1.0
    """How many times as long as promised things may take, on a machine that is slow or busy."""
    promises: list[Promise] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    seconds: float = 0.0
    failure: str = ""

    @property
    def kept(self) -> bool:
        return not self.failure and all(promise.kept for promise in self.promises)

    def expect(self, text: str, kept: bool, seen: object = "") -> bool:
        """Write down whether a promise was kept and what was seen; tells it to who watches."""
        shown = str(seen) if seen != "" else ("yes" if kept else "no")
        self.promises.append(Promise(text, shown, kept))
        print(f"    {'✓' if kept else '✗ BROKEN:'} {text}: {shown}", flush=True)
        return kept

    def at_most(
        self, name: str, value: float, bound: float, unit: str = "s", seen: str = ""
    ) -> bool:
        """Write down a figure, and the promise that it is no more than `bound`."""
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
