"""How long something takes, judged by the last times, as TCP judges its round trips (RFC 6298)."""

from __future__ import annotations

GAIN = 0.1
DEVIATIONS = 2


class Typical:
    """A moving average of durations in seconds, and of how far they are from it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._deviation = 0.0

    @property
    def mostly_within(self) -> float:
        """What few take longer than."""
        return self.seconds + DEVIATIONS * self._deviation

    def took(self, seconds: float) -> None:
        """It took so long now."""
        self._deviation += GAIN * (abs(seconds - self.seconds) - self._deviation)
        self.seconds += GAIN * (seconds - self.seconds)
