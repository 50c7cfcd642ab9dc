"""What was measured, in the form of the project's other benchmarks (`backend/bench`)."""

from __future__ import annotations

from collections.abc import Sequence

from bench.results import Figure

from rehearsal.promises import StepRecord


def figures(records: Sequence[StepRecord]) -> list[Figure]:
    """Every measurement of the steps, beside its bound."""
    return [
        Figure(one.name, one.value, one.unit, bound=one.bound, better="lower")
        for record in records
        for one in record.measurements
    ]
