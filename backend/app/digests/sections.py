"""Divides a digest's stories into two to four sections by subject, the best story first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.digests.select import SelectedStory
from app.digests.subjects import NAMED, SUBJECTS, subjects_of

# Fewer stories need no sections.
MIN_STORIES = 4
MIN_SECTIONS, MAX_SECTIONS = 2, 4
# Sections of one story are avoided, unless too many stories would have no section.
MIN_IN_A_SECTION = 2
MAX_SHARE_OF_THE_REST = 0.4
# A story is not put under a subject that it only touches.
MIN_SHARE = 0.6
# The subject of stories without another section; it comes last.
OTHER = "other"

About = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DigestSection:
    """Stories of one subject, the best first; the subject is None in a digest without sections."""

    subject: str | None
    choices: tuple[SelectedStory, ...]


def arrange(choices: Sequence[SelectedStory]) -> tuple[DigestSection, ...]:
    """The sections of a digest; `choices` are sorted best first."""
    if not choices:
        return ()
    if len(choices) >= MIN_STORIES:
        groups = _groups([subjects_of(choice.candidate) for choice in choices])
        if len(groups) >= MIN_SECTIONS:
            return tuple(
                DigestSection(subject, tuple(choices[place] for place in places))
                for subject, places in groups.items()
            )
    return (DigestSection(None, tuple(choices)),)


def _groups(about: Sequence[About]) -> dict[str, list[int]]:
    """The places of the stories of each section."""
    shares = [_shares(weights) for weights in about]
    groups = _assigned(shares, _headed(shares))
    if len(groups) > 1 or OTHER in groups:
        return groups
    # All stories have one subject: those that are also about another one are moved there.
    [(only, _)] = groups.items()
    others = {
        subject: {place for place, weights in enumerate(about) if weights.get(subject, 0) >= NAMED}
        for subject in SUBJECTS
        if subject != only
    }
    second = max(others, key=lambda subject: len(others[subject]))
    moved = [{second if place in others[second] else only: 1.0} for place in range(len(about))]
    return _assigned(moved, (only, second))


def _shares(weights: About) -> About:
    """The weight of each subject of a story relative to its main subject, without those that it
    only touches.
    """
    most = max(weights.values(), default=0.0)
    least = min(NAMED, MIN_SHARE * most)
    return {one: weight / most for one, weight in weights.items() if weight >= least > 0}


def _headed(shares: Sequence[About]) -> list[str]:
    """The subjects that get a section; those of several stories come first."""
    headed: list[str] = []
    least = MIN_IN_A_SECTION
    while True:
        left = [one for one in shares if _best(one, headed) is None]
        worth = _worth(left)
        further = (
            subject
            for subject in sorted(worth, key=worth.__getitem__, reverse=True)
            if worth[subject] and _may_be_headed(shares, [*headed, subject], least)
        )
        if subject := next(further, None):
            headed.append(subject)
        elif least > 1 and len(left) > MAX_SHARE_OF_THE_REST * len(shares):
            least = 1
        else:
            return headed


def _may_be_headed(shares: Sequence[About], headed: Sequence[str], least: int) -> bool:
    """Whether each subject has at least `least` stories, and the rest needs few enough sections."""
    groups = _assigned(shares, headed)
    return len(groups) <= MAX_SECTIONS and all(
        len(groups.get(subject, ())) >= least for subject in headed
    )


def _worth(left: Sequence[About]) -> dict[str, float]:
    """For each subject the number of stories its section would take, weighted by how well each
    belongs there.
    """
    worth = dict.fromkeys(SUBJECTS, 0.0)
    for shares in left:
        for subject, share in shares.items():
            worth[subject] += share**2
    return worth


def _assigned(shares: Sequence[About], headed: Collection[str]) -> dict[str, list[int]]:
    """The places of each subject's stories; the best story's subject first, other subjects last."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(shares):
        groups[_best(one, headed) or OTHER].append(place)
    rest = groups.pop(OTHER, None)
    return {**groups, **({OTHER: rest} if rest else {})}


def _best(shares: About, subjects: Collection[str]) -> str | None:
    """The subject among these that a story is most about; None if it is about none of them."""
    return max(
        (subject for subject in subjects if subject in shares),
        key=shares.__getitem__,
        default=None,
    )
