"""Which methods the Bot API server has: an older one refuses newer methods."""

from __future__ import annotations

from app.telegram.api.outcomes import CallOutcome, Refused


class Capabilities:
    """Learned from refusals, and kept until the process ends: a newer server may run by then."""

    def __init__(self) -> None:
        self._lacking: set[str] = set()

    def supports(self, method: str) -> bool:
        """False once the server has refused the method as unknown."""
        return method not in self._lacking

    def learn(self, method: str, outcome: CallOutcome) -> None:
        """Note the outcome of a call."""
        if isinstance(outcome, Refused) and "method not found" in outcome.error.lower():
            self._lacking.add(method)
