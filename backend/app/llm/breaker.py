"""Stops calls to a server that fails, and decides when the operator is told."""

from __future__ import annotations

import time

from app.llm.outcomes import OF_THE_ACCOUNT, OF_THE_REQUEST, OF_THE_SERVER, ModelError, Outcome

# Consecutive failures before calls pause, and before the operator is told.
FAILURES_IN_A_ROW = 3
FAILURES_TO_TELL = 6
PAUSE_FOR_THE_SERVER, MAX_PAUSE = 60.0, 300.0
PAUSE_FOR_THE_ACCOUNT = 600.0
# Longer pauses that a server asks for are not honoured.
MAX_RETRY_AFTER = 900.0

_TROUBLES = frozenset({*OF_THE_SERVER, Outcome.RATE_LIMITED, Outcome.REJECTED})


class ModelBreaker:
    """Counts failures. While open, calls fail at once; after the pause, one call at a time is
    tried.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._error: ModelError | None = None
        self._until = 0.0
        self._trying = False

    @property
    def is_closed(self) -> bool:
        """Whether calls are made normally."""
        return self._error is None

    def enter(self) -> None:
        """Begin a call.

        Raises:
            ModelError: the last failure, while the breaker is open or another call is being tried.
        """
        if self._error is None:
            return
        if time.monotonic() < self._until or self._trying:
            raise ModelError(self._error.outcome, str(self._error))
        self._trying = True

    def leave(self) -> None:
        """End a call, whatever its outcome."""
        self._trying = False

    def answered(self) -> None:
        self._failures = 0
        self._error = None

    def failed(self, error: ModelError) -> bool:
        """Record a failure. Returns whether the operator should be told."""
        if error.outcome in OF_THE_ACCOUNT:
            self._open(error, PAUSE_FOR_THE_ACCOUNT)
            return True
        if error.outcome in _TROUBLES:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                growth: int = 2 ** min(self._failures - FAILURES_IN_A_ROW, 10)
                self._open(error, min(PAUSE_FOR_THE_SERVER * growth, MAX_PAUSE))
            return self._failures >= FAILURES_TO_TELL
        # An outcome of this request alone is neutral; any other outcome shows that the server
        # works.
        if error.outcome not in OF_THE_REQUEST:
            self.answered()
        return False

    def _open(self, error: ModelError, seconds: float) -> None:
        seconds = max(seconds, min(error.retry_after, MAX_RETRY_AFTER))
        self._error, self._until = error, time.monotonic() + seconds
