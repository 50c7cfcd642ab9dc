"""Writes the best stories of each UTC day to `<day>.json`; the website is built from these
files.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.database.connection import Pool
from app.digests.candidates import load_candidates
from app.digests.exported_story import ExportedStory, exported_story
from app.digests.round import Round
from app.digests.select import select
from app.readers.tastes import Taste
from app.text.files import replace_file

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
STORIES = 20


class Exporter:
    """Keeps the files up to date; any number of instances may run, all write the same content."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder

    async def step(self) -> int:
        """Write the files that have changed. Returns 0: no more work for a while."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            candidates = await load_candidates(connection, now, DAY)
        if candidates:
            try:
                # The folder may be a bucket, where every call is slow.
                await asyncio.to_thread(self._write, Round(candidates, now, DAY), now)
            except OSError as error:
                log.warning("The exports could not be written: %s", error)
        return 0

    def _write(self, stories: Round, now: datetime) -> None:
        chosen = select(stories, Taste(), (), minimum_points=0, count=STORIES)
        told = [exported_story(one.candidate) for one in chosen]
        write_day(self._folder, now.date(), told, now)


def write_day(folder: Path, day: date, stories: Sequence[ExportedStory], now: datetime) -> bool:
    """Write a day's file. Returns False, and leaves the file alone, if its stories are unchanged.

    Raises:
        OSError: the folder is not writable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / f"{day.isoformat()}.json"
    if _stories_of(record) == list(stories):
        return False
    content = {"day": day.isoformat(), "updated": now.isoformat(), "stories": list(stories)}
    replace_file(record, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return True


def _stories_of(record: Path) -> list[ExportedStory] | None:
    try:
        stories: list[ExportedStory] = json.loads(record.read_text("utf-8"))["stories"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return stories
