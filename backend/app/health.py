"""Health: polled Telegram in the last minute, PostgreSQL answers, no task is dead.

The process writes what it knows to a small file once a second; `python -m app.health` reads it,
with nothing but the standard library, because it is run every few seconds on a small machine.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

POLL_SECONDS = 60.0
DATABASE_SECONDS = 30.0
WRITE_SECONDS = 15.0
HEALTH_FILE = Path(
    os.environ.get("HEALTH_FILE") or Path(tempfile.gettempdir()) / "hnpal-health.json"
)


class Health:
    """What the process knows of itself; times are Unix seconds, None is never."""

    # Why a poll failed: another program polls, the token is refused, or Telegram does not answer.
    CONFLICT, TOKEN, NO_ANSWER = "conflict", "token", "no_answer"

    def __init__(self) -> None:
        self.started_at = time.time()
        self.polled_at: float | None = None
        self.poll_failure: str | None = None  # of the last poll
        self.conflict_at: float | None = None
        self.database_at: float | None = None
        self.standby = False

    def polled(self) -> None:
        """Telegram answered a getUpdates."""
        self.polled_at = time.time()
        self.poll_failure = None

    def poll_failed(self, why: str) -> None:
        """A getUpdates failed: `CONFLICT`, `TOKEN` or `NO_ANSWER`."""
        self.poll_failure = why
        if why == self.CONFLICT:
            self.conflict_at = time.time()

    def reached_database(self) -> None:
        self.database_at = time.time()

    def write(self, path: Path = HEALTH_FILE) -> None:
        content = {
            "written_at": time.time(),
            "started_at": self.started_at,
            "polled_at": self.polled_at,
            "database_at": self.database_at,
            "standby": self.standby,
        }
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(content))
        unfinished.replace(path)


def complaint(path: Path = HEALTH_FILE, now: float | None = None) -> str | None:
    """What is wrong with the process that writes `path`, in one line; None when it is healthy."""
    now = time.time() if now is None else now
    try:
        state = json.loads(path.read_text())
    except (OSError, ValueError):
        return "the app has not started"
    if now - state["written_at"] > WRITE_SECONDS:
        return f"the app has not moved for {now - state['written_at']:.0f} s"
    if state["database_at"] is None or now - state["database_at"] > DATABASE_SECONDS:
        return "PostgreSQL does not answer"
    if state["standby"]:
        return None  # another instance polls; this one is ready to
    if state["polled_at"] is None:
        return "Telegram has not been polled yet"
    if now - state["polled_at"] > POLL_SECONDS:
        return f"Telegram has not answered a poll for {now - state['polled_at']:.0f} s"
    return None


def main() -> int:
    problem = complaint()
    print(problem or "healthy")  # noqa: T201
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
