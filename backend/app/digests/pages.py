"""The day's digest for everybody: as a web page, an Atom feed and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from app.digests.candidates import Candidate, Point
from app.digests.parts import MOST_TITLE, WORDS_A_MINUTE, hn_link, page, plain, unread
from app.wording.dates import day_name

if TYPE_CHECKING:
    from jinja2 import Template

ATOM = "http://www.w3.org/2005/Atom"
# RFC 4287 wants an identity that never changes; this one is drawn once for all.
FEED_ID = "urn:uuid:5b1f3c1e-6f0f-4a53-9d5e-2f4b7a5c9e11"
TITLE = "HN Pal: the day's best of Hacker News"
STYLE, LANGUAGE = "basic", "en"
MOST_SUMMARY = 1500
MOST_POINT = 300

Story = dict[str, Any]


def story_json(candidate: Candidate) -> Story:
    """A story as the exports tell it; plain text throughout, and only http(s) addresses.

    The fields are described in docs/reading.md; texts are empty where there is nothing to say.
    """
    summary = candidate.summary(STYLE)
    talk = candidate.discussion
    minutes = round(candidate.article_words / WORDS_A_MINUTE) if candidate.article_words else None
    return {
        "id": candidate.id,
        "title": plain(candidate.title, MOST_TITLE),
        "url": page(candidate),
        "site": plain(candidate.site or "", MOST_TITLE),
        "points": candidate.points,
        "comments": candidate.comment_count,
        "discussion_url": hn_link(candidate.id),
        "reading_minutes": minutes and max(1, minutes),
        "first_seen_at": candidate.first_seen_at.isoformat(),
        "updated": (candidate.told_at or candidate.first_seen_at).isoformat(),
        "summary": plain(summary.sentences, MOST_SUMMARY) if summary else "",
        "unread": unescape(unread(candidate, summary, LANGUAGE)) if summary else "",
        "excerpt": bool(summary and summary.extractive),
        "key_points": [plain(point, MOST_POINT) for point in summary.key_points] if summary else [],
        "discussion": plain(talk.line, MOST_POINT) if talk and talk.line else "",
        "agreements": _claims(talk.agreements if talk else ()),
        "disagreements": _claims(talk.disagreements if talk else ()),
    }


def _claims(points: Sequence[Point]) -> list[dict[str, Any]]:
    return [
        {
            "text": plain(point.text, MOST_POINT),
            "comments": [hn_link(comment_id) for comment_id in point.comment_ids],
        }
        for point in points
    ]


def render_json(day: date, stories: Sequence[Story], updated: datetime) -> str:
    """`{"day", "updated", "stories"}`; the stories as `story_json` makes them."""
    content = {"day": day.isoformat(), "updated": updated.isoformat(), "stories": list(stories)}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def render_html(
    day: date, stories: Sequence[Story], updated: datetime, earlier: Sequence[date]
) -> str:
    """A page that stands alone; `earlier` are the days whose pages lie beside it."""
    return _template().render(
        title=TITLE,
        day=day,
        day_name=f"{day_name(day, 'en')} {day.year}",
        stories=stories,
        updated=updated,
        earlier=[(one, f"{day_name(one, 'en')} {one.year}") for one in earlier],
    )


@cache
def _template() -> Template:
    # Importing Jinja takes as long as starting the bot does, and the bot does not need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("day.html")


def render_atom(stories: Sequence[Story], updated: datetime) -> str:
    """An Atom feed (RFC 4287) with an entry for each story."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", FEED_ID)
    _add(feed, "title", TITLE)
    _add(feed, "updated", updated.isoformat())
    _add(_add(feed, "author"), "name", "HN Pal")
    _add(feed, "link", rel="self", type="application/atom+xml", href="feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href="index.html")
    for story in stories:
        entry = _add(feed, "entry")
        _add(entry, "id", story["discussion_url"])
        _add(entry, "title", story["title"] or f"#{story['id']}")
        _add(entry, "published", story["first_seen_at"])
        _add(entry, "updated", story["updated"])
        _add(entry, "link", rel="alternate", href=story["url"])
        _add(entry, "link", rel="replies", type="text/html", href=story["discussion_url"])
        _add(entry, "summary", "\n\n".join(filter(None, (story["summary"], story["discussion"]))))
    ElementTree.indent(feed)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _add(
    parent: ElementTree.Element, name: str, words: str = "", **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = words or None
    return element
