"""Keeps the day's digest as files that any web server can publish.

`<day>.html` and `<day>.json` for each day (UTC), and of the latest `index.html` and `feed.xml`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.database.connection import Pool
from app.digests.candidates import load_candidates
from app.digests.pages import Story, render_atom, render_html, render_json, story_json
from app.digests.round import Round
from app.digests.select import select
from app.readers.tastes import Taste

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
STORIES = 20
EARLIER_DAYS = 14
READABLE = 0o644


class Exporter:
    """Brings the files up to date; several instances may write them, each the same."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder

    async def step(self) -> int:
        """Write what has changed. Returns 0, as there is nothing more to do for a while."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            candidates = await load_candidates(connection, now, DAY)
        if candidates:
            try:
                # The folder may be a bucket, where every call takes its time.
                await asyncio.to_thread(self._write, Round(candidates, now, DAY), now)
            except OSError as error:
                log.warning("The exports could not be written: %s", error)
        return 0

    def _write(self, stories: Round, now: datetime) -> None:
        chosen = select(stories, Taste(), (), minimum_points=0, count=STORIES)
        write_day(self._folder, now.date(), [story_json(one.candidate) for one in chosen], now)


def write_day(folder: Path, day: date, stories: Sequence[Story], now: datetime) -> bool:
    """Write a day's files. Returns False when they say the same already, and leaves them alone.

    Raises:
        OSError: when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # JSON goes last: where it says so, the others are written.
    record = folder / f"{day.isoformat()}.json"
    if _stories_of(record) == list(stories):
        return False
    html = render_html(day, stories, now, _earlier(folder, day))
    for path, content in (
        (folder / f"{day.isoformat()}.html", html),
        (folder / "index.html", html),
        (folder / "feed.xml", render_atom(stories, now)),
        (record, render_json(day, stories, now)),
    ):
        _replace(path, content)
    return True


def _stories_of(record: Path) -> list[Story] | None:
    try:
        stories: list[Story] = json.loads(record.read_text("utf-8"))["stories"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return stories


def _earlier(folder: Path, day: date) -> list[date]:
    days = []
    for path in folder.glob("????-??-??.html"):
        try:
            days.append(date.fromisoformat(path.stem))
        except ValueError:
            continue
    return sorted((one for one in days if one < day), reverse=True)[:EARLIER_DAYS]


def _replace(path: Path, content: str) -> None:
    """Write a file as a whole: whoever reads it meanwhile has the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(READABLE)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
