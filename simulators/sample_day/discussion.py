"""Renders a story of the sample day with its comments, for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

ITEM_ADDRESS = "https://news.ycombinator.com/item?id="
_LAYOUT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }} small {{ opacity: .8 }}
body {{ max-width: 46em; margin: 2em auto; padding: 0 1em; font: 15px/1.5 sans-serif }}
article {{ margin-top: 1.2em; overflow-wrap: anywhere }} article article {{ margin-left: 1.4em }}
:target > p:first-child {{ outline: 2px solid; outline-offset: 3px }}
</style></head>
<body>
<p><small>A discussion of HN Pal's sample day: story, people and comments are invented.</small></p>
<h1>{title}</h1>
<p><small>{points} points by {author}, {count} comments</small></p>
{text}
{comments}
</body>
</html>
"""

Items = Mapping[int, dict[str, Any] | None]


def discussion_page(items: Items, item_id: int) -> str:
    """The page of the story that has this id, or that a comment with this id belongs to."""
    story = items[item_id]
    while story and story["type"] == "comment":
        story = items[story["parent"]]
    assert story is not None
    return _LAYOUT.format(
        title=escape(story["title"]),
        points=story["score"],
        author=escape(story["by"]),
        count=story["descendants"],
        text=story.get("text", ""),
        comments="".join(_comment(items, kid) for kid in story["kids"]),
    )


def _comment(items: Items, item_id: int) -> str:
    comment = items[item_id]
    assert comment is not None
    answers = "".join(_comment(items, kid) for kid in comment["kids"])
    author = f"<p><small>{escape(comment['by'])}</small></p>"
    return f'<article id="{item_id}">{author}<p>{comment["text"]}{answers}</article>'
