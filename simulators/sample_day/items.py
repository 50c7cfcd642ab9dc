"""The sample day as items of Hacker News' API, with times relative to now."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from simulators.sample_day.stories import SampleComment, SampleStory

Json = dict[str, Any]

# Far above Hacker News' current ids, so that no id is that of a real post.
FIRST_ID = 900_000_000_000
IDS_A_STORY = 100
IDS_A_DAY = 100 * IDS_A_STORY
DAY_SECONDS = 86_400
_PARAGRAPH = re.compile(r"\n\s*\n")
_LINK = re.compile(r"https?://[^\s<>]+")
_CODE = re.compile(r"`([^`]+)`")
_EMPHASIS = re.compile(r"\*([^*\n]+)\*")
# In a text: a link to the discussion of another story.
_ITEM = re.compile(r"\{item:([a-z-]+)\}")


def items_of(
    stories: list[SampleStory], now: float
) -> tuple[dict[int, Json], dict[str, list[int]]]:
    """The items and the lists at time `now`.

    Each day has its own ids, because a story is not sent twice to the same reader.
    """
    first = FIRST_ID + int(now // DAY_SECONDS) % 10_000 * IDS_A_DAY
    ids = {story.name: first + place * IDS_A_STORY for place, story in enumerate(stories, 1)}
    items: dict[int, Json] = {}
    for story in stories:
        items |= _items_of_story(story, ids, now)
    ranked = list(ids.values())
    lists = {
        "topstories": ranked,
        "beststories": sorted(ranked, key=lambda one: -items[one]["score"]),
        "newstories": sorted(ranked, key=lambda one: -items[one]["time"]),
        "askstories": [one for one in ranked if items[one]["title"].startswith("Ask HN:")],
        "showstories": [one for one in ranked if items[one]["title"].startswith("Show HN:")],
    }
    return items, lists


def _items_of_story(story: SampleStory, ids: dict[str, int], now: float) -> dict[int, Json]:
    story_id, seconds = ids[story.name], story.hours * 3600
    item: Json = {
        "id": story_id,
        "type": "story",
        "by": story.author,
        "title": story.title,
        "score": story.points,
        "time": int(now - seconds),
        "descendants": len(story.comments),
        "kids": [],
    }
    if story.url is not None:
        item["url"] = story.url
    if story.text:
        item["text"] = _markup(story.text, ids)
    items = {story_id: item}
    above = [item]  # the possible parents of a comment, by depth
    for place, comment in enumerate(story.comments, 1):
        parent = above[comment.depth]
        posted = int(now - seconds * (1 - place / (len(story.comments) + 1)))
        answer = _comment(comment, story_id + place, parent, posted, ids)
        parent["kids"].append(answer["id"])
        items[answer["id"]] = answer
        above[comment.depth + 1 :] = [answer]
    return items


def _comment(
    comment: SampleComment, item_id: int, parent: Json, posted: int, ids: dict[str, int]
) -> Json:
    return {
        "id": item_id,
        "type": "comment",
        "by": comment.author,
        "parent": parent["id"],
        "time": posted,
        "text": _markup(comment.text, ids),
        "kids": [],
    }


def _markup(text: str, ids: dict[str, int]) -> str:
    """The text as HTML in Hacker News' format."""
    named = _ITEM.sub(lambda one: f"https://news.ycombinator.com/item?id={ids[one[1]]}", text)
    paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(named.strip())]
    return "<p>".join(map(_inline, paragraphs))


def _inline(paragraph: str) -> str:
    html = escape(paragraph, quote=True)
    html = _LINK.sub(lambda one: f'<a href="{one[0]}" rel="nofollow">{one[0]}</a>', html)
    return _EMPHASIS.sub(r"<i>\1</i>", _CODE.sub(r"<code>\1</code>", html))
