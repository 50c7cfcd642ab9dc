"""To come."""

from __future__ import annotations

from rehearsal.stage import Stage


def run(stage: Stage) -> None:
    """Nothing yet."""
