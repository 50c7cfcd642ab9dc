"""Which stories a reader gets, and why.

The score of a story is a sum of terms, each of which can be told to the reader:

    score = ln(1 + points) + 0.3 · ln(1 + comments) − age / 24 h
            + 3 · Σ weights of the interests that it speaks of

Logarithms, because the hundredth point says less than the tenth. A day of age costs as much as losing two thirds of
the points. An interest named by the reader (weight 1) is worth as much as twenty times the points; weights learned
from 👍 and 👎 are smaller, and may be negative.

Stories are then taken from the best downwards, past those that the reader has seen, muted, or that are below the
reader's minimum, and past those about the same event as one taken already.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.digests.candidates import Candidate
from app.readers.phrases import fold
from app.readers.store import Taste

COMMENT_WEIGHT = 0.3
INTEREST_WEIGHT = 3.0
DAY_HOURS = 24.0
# Two titles with this share of their significant words in common are about one event (Jaccard index).
SAME_EVENT = 0.4
# A named topic is not the whole digest: at most this share of it may come from one site.
MOST_OF_ONE_SITE = 2

# The names of the terms; interests are `interest:<phrase>` and `learned:<phrase>`.
POINTS, COMMENTS, AGE = "points", "comments", "age"
Terms = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen story with the terms of its score."""

    candidate: Candidate
    terms: Terms

    @property
    def score(self) -> float:
        return sum(self.terms.values())


def select(
    candidates: Sequence[Candidate],
    taste: Taste,
    seen: Collection[int],
    *,
    minimum_points: int,
    count: int,
    now: datetime,
) -> list[Choice]:
    """At most `count` stories for a reader, the best first."""
    muted_words = [fold(word) for word in taste.muted_words]
    scored = [
        Choice(candidate, score_terms(candidate, taste, now))
        for candidate in candidates
        if candidate.id not in seen
        and candidate.points >= minimum_points
        and not _is_muted(candidate, muted_words, taste.muted_sites)
    ]
    scored.sort(key=lambda choice: (-choice.score, choice.candidate.id))
    chosen: list[Choice] = []
    for choice in scored:
        if len(chosen) == count:
            break
        if not _is_more_of_the_same(choice.candidate, chosen):
            chosen.append(choice)
    return chosen


def score_terms(candidate: Candidate, taste: Taste, now: datetime) -> dict[str, float]:
    """The terms of a story's score for somebody with `taste`."""
    age_hours = max(0.0, (now - candidate.posted_at).total_seconds() / 3600)
    terms = {
        POINTS: math.log1p(max(0, candidate.points)),
        COMMENTS: COMMENT_WEIGHT * math.log1p(max(0, candidate.comment_count)),
        AGE: -age_hours / DAY_HOURS,
    }
    for interest in taste.interests:
        if candidate.words.speak_of(interest.phrase):
            name = "interest" if interest.source == "reader" else "learned"
            terms[f"{name}:{interest.phrase}"] = INTEREST_WEIGHT * interest.weight
    return terms


def _is_muted(
    candidate: Candidate, muted_words: Sequence[str], muted_sites: Collection[str]
) -> bool:
    if any(f" {word} " in candidate.words.sequence for word in muted_words if word):
        return True
    site = candidate.site or ""
    return any(site == muted or site.endswith(f".{muted}") for muted in muted_sites)


def _is_more_of_the_same(candidate: Candidate, chosen: Sequence[Choice]) -> bool:
    same_site = 0
    for other in (choice.candidate for choice in chosen):
        common = len(candidate.title_words & other.title_words)
        if common >= 2 and common / len(candidate.title_words | other.title_words) >= SAME_EVENT:
            return True
        same_site += candidate.site is not None and candidate.site == other.site
    return same_site >= MOST_OF_ONE_SITE
