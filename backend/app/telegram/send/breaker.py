"""Stops sending while Telegram does not answer, because every message sent then is in doubt.

After `MAX_FAILURES` consecutive failures, and after each failed trial from then on, nothing is sent
for a pause; the pauses double. Then a call that changes nothing tests Telegram, and if that
succeeds, one message is tried. Refusals count as answers, not as failures.
"""

from __future__ import annotations

import logging
import math
import time

from app.health import Health, SendingOutage
from app.telegram.api.outcomes import CallOutcome, InDoubt, NotAccepted

log = logging.getLogger(__name__)

MAX_FAILURES = 3
# The first and the longest pause, in seconds.
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0


class Breaker:
    """Counts failures; all times are seconds of one monotonic clock."""

    def __init__(self, health: Health | None = None) -> None:
        self._health = health or Health()
        self._failures = 0
        self._pause = 0.0
        self._until = 0.0
        self._last_to_fail = -math.inf
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether sending is stopped."""
        return self._pause > 0

    def ready_in(self, now: float) -> float:
        """Seconds until a message may be tried: 0 for now, infinite while one is being tried."""
        if not self.is_open:
            return 0.0
        return math.inf if self._trying else max(0.0, self._until - now)

    def record_send(self) -> None:
        """Record that a message leaves: the trial, if sending is stopped."""
        self._trying = self.is_open

    def record_reachable(self) -> None:
        """Record that Telegram answers again; whether it accepts messages is still unknown."""
        self._trying = False
        self._until = 0.0

    def record_empty_queue(self) -> None:
        """Record that Telegram answers and no message is waiting."""
        if self.is_open and not self._trying:
            self._close()

    def record_outcome(
        self, outcome: CallOutcome, now: float, left_at: float | None = None
    ) -> None:
        """Record the outcome of a call that was sent at `left_at`; None: after all others."""
        left_at = now if left_at is None else left_at
        if isinstance(outcome, InDoubt) or (isinstance(outcome, NotAccepted) and not outcome.ours):
            self._last_to_fail = max(self._last_to_fail, left_at)
            self._failed(outcome.error, now)
        elif isinstance(outcome, NotAccepted):
            self._trying = False
        elif left_at >= self._last_to_fail:
            # An answer to an earlier call does not prove that Telegram answers again.
            self._close()

    def _failed(self, error: str, now: float) -> None:
        self._failures += 1
        if self._failures < MAX_FAILURES:
            return
        if not self.is_open:
            log.error("%d calls in a row failed; sending stops: %s", self._failures, error)
            # Answers may arrive out of order: only a call from now on can show that it is over.
            self._last_to_fail = now
        # Failures of messages that left before it stopped are not new.
        if self._trying or not self.is_open:
            self._pause = min(MAX_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
            self._until = now + self._pause
        self._trying = False
        since = self._health.sending_outage
        began = since.began_at if since and since.ended_at is None else time.time()
        self._health.sending_outage = SendingOutage(began, self._failures)

    def _close(self) -> None:
        if self.is_open:
            log.warning("Telegram answers again after %d failed calls", self._failures)
            outage = self._health.sending_outage
            if outage is not None:
                self._health.sending_outage = outage.ended(time.time())
        self._failures = 0
        self._pause = 0.0
        self._trying = False
