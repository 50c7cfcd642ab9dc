"""Health: polled Telegram in the last minute, PostgreSQL takes what it is given, no task is dead.

The process writes what it knows to a small file once a second; `python -m app.health` reads it,
with nothing but the standard library, because it is run every few seconds on a small machine.
`python -m app.health --leading` also asks that this process is the one that polls.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

POLL_SECONDS = 60.0
DATABASE_SECONDS = 30.0
WRITE_SECONDS = 15.0
# A task that failed this often in a row, over half a minute or more, is as good as dead.
FAILURES = 5
HEALTH_FILE = Path(
    os.environ.get("HEALTH_FILE") or Path(tempfile.gettempdir()) / "hnpal-health.json"
)


class Health:
    """What the process knows of itself; times are Unix seconds, None is never."""

    # Why a poll failed: another program polls, the token is refused, or Telegram does not answer.
    CONFLICT, TOKEN, NO_ANSWER = "conflict", "token", "no_answer"
    # The task that polls and sends.
    LEAD = "lead"

    def __init__(self) -> None:
        self.started_at = time.time()
        self.polled_at: float | None = None
        self.poll_failure: str | None = None  # of the last poll
        self.poll_error: str | None = None  # the same in words
        self.conflict_at: float | None = None
        self.database_at: float | None = None
        self.standby = False
        # Told to stop, or a task is dead: what is cancelled now may fail in some other way, and is
        # not to be tried again.
        self.ending = False
        # The tasks that wait for PostgreSQL, since when and why, the longest first.
        self.waiting: dict[str, tuple[float, str]] = {}
        # The tasks whose last steps failed otherwise, and how many in a row did.
        self.failing: dict[str, int] = {}

    def polled(self) -> None:
        """Telegram answered a getUpdates."""
        self.polled_at = time.time()
        self.poll_failure = self.poll_error = None

    def poll_failed(self, why: str, error: Exception) -> None:
        """A getUpdates failed: `CONFLICT`, `TOKEN` or `NO_ANSWER`."""
        self.poll_failure = why
        self.poll_error = in_a_line(error)
        if why == self.CONFLICT:
            self.conflict_at = time.time()

    def reached_database(self) -> None:
        self.database_at = time.time()

    def waits(self, task: str, error: Exception) -> None:
        """A task could not do its work because of PostgreSQL, and will try again."""
        since, _ = self.waiting.get(task, (time.time(), ""))
        self.waiting[task] = since, in_a_line(error)

    def failed(self, task: str) -> int:
        """A step of a task failed otherwise. Returns how many of it have in a row."""
        self.failing[task] = self.failing.get(task, 0) + 1
        return self.failing[task]

    def works(self, task: str) -> None:
        """A step of a task went well."""
        self.waiting.pop(task, None)
        self.failing.pop(task, None)

    def write(self, path: Path = HEALTH_FILE) -> None:
        content = {
            "written_at": time.time(),
            "started_at": self.started_at,
            "polled_at": self.polled_at,
            "poll_error": self.poll_error,
            "database_at": self.database_at,
            "standby": self.standby,
            "waiting": self.waiting,
            "failing": self.failing,
        }
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(content))
        unfinished.replace(path)


def complaint(
    path: Path = HEALTH_FILE, now: float | None = None, *, leading: bool = False
) -> str | None:
    """What is wrong with the process that writes `path`, in one line; None when it is healthy.

    Standing by is wrong only for one that is to be `leading`.
    """
    now = time.time() if now is None else now
    try:
        state = json.loads(path.read_text())
    except (OSError, ValueError):
        return "the app has not started"
    if now - state["written_at"] > WRITE_SECONDS:
        return f"the app has not moved for {now - state['written_at']:.0f} s"
    if problem := _database_complaint(state, now) or _task_complaint(state):
        return problem
    if state["standby"]:
        return "another instance polls; this one is ready to" if leading else None
    return _poll_complaint(state, now)


def _database_complaint(state: dict[str, Any], now: float) -> str | None:
    waiting = sorted(state["waiting"].values())
    reason = f": {waiting[0][1]}" if waiting else ""
    if state["database_at"] is None:
        return f"PostgreSQL has not answered yet{reason}"
    if now - state["database_at"] > DATABASE_SECONDS:
        return f"PostgreSQL does not answer{reason}"
    if waiting and now - waiting[0][0] > DATABASE_SECONDS:
        return f"PostgreSQL answers, but cannot be used{reason}"
    return None


def _task_complaint(state: dict[str, Any]) -> str | None:
    dead = [task for task, failures in state["failing"].items() if failures >= FAILURES]
    return f"tasks fail again and again, see the log: {', '.join(dead)}" if dead else None


def _poll_complaint(state: dict[str, Any], now: float) -> str | None:
    reason = f": {state['poll_error']}" if state["poll_error"] else ""
    if state["polled_at"] is None:
        return f"Telegram has not been polled yet{reason}"
    if now - state["polled_at"] > POLL_SECONDS:
        return f"Telegram has not answered a poll for {now - state['polled_at']:.0f} s{reason}"
    return None


def in_a_line(error: Exception) -> str:
    """What an error says, without the bot's token, which is part of every address it may name."""
    words = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"/bot\d+:[^/\s]+", "/bot…", words)[:200]


def main() -> int:
    problem = complaint(leading=sys.argv[1:] == ["--leading"])
    print(problem or "healthy")  # noqa: T201
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
