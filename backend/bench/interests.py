"""Ranking quality for interests: nDCG@10 on titles labelled by hand.

All stories have the same points and age, so only the interest ranks them. Stories with equal scores
may be in any order: the figure is the mean over all orders. `python -m bench.interests` prints the
half for tuning, never the held-out one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from statistics import fmean

from app.digests.candidates import Candidate
from app.digests.round import Round
from app.digests.select import personal_terms
from app.hackernews.sites import site_name
from app.readers.tastes import READER, Interest, Taste
from bench.labelled_titles import FIGURE, INTERESTS, TUNING, LabelledTitle, agreement, load
from simulators.figures import Figure, table

PLACES = 10
WANTED = 0.8
NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def measure() -> list[Figure]:
    """nDCG@10 on the held-out half, and the agreement of the labels."""
    kappas = agreement()
    by_interest = ndcg_by_interest(load(FIGURE))
    return [
        Figure("mean agreement of the two passes (kappa)", fmean(kappas.values()), ""),
        *(Figure(f"agreement: {name}", kappa, "") for name, kappa in kappas.items()),
        *(Figure(f"nDCG@10: {name}", value, "") for name, value in by_interest.items()),
        Figure("nDCG@10, mean of ten interests", fmean(by_interest.values()), "", WANTED),
    ]


def ndcg_by_interest(titles: Sequence[LabelledTitle]) -> dict[str, float]:
    """nDCG@10 of the product's own ranking for each of the ten interests."""
    stories = Round([candidate(title) for title in titles], NOW)
    return {
        interest: ndcg(
            scores(stories, interest), [title.relevance.get(interest, 0) for title in titles]
        )
        for interest in INTERESTS
    }


def scores(stories: Round, interest: str) -> list[float]:
    """The interest's contribution to each story's score."""
    terms = personal_terms(stories, Taste((Interest(interest, 1.0, READER, None, False),)))
    return [sum(terms.get(place, {}).values()) for place in range(len(stories.candidates))]


def ndcg(scores: Sequence[float], gains: Sequence[int]) -> float:
    """Normalised discounted cumulative gain at `PLACES`, the mean over all orders of ties."""
    groups: defaultdict[float, list[int]] = defaultdict(list)
    for score, gain in zip(scores, gains, strict=True):
        groups[score].append(gain)
    expected = [
        fmean(groups[score]) for score in sorted(groups, reverse=True) for _ in groups[score]
    ]
    return _dcg(expected) / _dcg(sorted(gains, reverse=True))


def _dcg(gains: Iterable[float]) -> float:
    return sum(
        gain / math.log2(place + 2) for place, gain in zip(range(PLACES), gains, strict=False)
    )


def candidate(title: LabelledTitle) -> Candidate:
    """The title as a candidate; all candidates differ only in their texts."""
    return Candidate(
        id=title.id,
        kind="story",
        title=title.title,
        url=title.url,
        site=site_name(title.url) if title.url else None,
        points=100,
        comment_count=50,
        first_seen_at=NOW,
        article_words=None,
        article_reason=None,
        topics=(),
        summaries={},
        discussion=None,
    )


if __name__ == "__main__":
    tuning = ndcg_by_interest(load(TUNING))
    print(table([Figure(name, value, "") for name, value in tuning.items()]))
