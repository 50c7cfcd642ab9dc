"""Selects the part of a discussion that is kept: a bounded number of comments, in page order."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Iterable

from app.hackernews.discussion_store import MAX_DISCUSSION, PlacedComment
from app.hackernews.items import Comment, Story

DEEPEST = 8
REQUESTS = 120  # includes requests for deleted comments; a thread may consist of nothing else
WAVE = 20


async def read_discussion(
    story: Story, fetch: Callable[[Iterable[int]], Awaitable[list[Story | Comment | None]]]
) -> list[PlacedComment] | None:
    """The best comments of a story, depth first as on its page.

    None if the story has comments, but none of them can be fetched. `kids` are in the page's order
    of rank. A comment's priority is its position among its siblings plus the priority of its
    parent, so the first threads are read deeper than the last ones, and a small discussion is read
    whole.
    """
    # (distance from the top, id, depth); the id breaks ties.
    open_ends = [(place, kid, 0) for place, kid in enumerate(story.kids)]
    heapq.heapify(open_ends)
    found: dict[int, Comment] = {}
    depths: dict[int, int] = {}
    asked: set[int] = {story.id}
    shown = 0
    while open_ends and shown < MAX_DISCUSSION and len(asked) < REQUESTS:
        wave: list[tuple[int, int, int]] = []
        while open_ends and len(wave) < min(WAVE, MAX_DISCUSSION - shown):
            distance, comment_id, depth = heapq.heappop(open_ends)
            if comment_id not in asked:
                asked.add(comment_id)
                wave.append((distance, comment_id, depth))
        comments = await fetch(comment_id for _, comment_id, _ in wave)
        for (distance, comment_id, depth), comment in zip(wave, comments, strict=True):
            if not isinstance(comment, Comment):
                continue
            found[comment_id], depths[comment_id] = comment, depth
            shown += comment.text is not None
            if depth < DEEPEST:
                for place, kid in enumerate(comment.kids, start=1):
                    heapq.heappush(open_ends, (distance + place, kid, depth + 1))
    return _in_page_order(story, found, depths) if found or not story.kids else None


def _in_page_order(
    story: Story, found: dict[int, Comment], depths: dict[int, int]
) -> list[PlacedComment]:
    placed: list[PlacedComment] = []
    left = list(reversed(story.kids))
    while left:
        comment = found.pop(left.pop(), None)
        if comment is None:
            continue
        if comment.text is not None:
            placed.append(PlacedComment(comment, len(placed), depths[comment.id]))
        left.extend(reversed(comment.kids))
    return placed
