"""A moving average of durations and their deviation, as in TCP's round-trip estimate (RFC 6298)."""

from __future__ import annotations

GAIN = 0.1
DEVIATIONS = 2


class MovingAverage:
    """A moving average of durations in seconds, with their mean deviation."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._deviation = 0.0

    @property
    def upper_estimate(self) -> float:
        """A duration that few exceed."""
        return self.seconds + DEVIATIONS * self._deviation

    def add(self, seconds: float) -> None:
        """Add a duration."""
        self._deviation += GAIN * (abs(seconds - self.seconds) - self._deviation)
        self.seconds += GAIN * (seconds - self.seconds)
