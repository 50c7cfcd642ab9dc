"""Finds the story to which moderators moved a discussion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence

from app.hackernews.items import Comment, Story

MAX_ASKED = 3  # of the missing comments

Fetch = Callable[[Iterable[int]], Awaitable[list[Story | Comment | None]]]


async def moved_to(story: Story, stored: Sequence[int], fetch: Fetch) -> Story | None:
    """The story that a discussion was moved to; None if it was not moved or that is unknown.

    Args:
        stored: the top-level comments at the last fetch.
    """
    gone = [comment_id for comment_id in stored if comment_id not in story.kids]
    if not stored or 2 * len(gone) <= len(stored) or len(story.kids) > len(gone):
        return None
    asked = await fetch(gone[:MAX_ASKED])
    parents = Counter(
        one.parent_id for one in asked if isinstance(one, Comment) and one.parent_id != story.id
    )
    if not parents:
        return None
    parent, number = parents.most_common(1)[0]
    if 2 * number < len(gone[:MAX_ASKED]):
        return None
    [target] = await fetch([parent])
    return target if isinstance(target, Story) and not target.dead else None
