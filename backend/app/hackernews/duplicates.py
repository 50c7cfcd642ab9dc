"""Which submissions are one story: the same page, or a comment that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.hackernews.markup import plain_text
from app.hackernews.store import Submission

POINTER_CHARACTERS = 300
_ITEM = re.compile(r"news\.ycombinator\.com/item\?id=(\d{1,15})")
_SAYS_SO = re.compile(
    r"\bdup(?:e|licate)?\b|comments moved|discuss(?:ion|ed) (?:is )?(?:here|elsewhere)"
    r"|already (?:being )?(?:posted|discussed|submitted)",
    re.IGNORECASE,
)


def dupe_pointer(comment: str) -> int | None:
    """The story that a short comment such as "[dupe] https://news.ycombinator.com/item?id=1" names.

    Args:
        comment: Hacker News' own HTML.
    """
    text = plain_text(comment[: POINTER_CHARACTERS * 4])
    targets = set(_ITEM.findall(text))
    if len(targets) != 1 or len(text) > POINTER_CHARACTERS or not _SAYS_SO.search(text):
        return None
    return int(targets.pop())


def originals(
    submissions: Sequence[Submission], pointers: Iterable[tuple[int, int]]
) -> dict[int, int | None]:
    """For each submission the one that stands for it, or None when it stands for itself.

    Of several submissions of one story, the one with the most comments stands for all; then points
    decide, then age. Dead ones never stand for living ones.
    """
    leader = {submission.id: submission.id for submission in submissions}

    def find(story_id: int) -> int:
        while leader[story_id] != story_id:
            story_id = leader[story_id]
        return story_id

    def rank(submission: Submission) -> tuple[bool, int, int, int]:
        return submission.dead, -submission.comment_count, -submission.points, submission.id

    place = {story.id: number for number, story in enumerate(sorted(submissions, key=rank))}

    def join(one: int, other: int) -> None:
        first, second = sorted((find(one), find(other)), key=place.__getitem__)
        leader[second] = first

    by_page: dict[str, int] = {}
    for submission in submissions:
        if submission.canonical_url is not None:
            join(by_page.setdefault(submission.canonical_url, submission.id), submission.id)
    for source, target in pointers:
        if source in leader and target in leader:
            join(source, target)
    return {
        story_id: None if (original := find(story_id)) == story_id else original
        for story_id in leader
    }
