"""The record of releases: one event per line, appended durably, read leniently."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import hnpal_files
from hnpal_host.failure import HostError

Event = dict[str, Any]


def append(path: Path, event: Event) -> None:
    """Append an event.

    Raises:
        HostError: the file is not writable; the message names it.
    """
    at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        hnpal_files.append(path, json.dumps({"at": at, **event}))
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}") from error


def last_schema(path: Path) -> str:
    """The newest schema in the events."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    schemas = [event.get("schema") for event in map(_parse, lines) if event]
    return str(next((schema for schema in reversed(schemas) if schema), ""))


def repair(path: Path) -> list[str]:
    """Move lines that are not events out of the file; returns what was done."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    damaged = [line for line in lines if line and _parse(line) is None]
    if not damaged:
        return []
    aside = path.with_name(f"{path.name}.damaged")
    for line in damaged:
        hnpal_files.append(aside, line)
    good = [line for line in lines if line and _parse(line) is not None]
    hnpal_files.write(path, "".join(f"{line}\n" for line in good))
    return [f"moved {len(damaged)} damaged lines of {path} to {aside}"]


def _parse(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    has_all = isinstance(event, dict) and all(
        isinstance(event.get(name), str) and event[name] for name in ("event", "commit")
    )
    return event if has_all else None
