"""Renders the HTML pages."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from app.text.sentences import cut
from app.website.days import SiteDay, SiteStory
from app.website.feeds import counted
from app.website.place import Place
from app.wording.dates import day_name

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
MAX_DESCRIPTION = 200


def day_page(
    place: Place, path: str, day: SiteDay, earlier: date | None, later: date | None
) -> str:
    """A page with a day's stories; `earlier` and `later` are the neighbouring days with a page."""
    titles = ", ".join(story.headline for story in day.stories[:3]) or place.description
    return _render(
        "day.html", place, path, long_day(day.day), titles, day=day, earlier=earlier, later=later
    )


def story_page(place: Place, path: str, day: SiteDay, story: SiteStory) -> str:
    """A page with one story, as in its newest day."""
    numbers = f"{counted(story.points, 'point')}, {counted(story.comments, 'comment')}"
    described = story.summary or story.discussion or numbers
    return _render(
        "story.html",
        place,
        path,
        story.headline,
        described,
        kind="article",
        story=story,
        day=day.day,
    )


def archive_page(
    place: Place, path: str, year: int, days: Sequence[date], other_years: Sequence[int]
) -> str:
    """A page with the days of a year, newest first."""
    months = [
        (f"{one[0]:%B}", one)
        for _, group in groupby(days, lambda day: day.month)
        if (one := list(group))
    ]
    return _render(
        "archive.html",
        place,
        path,
        f"Archive {year}",
        f"Every day of {year}.",
        months=months,
        other_years=other_years,
    )


def search_page(place: Place, path: str, months: Sequence[str]) -> str:
    """A page that searches the monthly indexes in the browser."""
    script = (TEMPLATES / "search.js").read_text("utf-8")
    script = script.replace("MONTHS_OF_THE_SITE", json.dumps(list(months)))
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _render(
        "search.html",
        place,
        path,
        "Search",
        "Search all days by title and site.",
        script=_markup(script),
        script_source=f"'sha256-{digest}'",
    )


def long_day(day: date) -> str:
    """A date such as `Monday, 23 November 2026`."""
    return f"{day_name(day, 'en')} {day.year}"


def _render(
    template: str,
    place: Place,
    path: str,
    heading: str,
    description: str,
    kind: str = "website",
    **values: object,
) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            place=place,
            path=path,
            root="../" * path.count("/"),
            heading=heading,
            description=cut(description, MAX_DESCRIPTION),
            kind=kind,
            style=_markup((TEMPLATES / "style.css").read_text("utf-8")),
            **({"script_source": ""} | values),
        )
    )


def _markup(words: str) -> object:
    from markupsafe import Markup

    return Markup(words)  # noqa: S704 - files of this package


@cache
def _environment() -> Environment:
    # Importing Jinja takes as long as starting the bot, and the bot does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"counted": counted, "long_day": long_day}
    return environment
