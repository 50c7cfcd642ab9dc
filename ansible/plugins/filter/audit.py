"""The host's record of runs as a table, newest first, in the operator's zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

SHOWN = 50
COMMIT_CHARACTERS = 10
# After this time a run of somebody else that says nothing counts as cut off, as its lock does.
SILENCE = timedelta(minutes=30)
HEADINGS = ("begun", "who", "play", "result", "took", "commit")

Run = dict[str, Any]


def audit_report(lines: list[str], this_run: Run, living: list[Any], lock: str) -> str:
    """The table.

    `lines` is the record, `living` the processes of runs on this machine, `lock` the content of the
    host's lock file.
    """
    runs, damaged = read_runs(lines)
    here = (this_run["by"], {str(one) for one in living})
    now = datetime.now(timezone.utc)
    rows = [HEADINGS, *(_row(run, here, lock, now) for run in reversed(runs[-SHOWN:]))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    table = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if not runs:
        table = ["No run has been recorded on this host."]
    if len(runs) > SHOWN:
        table.append(f"... and {len(runs) - SHOWN} older ones in the file")
    if damaged:
        table.append(f"{damaged} LINES OF THE RECORD ARE DAMAGED")
    return "\n".join(table)


def read_runs(lines: list[str]) -> tuple[list[Run], int]:
    """The runs in the order in which they began, each with its `end` if it has one; and the number
    of lines that cannot be read.
    """
    runs: dict[str, Run] = {}
    damaged = 0
    for line in filter(str.strip, lines):
        event = _event(line)
        if event is None:
            damaged += 1
        elif event["event"] == "begun":
            runs[event["id"]] = event
        # The beginning of a very old one may be gone.
        elif event["id"] in runs:
            runs[event["id"]]["end"] = event
    return list(runs.values()), damaged


def _event(line: str) -> Run | None:
    try:
        event = json.loads(line)
        at = datetime.fromisoformat(event["at"]).astimezone(timezone.utc)
        return {**event, "id": str(event["id"]), "event": str(event["event"]), "at": at}
    except (ValueError, KeyError, TypeError):
        return None


def _row(run: Run, here: tuple[str, set[str]], lock: str, now: datetime) -> tuple[str, ...]:
    end = run.get("end")
    options = " ".join(f"{name}={value}" for name, value in (run.get("options") or {}).items())
    if end:
        result, took = str(end.get("result", "?")), _duration(end["at"] - run["at"])
    else:
        result = "at work" if _is_at_work(run, here, lock, now) else "UNFINISHED"
        took = ""
    return (
        run["at"].astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        str(run.get("by", "?")),
        f"{run.get('play', '?')} {options}".strip(),
        result.upper() if result == "failed" else result,
        took,
        _commits(str(run.get("commit", "")), str((end or run).get("commit", ""))),
    )


def _is_at_work(run: Run, here: tuple[str, set[str]], lock: str, now: datetime) -> bool:
    me, living = here
    if run.get("by") == me:
        return str(run.get("process")) in living
    try:
        holder = dict(json.loads(lock))
        if (holder["who"], holder["process"]) == (run.get("by"), run.get("process")):
            expires: datetime = datetime.fromisoformat(holder["expires"])
            return expires > now
    except (ValueError, KeyError, TypeError):
        pass
    return bool(now - run["at"] < SILENCE)


def _commits(before: str, after: str) -> str:
    if before == after:
        return before[:COMMIT_CHARACTERS] or "-"
    return f"{before[:COMMIT_CHARACTERS] or '-'} -> {after[:COMMIT_CHARACTERS] or '-'}"


def _duration(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"audit_report": audit_report}
