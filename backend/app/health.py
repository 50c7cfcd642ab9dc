"""The process's health: it polls Telegram, reaches PostgreSQL, and none of its tasks is dead.

The process writes its state to a small file once a second. `python -m app.health` reads it using
only the standard library, because it runs every few seconds on a small machine. If the file cannot
be written, for example because `/tmp` is full, a file in memory replaces it. `python -m app.health
--leading` also requires that this process is the leader.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

POLL_SECONDS = 60.0
DATABASE_SECONDS = 30.0
WRITE_SECONDS = 15.0
# A task that failed this many times in a row, which takes at least half a minute, counts as dead.
FAILURES = 5
# Not with `tempfile`, which requires a writable folder.
TEMPORARY = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - the container's own
HEALTH_FILE = Path(os.environ.get("HEALTH_FILE") or f"{TEMPORARY}/hnpal-health.json")
MEMORY = Path("/dev/shm")  # noqa: S108 - where a full disk is not met

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendingOutage:
    """A period in which Telegram accepted no messages: Unix seconds, and the failed calls."""

    began_at: float
    failures: int
    ended_at: float | None = None

    def ended(self, at: float) -> SendingOutage:
        return replace(self, ended_at=at)


class Health:
    """The state of the process; times are Unix seconds, None means never."""

    # Why a poll failed: another program polls, the token is rejected, or Telegram does not answer.
    CONFLICT, TOKEN, NO_ANSWER = "conflict", "token", "no_answer"
    # The name of the task that polls and sends.
    LEAD = "lead"

    def __init__(self) -> None:
        self.started_at = time.time()
        self.polled_at: float | None = None
        self.poll_failure: str | None = None  # of the last poll
        self.poll_error: str | None = None  # its error message
        self.conflict_at: float | None = None
        self.sending_outage: SendingOutage | None = None  # the last one
        self.maintenance_since: float | None = None  # None: there is none
        # Consecutive polls that returned at once without a new update.
        self.idle_polls = 0
        self.database_at: float | None = None
        self._written = True
        self.standby = False
        # Set by a signal to stop or by a dead task: the process is ending, so tasks that are
        # cancelled now may fail in other ways and must not be retried.
        self.ending = False
        # The tasks that wait for PostgreSQL: since when and why, the longest first.
        self.waiting: dict[str, tuple[float, str]] = {}
        # The tasks that fail for other reasons, with the number of consecutive failures.
        self.failing: dict[str, int] = {}

    def polled(self) -> None:
        """Record a successful getUpdates."""
        self.polled_at = time.time()
        self.poll_failure = self.poll_error = None

    def poll_failed(self, why: str, error: Exception) -> None:
        """Record a failed getUpdates: `CONFLICT`, `TOKEN` or `NO_ANSWER`."""
        self.poll_failure = why
        self.poll_error = in_a_line(error)
        if why == self.CONFLICT:
            self.conflict_at = time.time()

    def reached_database(self) -> None:
        self.database_at = time.time()

    def waits(self, task: str, error: Exception) -> None:
        """Record that a task waits for PostgreSQL."""
        since, _ = self.waiting.get(task, (time.time(), ""))
        self.waiting[task] = since, in_a_line(error)

    def failed(self, task: str) -> int:
        """Record another failure of a task. Returns its consecutive failures."""
        self.failing[task] = self.failing.get(task, 0) + 1
        return self.failing[task]

    def works(self, task: str) -> None:
        """Record a successful step of a task."""
        self.waiting.pop(task, None)
        self.failing.pop(task, None)

    def _degraded(self) -> str | None:
        """What does not work although the process itself is healthy, or None."""
        outage = self.sending_outage
        if outage is None or outage.ended_at is not None:
            return None
        seconds = time.time() - outage.began_at
        return f"Telegram has taken no message for {seconds:.0f} s ({outage.failures} calls failed)"

    def complaint(self, now: float | None = None) -> str | None:
        """What is wrong with this process, in one line; None when it is healthy or stands by."""
        return _judge(self._state(), time.time() if now is None else now, leading=False)

    def _state(self) -> dict[str, Any]:
        return {
            "written_at": time.time(),
            "started_at": self.started_at,
            "polled_at": self.polled_at,
            "poll_error": self.poll_error,
            "database_at": self.database_at,
            "standby": self.standby,
            "waiting": self.waiting,
            "failing": self.failing,
            "degraded": self._degraded(),
            "maintenance_since": self.maintenance_since,
        }

    def write(self, path: Path = HEALTH_FILE) -> None:
        content = self._state()
        written = any(_write(place, content) for place in _places(path))
        if written != self._written:
            self._written = written
            if not written:
                log.error("The app's health cannot be reported: %s is not writable", path)


def unhealthy_reason(
    path: Path = HEALTH_FILE, now: float | None = None, *, leading: bool = False
) -> str | None:
    """What is wrong with the process that writes `path`, in one line; None if it is healthy.

    With `leading`, standing by also counts as wrong.
    """
    now = time.time() if now is None else now
    state = _latest(path, now)
    return _judge(state, now, leading=leading) if state else "the app has not started"


def maintenance_since(path: Path = HEALTH_FILE) -> float | None:
    """Since when the process that writes `path` is in maintenance, in Unix seconds, or None."""
    state = _latest(path, time.time())
    return state.get("maintenance_since") if state else None


def _latest(path: Path, now: float) -> dict[str, Any] | None:
    found = [state for place in _places(path) if (state := _read(place))]
    # Not the newer one: the clock may have been ahead when an abandoned file was written.
    return min(found, key=lambda one: abs(now - float(one["written_at"])), default=None)


def _judge(state: dict[str, Any], now: float, *, leading: bool) -> str | None:
    if now - state["written_at"] > WRITE_SECONDS:
        return f"the app has not moved for {now - state['written_at']:.0f} s"
    if problem := _database_complaint(state, now) or _task_complaint(state):
        return problem
    if state["standby"]:
        return "another instance polls; this one is ready to" if leading else None
    if problem := _poll_complaint(state, now):
        return problem
    # Another release would not send either, so this does not justify a rollback.
    degraded = None if leading else state.get("degraded")
    return f"degraded: {degraded}" if degraded else None


def _places(path: Path) -> tuple[Path, Path]:
    """The path of the state, and the fallback."""
    return path, MEMORY / str(path.absolute()).replace("/", "_")


def _write(path: Path, content: dict[str, Any]) -> bool:
    unfinished = path.with_suffix(".new")
    try:
        unfinished.write_text(json.dumps(content))
        unfinished.replace(path)
    except OSError:
        return False
    return True


def _read(path: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return state


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
    """An error as one line, without the bot's token, which is part of every Bot API address."""
    words = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"/bot\d+:[^/\s]+", "/bot…", words)[:200]


def main() -> int:
    problem = unhealthy_reason(leading=sys.argv[1:] == ["--leading"])
    since = maintenance_since()
    note = ""
    if since is not None:
        note = f"; in maintenance since {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(since))}"
    print((problem or "healthy") + note)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
