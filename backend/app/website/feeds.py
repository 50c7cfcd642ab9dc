"""The feeds: Atom (RFC 4287) and JSON Feed 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from html import escape
from xml.etree import ElementTree

from app.website.days import SiteStory
from app.website.place import Place

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"


def feed_id(place: Place) -> str:
    """The feed's id: unique to an installation, and constant while its address is."""
    return uuid.uuid5(uuid.NAMESPACE_URL, place.address).urn


def entry_id(place: Place, story: SiteStory) -> str:
    """The id of a story's entry in an installation's feed."""
    return uuid.uuid5(uuid.UUID(feed_id(place)), str(story.id)).urn


def render_atom(place: Place, stories: Sequence[SiteStory]) -> str:
    """An Atom feed with an entry for each story; its date is that of the newest story."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": place.language})
    _add(feed, "id", feed_id(place))
    _add(feed, "title", place.title)
    _add(feed, "subtitle", place.description)
    _add(feed, "updated", max(story.updated for story in stories).isoformat())
    _add(_add(feed, "author"), "name", "HN Pal")
    _add(feed, "link", rel="self", type="application/atom+xml", href=place.link("feed.xml"))
    _add(feed, "link", rel="alternate", type="text/html", href=place.link("index.html"))
    for story in stories:
        entry = _add(feed, "entry")
        _add(entry, "id", entry_id(place, story))
        _add(entry, "title", story.headline)
        _add(entry, "published", story.first_seen_at.isoformat())
        _add(entry, "updated", story.updated.isoformat())
        _add(entry, "link", rel="alternate", type="text/html", href=place.story(story.id))
        _add(entry, "link", rel="related", href=story.url)
        _add(entry, "link", rel="replies", type="text/html", href=story.discussion_url)
        _add(entry, "content", content_html(story, place.notice), type="html")
    ElementTree.indent(feed)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _add(
    parent: ElementTree.Element, name: str, words: str = "", **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = words or None
    return element


def render_json_feed(place: Place, stories: Sequence[SiteStory]) -> str:
    """A JSON feed with the same entries as the Atom feed."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": place.title,
        "description": place.description,
        "home_page_url": place.link("index.html"),
        "feed_url": place.link("feed.json"),
        "language": place.language,
        "authors": [{"name": "HN Pal"}],
        "items": [
            {
                "id": entry_id(place, story),
                "url": place.story(story.id),
                "external_url": story.url,
                "title": story.headline,
                "content_html": content_html(story, place.notice),
                "date_published": story.first_seen_at.isoformat(),
                "date_modified": story.updated.isoformat(),
            }
            for story in stories
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def content_html(story: SiteStory, notice: str = "") -> str:
    """The HTML that a feed reader shows for a story, below the website's notice; other people's
    texts are block quotations.
    """
    numbers = f"{counted(story.points, 'point')} · {counted(story.comments, 'comment')}"
    facts = f"{escape(story.site)} · {numbers}" if story.site else numbers
    parts = [f"<p><em>{escape(notice)}</em></p>"] if notice else []
    parts += [f'<p>{facts} · <a href="{escape(story.discussion_url)}">discussion</a></p>']
    if story.summary:
        tag = "blockquote" if story.excerpt else "p"
        parts.append(f"<{tag}>{escape(story.summary)}</{tag}>")
    if story.unread:
        parts.append(f"<p><em>{escape(story.unread)}</em></p>")
    if story.discussion and not story.voices:
        parts.append(f"<p>Discussion: {escape(story.discussion)}</p>")
    parts += [f"<blockquote>{escape(voice.text)}</blockquote>" for voice in story.voices]
    return "".join(parts)


def counted(number: int, what: str) -> str:
    """A number with its noun, such as `1 point` or `2 points`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
