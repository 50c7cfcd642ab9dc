"""Saved stories as files: Markdown for notes, and bookmarks for browsers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from app.digests.addresses import hn_link, page_url
from app.digests.history import PastStory
from app.digests.parts import MAX_TITLE
from app.text.telegram_html import single_line

_MARKDOWN_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|"})
# The format that every browser and read-later service imports:
# https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/platform-apis/aa753582(v=vs.85)
_BOOKMARKS = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3>HN Pal</H3>
    <DL><p>
{items}
    </DL><p>
</DL><p>
"""


def as_markdown(stories: Sequence[PastStory], heading: str) -> str:
    """A list with links to each page and its discussion, and the day when it was saved."""
    lines = [f"# {heading}", ""]
    for story in stories:
        title = single_line(story.title, MAX_TITLE).translate(_MARKDOWN_SPECIAL)
        site = f" ({single_line(story.site, MAX_TITLE)})" if story.site else ""
        address = page_url(story).replace("(", "%28").replace(")", "%29").replace(" ", "%20")
        facts = f"{story.points} points, [{story.comment_count} comments]({hn_link(story.id)})"
        lines.append(f"- [{title}]({address}){site} – {facts}, {story.at.date().isoformat()}")
    return "\n".join([*lines, ""])


def as_bookmarks(stories: Sequence[PastStory]) -> str:
    """The Netscape bookmark file."""
    items = []
    for story in stories:
        title = escape(single_line(story.title, MAX_TITLE))
        at, address = int(story.at.timestamp()), escape(page_url(story))
        items.append(f'        <DT><A HREF="{address}" ADD_DATE="{at}">{title}</A>')
        if page_url(story) != hn_link(story.id):
            items.append(f"        <DD>{escape(hn_link(story.id))}")
    return _BOOKMARKS.format(items="\n".join(items))
