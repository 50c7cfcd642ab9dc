"""Chooses the stories for a reader, and explains the choice.

A story's score is a sum of terms, each of which can be shown to the reader:

    score = ln(1 + points) + 0.3 · ln(1 + comments) − 2 · age / horizon
            − 2 if nothing is known but its title
            + 3 · (w₁ + w₂/2 + w₃/4 + …) for the interests that the reader named
            + 3 · Σ weights of learned interests
            − 1 for each story of the same site chosen before it
            − 8 for each story about the same event chosen before it

Logarithms, because the hundredth point says less than the tenth. A story's age counts from when it
was first seen or last rose (`app.hackernews.store`). The horizon is 48 hours (a week in the weekly
digest), so a day costs as much as losing two thirds of the points. A named interest has w = 1 if
the title or the topics name it, which is worth as much as twenty times the points, and half of
that if only the summary mentions it. Of several interests, the strongest counts in full and each
further one half as much as the one before it: a reader who names "database", "SQLite" and
"PostgreSQL" does not mean three times as much. Interests learned from 👍 and 👎 weigh less than
named ones (at most 0.6, see `app.readers.learning`), and their weight may be negative.

The best story is chosen, then the best of the rest, and so on, without those that the reader has
seen or muted or that have too few points. At most two stories are about the same event.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from app.digests.candidates import Candidate
from app.digests.round import Round
from app.readers.tastes import READER, Taste

INTEREST_WEIGHT = 3.0
FURTHER_INTEREST = 0.5
SAME_SITE = 1.0
SAME_EVENT = 8.0
MAX_OF_ONE_EVENT = 2

# Names of the terms: those of the round, `interest:<phrase>`, `learned:<phrase>`, and these.
SITE, EVENT = "same_site", "same_event"
INTEREST, LEARNED = "interest", "learned"
Terms = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SelectedStory:
    """A chosen story with the terms of its score."""

    candidate: Candidate
    terms: Terms

    @property
    def score(self) -> float:
        return sum(self.terms.values())


def select(
    stories: Round, taste: Taste, seen: Collection[int], *, minimum_points: int, count: int
) -> list[SelectedStory]:
    """At most `count` stories for a reader, the best first.

    Args:
        stories: the candidates, shared by all readers.
        seen: ids of stories; all submissions of the same story count as seen too.
    """
    personal = personal_terms(stories, taste)
    left_out = excluded(stories, taste, seen)
    ranked = (
        (negative, place)
        for negative, place in _best_first(stories, personal)
        if place not in left_out and stories.candidates[place].points >= minimum_points
    )
    waiting = list(islice(ranked, 1))
    chosen: list[SelectedStory] = []
    sites: defaultdict[str, int] = defaultdict(int)
    events: defaultdict[int, int] = defaultdict(int)
    penalised: dict[int, dict[str, float]] = {}
    while waiting and len(chosen) < count:
        negative, place = heapq.heappop(waiting)
        if place not in penalised:
            # The best of the stories without a penalty is always among those that wait.
            for following in islice(ranked, 1):
                heapq.heappush(waiting, following)
        candidate, event = stories.candidates[place], stories.events[place]
        if events[event] >= MAX_OF_ONE_EVENT:
            continue
        penalties = {EVENT: -SAME_EVENT * events[event]}
        if candidate.site:
            penalties[SITE] = -SAME_SITE * sites[candidate.site]
        known = penalised.get(place, {})
        more = sum(penalties.values()) - sum(known.values())
        if more:
            # Stories chosen since it was placed lower its score: it is placed again.
            penalised[place] = penalties
            heapq.heappush(waiting, (negative - more, place))
            continue
        terms = stories.terms[place] | personal.get(place, {})
        chosen.append(SelectedStory(candidate, terms | {k: v for k, v in known.items() if v}))
        events[event] += 1
        if candidate.site:
            sites[candidate.site] += 1
    return chosen


def _best_first(stories: Round, personal: Mapping[int, Terms]) -> Iterator[tuple[float, int]]:
    """The negative scores and places of all stories with their personal terms, the best first. Few
    of several hundred are asked for.
    """
    own = sorted(
        (-stories.scores[place] - sum(terms.values()), place) for place, terms in personal.items()
    )
    others = (one for one in stories.ranked if one[1] not in personal)
    return heapq.merge(own, others)


def personal_terms(stories: Round, taste: Taste) -> dict[int, dict[str, float]]:
    """For each place that the reader's interests match, the personal terms."""
    terms: defaultdict[int, dict[str, float]] = defaultdict(dict)
    named: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    for interest in taste.interests:
        corrections = [one for one in taste.corrections if one.interest == interest.phrase]
        for place, share in stories.about(interest.phrase).items():
            if any(one.fits(stories.words[place]) for one in corrections):
                continue
            weight = INTEREST_WEIGHT * interest.weight * share
            if interest.source == READER:
                named[place].append((weight, interest.phrase))
            else:
                terms[place][f"{LEARNED}:{interest.phrase}"] = weight
    for place, interests in named.items():
        for number, (weight, phrase) in enumerate(sorted(interests, reverse=True)):
            terms[place][f"{INTEREST}:{phrase}"] = weight * FURTHER_INTEREST**number
    return dict(terms)


def excluded(stories: Round, taste: Taste, seen: Collection[int]) -> set[int]:
    """The places of the stories that the reader has seen or muted."""
    places = {stories.place_by_id[story_id] for story_id in seen if story_id in stories.place_by_id}
    for word in taste.muted_words:
        places |= stories.showing(word)
    for site in taste.muted_sites:
        places |= stories.of_site(site)
    return places
