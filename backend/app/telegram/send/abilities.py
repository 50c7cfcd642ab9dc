"""Methods that Telegram's server, which may be an old one, has turned out not to have."""

from __future__ import annotations

from app.telegram.api.outcomes import Outcome, Refused


class Abilities:
    """What is learned holds until the process ends; the server may be newer by then."""

    def __init__(self) -> None:
        self._lacking: set[str] = set()

    def has(self, method: str) -> bool:
        """False once the server has said that there is no such method."""
        return method not in self._lacking

    def learn(self, method: str, outcome: Outcome) -> None:
        """Take note of how a call ended."""
        if isinstance(outcome, Refused) and "method not found" in outcome.error.lower():
            self._lacking.add(method)
