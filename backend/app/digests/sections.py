"""Divides a digest's stories into sections by subject, the section of the best story first.

A story has one subject, which is the same in everybody's digests. Where it is the only one of that
subject, it is in the last section, whose heading names no subject. If most stories were there,
there are no sections.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.digests.select import SelectedStory
from app.digests.subjects import subject_of

# Fewer stories need no sections.
MIN_STORIES = 4
MIN_IN_A_SECTION = 2
MAX_SHARE_OF_THE_REST = 0.5
# The last section included.
MAX_SECTIONS = 4
# The last section, for stories without another one.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class DigestSection:
    """Stories of one subject, the best first; the subject is None in a digest without sections."""

    subject: str | None
    choices: tuple[SelectedStory, ...]


def arrange(choices: Sequence[SelectedStory]) -> tuple[DigestSection, ...]:
    """The sections of a digest; `choices` are sorted best first."""
    groups: defaultdict[str, list[SelectedStory]] = defaultdict(list)
    subjects = [subject_of(choice.candidate) or OTHER for choice in choices]
    headed = _headed(subjects)
    for subject, choice in zip(subjects, choices, strict=True):
        groups[subject if subject in headed else OTHER].append(choice)
    rest = groups.pop(OTHER, [])
    is_divided = len(groups) > 1 or (groups and rest)
    if not is_divided or len(choices) < MIN_STORIES or _is_too_much(rest, choices):
        return (DigestSection(None, tuple(choices)),) if choices else ()
    last = {OTHER: rest} if rest else {}
    return tuple(
        DigestSection(subject, tuple(stories)) for subject, stories in {**groups, **last}.items()
    )


def _is_too_much(rest: Sequence[SelectedStory], choices: Sequence[SelectedStory]) -> bool:
    return len(rest) > MAX_SHARE_OF_THE_REST * len(choices)


def _headed(subjects: Sequence[str]) -> list[str]:
    """The subjects that have a section: those with the most stories."""
    several = [
        subject
        for subject, count in Counter(subjects).most_common()
        if subject != OTHER and count >= MIN_IN_A_SECTION
    ]
    is_complete = set(several) == set(subjects) and len(several) <= MAX_SECTIONS
    return several if is_complete else several[: MAX_SECTIONS - 1]
