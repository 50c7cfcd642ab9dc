"""Reads the exported days; a damaged file is logged and skipped."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.text.telegram_html import single_line

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 2_000_000
MAX_STORIES = 100
MAX_TEXT = 2000
WEB = r"(?i)^https?://\S+$"

# Without characters that XML forbids or that do not print.
OneLine = Annotated[str, AfterValidator(lambda words: single_line(words, MAX_TEXT))]
Address = Annotated[str, Field(pattern=WEB, max_length=MAX_TEXT)]


class ExportedClaim(BaseModel):
    """A statement of commenters, and the addresses of the comments that support it."""

    model_config = ConfigDict(frozen=True)

    text: OneLine
    comments: list[Address] = []


class SiteStory(BaseModel):
    """A story in a day's file; docs/reading.md describes the fields."""

    model_config = ConfigDict(frozen=True)

    id: int = Field(gt=0, lt=10**16)
    title: OneLine
    url: Address
    discussion_url: Address
    first_seen_at: datetime
    updated: datetime
    site: OneLine = ""
    points: int = 0
    comments: int = 0
    reading_minutes: int | None = None
    summary: OneLine = ""
    unread: OneLine = ""
    excerpt: bool = False
    beginning_only: bool = False
    key_points: list[OneLine] = []
    discussion: OneLine = ""
    voices: list[ExportedClaim] = []
    agreements: list[ExportedClaim] = []
    disagreements: list[ExportedClaim] = []

    @property
    def headline(self) -> str:
        """The title, or the id if the story has none."""
        return self.title or f"Story {self.id}"


class SiteDay(BaseModel):
    """A day and its stories, best first."""

    model_config = ConfigDict(frozen=True)

    day: date
    updated: datetime
    stories: list[SiteStory] = Field(max_length=MAX_STORIES)


def read_days(folder: Path) -> list[SiteDay]:
    """Every valid day of an export folder, newest first; none if there is no folder yet.

    Raises:
        OSError: the folder cannot be read.
    """
    days: list[SiteDay] = []
    if not folder.exists():
        return days
    for path in sorted(folder.iterdir(), reverse=True):
        if path.suffix != ".json" or not path.is_file() or path.is_symlink():
            continue
        try:
            days.append(_read_day(path))
        except (OSError, ValueError) as error:
            log.warning("%s is left out: %s", path, _reason(error))
    return days


def _read_day(path: Path) -> SiteDay:
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise ValueError(f"{size} bytes; at most {MAX_FILE_BYTES} are read")
    day = SiteDay.model_validate_json(path.read_bytes())
    if day.day.isoformat() != path.stem:
        raise ValueError(f"its day is {day.day}")
    return day


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def latest_stories(days: Sequence[SiteDay]) -> Mapping[int, tuple[SiteDay, SiteStory]]:
    """Each story once, as in its newest day; stories of newer days first."""
    stories: dict[int, tuple[SiteDay, SiteStory]] = {}
    for day in days:
        for story in day.stories:
            stories.setdefault(story.id, (day, story))
    return stories
