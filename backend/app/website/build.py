"""Builds the website's files from the exported days; unchanged files are not written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from app.text.files import replace_file
from app.website.days import SiteDay, latest_stories
from app.website.feeds import render_atom, render_json_feed
from app.website.place import Place
from app.website.render import archive_page, day_page, search_page, story_page

# Only a folder with this file may have its other files replaced and removed.
MARKER = ".hnpal-website"
FEED_STORIES = 40


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The number of files of the website, and of those that a build wrote or removed."""

    files: int
    written: int
    removed: int


class NoStoriesError(Exception):
    """There are no stories yet."""


class ForeignFolderError(Exception):
    """The folder holds files that were not built by this program."""


def build(place: Place, days: Sequence[SiteDay], folder: Path) -> BuildResult:
    """Write the website of `days` (newest first) into a folder of its own.

    Files of earlier builds that are no longer part of it are removed.

    Raises:
        ForeignFolderError: the folder holds other files.
        OSError: the folder is not writable.
        NoStoriesError: there are no stories.
    """
    if not any(day.stories for day in days):
        raise NoStoriesError("there are no stories yet")
    _claim(folder)
    kept = {MARKER}
    written = 0
    for path, content in _files(place, days):
        kept.add(path)
        written += _write(folder / path, content)
    removed = _remove_others(folder, kept)
    return BuildResult(len(kept), written, removed)


def _claim(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MARKER).exists():
        if any(path.name != ".git" for path in folder.iterdir()):
            raise ForeignFolderError(f"{folder} holds files that HN Pal did not build")
        (folder / MARKER).touch()


def _files(place: Place, days: Sequence[SiteDay]) -> Iterator[tuple[str, str]]:
    """The path and content of every file; the front page is last, because it links to the
    others.
    """
    stories = latest_stories(days)
    for story_id, (day, story) in stories.items():
        path = f"story/{story_id}.html"
        yield path, story_page(place, path, day, story)
    for number, day in enumerate(days):
        later = days[number - 1].day if number else None
        earlier = days[number + 1].day if number + 1 < len(days) else None
        path = f"day/{day.day.isoformat()}.html"
        yield path, day_page(place, path, day, earlier, later)
    yield from _archive(place, [day.day for day in days])
    yield from _search(place, days)
    newest = [story for _, story in list(stories.values())[:FEED_STORIES]]
    yield "feed.xml", render_atom(place, newest)
    yield "feed.json", render_json_feed(place, newest)
    # Without it, GitHub Pages omits files that its site generator ignores.
    yield ".nojekyll", ""
    before = days[1].day if len(days) > 1 else None
    yield "index.html", day_page(place, "index.html", days[0], before, None)


def _archive(place: Place, days: Sequence[date]) -> Iterator[tuple[str, str]]:
    years = sorted({day.year for day in days}, reverse=True)
    for year in years:
        ours = [day for day in days if day.year == year]
        others = [one for one in years if one != year]
        names = [f"archive-{year}.html"] + ["archive.html"] * (year == years[0])
        for name in names:
            yield name, archive_page(place, name, year, ours, others)


def _search(place: Place, days: Sequence[SiteDay]) -> Iterator[tuple[str, str]]:
    """Monthly indexes: `[id, day, title, site]` of each story, under its newest day."""
    told: set[int] = set()
    months = []
    for month, group in groupby(days, lambda day: f"{day.day:%Y-%m}"):
        rows = []
        for day in group:
            for story in day.stories:
                if story.id not in told:
                    rows.append([story.id, day.day.isoformat(), story.headline, story.site])
                told.add(story.id)
        months.append(month)
        yield f"search/{month}.json", json.dumps(rows, ensure_ascii=False) + "\n"
    yield "search.html", search_page(place, "search.html", months)


def _write(path: Path, content: str) -> bool:
    try:
        if path.read_text("utf-8") == content:
            return False
    except (FileNotFoundError, ValueError):
        path.parent.mkdir(exist_ok=True)
    replace_file(path, content)
    return True


def _remove_others(folder: Path, kept: set[str]) -> int:
    removed = 0
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if name.parts[0] != ".git" and path.is_file() and name.as_posix() not in kept:
            path.unlink()
            removed += 1
    return removed
