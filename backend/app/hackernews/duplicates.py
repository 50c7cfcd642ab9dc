"""Decides which submissions are the same story: by their page, or by what commenters say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.hackernews.duplicate_store import Submission
from app.hackernews.pointers import MODERATORS, Pointer
from app.hackernews.recurring import are_about_the_same, are_different_events, are_titles_similar

_MIN_COMMENTERS = 2


class SameStory(NamedTuple):
    """Two stories are the same; `moved`: the source's discussion has been moved to the target."""

    source: int
    target: int
    moved: bool = False


def accepted_pairs(
    pointers: Iterable[Pointer], stories: Mapping[int, Submission]
) -> list[SameStory]:
    """The pairs of stories that are the same. One commenter alone cannot hide a story.

    A pair is accepted if a moderator or several commenters name it, or if the titles are similar
    too. Two outages or two versions are accepted as the same story from a moderator only.

    Args:
        stories: by id; pointers to other stories are ignored.
    """
    said: defaultdict[tuple[int, int], list[Pointer]] = defaultdict(list)
    for pointer in pointers:
        if pointer.source in stories and pointer.target in stories:
            said[pointer.source, pointer.target].append(pointer)
    found = []
    for (source, target), known in said.items():
        authors = {pointer.author for pointer in known}
        one, other = stories[source], stories[target]
        if authors & MODERATORS or (
            (len(authors) >= _MIN_COMMENTERS or are_titles_similar(one.title, other.title))
            and not are_different_events(one, other)
        ):
            found.append(SameStory(source, target, any(pointer.moved for pointer in known)))
    return found


def originals(
    submissions: Sequence[Submission], same: Iterable[SameStory]
) -> dict[int, int | None]:
    """The original of each submission, or None for a submission that is not a duplicate.

    The original of several submissions is the one with the most comments, then the most points,
    then the oldest. A dead submission is never the original of a living one, nor is one whose
    discussion was moved the original of the one that it was moved to.
    """
    known = {submission.id: submission for submission in submissions}
    group = {story_id: story_id for story_id in known}

    def find(story_id: int) -> int:
        while group[story_id] != story_id:
            story_id = group[story_id]
        return story_id

    moved: dict[int, set[int]] = defaultdict(set)
    for pair in (*_of_one_page(submissions), *same):
        if pair.source in known and pair.target in known:
            group[find(pair.source)] = find(pair.target)
            if pair.moved and not known[pair.target].dead:
                moved[pair.source].add(pair.target)
    members: defaultdict[int, list[Submission]] = defaultdict(list)
    for submission in submissions:
        members[find(submission.id)].append(submission)
    found: dict[int, int | None] = {}
    for several in members.values():
        original = _original(several, moved.keys())
        found |= {one.id: None if one.id == original else original for one in several}
    return found


def _original(several: Sequence[Submission], emptied: Collection[int]) -> int:
    def rank(submission: Submission) -> tuple[bool, bool, int, int, int]:
        return (
            submission.dead,
            submission.id in emptied,
            -submission.comment_count,
            -submission.points,
            submission.id,
        )

    return min(several, key=rank).id


def _of_one_page(submissions: Sequence[Submission]) -> list[SameStory]:
    """The pairs that share a page and are about the same thing; one chain for each occasion."""
    by_page: defaultdict[str, list[Submission]] = defaultdict(list)
    for submission in sorted(submissions, key=lambda one: (one.posted_at, one.id)):
        for page in submission.pages:
            by_page[page].append(submission)
    pairs = []
    for several in by_page.values():
        occasions: list[Submission] = []  # the last submission of each
        for submission in several:
            for place, last in enumerate(occasions):
                if are_about_the_same(last, submission):
                    pairs.append(SameStory(submission.id, last.id))
                    occasions[place] = submission
                    break
            else:
                occasions.append(submission)
    return pairs
