"""Which submissions are one story: the same page, or comments that say so and can be believed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.hackernews.duplicate_store import Submission
from app.hackernews.markup import plain_text

POINTER_CHARACTERS = 300
_ITEM = re.compile(r"news\.ycombinator\.com/item\?id=(\d{1,15})")
_SAYS_SO = re.compile(
    r"\bdup(?:e|licate)?\b|comments moved|discuss(?:ion|ed) (?:is )?(?:here|elsewhere)"
    r"|already (?:being )?(?:posted|discussed|submitted)",
    re.IGNORECASE,
)
_DOUBTS_SO = re.compile(
    r"\b(?:not|never|nor|hardly|cannot|isnt|wasnt|arent)\b|n['’]t\b|\?", re.IGNORECASE
)

# Hacker News' moderators, who merge discussions.
_MODERATORS = frozenset(("dang", "tomhow"))
_ENOUGH_COMMENTERS = 2
_TELLING = re.compile(r"\w*\d\w*|\w{3,}")
_NOT_TELLING = frozenset(
    """
    show ask tell launch the and for with from how why what when that this its are was you your our
    has have new now not all can will into out about using
    """.split()  # noqa: SIM905 - a text reads better than so many quoted words
)
_ALIKE = 0.5


class Pointer(NamedTuple):
    """What somebody says in answer to a story: that it is the same as another."""

    source: int
    target: int
    author: str | None


def dupe_pointer(comment: str) -> int | None:
    """The story that a short comment such as "[dupe] https://news.ycombinator.com/item?id=1" names.

    One that denies it or asks names none.

    Args:
        comment: Hacker News' own HTML.
    """
    text = plain_text(comment[: POINTER_CHARACTERS * 4])
    targets = set(_ITEM.findall(text))
    if len(targets) != 1 or len(text) > POINTER_CHARACTERS or not _SAYS_SO.search(text):
        return None
    if _DOUBTS_SO.search(_ITEM.sub(" ", text)):
        return None
    return int(targets.pop())


def believed(pointers: Iterable[Pointer], titles: Mapping[int, str]) -> list[tuple[int, int]]:
    """The pairs of stories that are the same: a single stranger's word cannot hide a story.

    A moderator says so, or several commenters do, or the titles are alike too.

    Args:
        titles: by story id; what is said of other stories is left out.
    """
    authors: defaultdict[tuple[int, int], set[str | None]] = defaultdict(set)
    for source, target, author in pointers:
        if source in titles and target in titles:
            authors[source, target].add(author)
    return [
        (source, target)
        for (source, target), known in authors.items()
        if known & _MODERATORS
        or len(known) >= _ENOUGH_COMMENTERS
        or _are_alike(titles[source], titles[target])
    ]


def _are_alike(one: str, other: str) -> bool:
    words = [set(_TELLING.findall(title.casefold())) - _NOT_TELLING for title in (one, other)]
    fewest = min(map(len, words))
    return fewest > 0 and len(words[0] & words[1]) >= _ALIKE * fewest


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
