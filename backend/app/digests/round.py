"""What choosing for thousands of readers has in common, worked out once.

A reader's interests are looked up in an index of the stories' words instead of being searched for
in every story, so choosing costs a reader a fraction of a millisecond.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from app.digests.candidates import DAILY_AGE, Candidate
from app.digests.events import number_events
from app.digests.outages import tell_of_one_outage
from app.readers.interests import meant_by
from app.readers.mutes import addresses, lies_on
from app.readers.phrases import Words, fold_phrase, versions, words_of

COMMENT_WEIGHT = 0.3
AGE_WEIGHT = 2.0
BARE_WEIGHT = 2.0
# How much a story is about what only its summary mentions.
MENTIONED = 0.5

# The names of the terms that do not depend on the reader.
POINTS, COMMENTS, AGE, BARE = "points", "comments", "age", "bare"


class Round:
    """The candidates at one moment; a story is known by its place among them."""

    def __init__(
        self, candidates: Sequence[Candidate], now: datetime, horizon: timedelta = DAILY_AGE
    ) -> None:
        """`horizon` is how far back the candidates reach; `candidates` stand best first."""
        self.now = now
        self.candidates = tuple(candidates)
        self.terms = [_common_terms(candidate, now, horizon) for candidate in candidates]
        self.scores = [sum(terms.values()) for terms in self.terms]
        words = [_words(candidate) for candidate in candidates]
        titles = [words_of([candidate.title]).distinct() for candidate in candidates]
        self.events = number_events(titles, [of_story.distinct() for of_story in words])
        for place, first in tell_of_one_outage([one.title for one in candidates]).items():
            alone, event = self.events[place], self.events[first]
            self.events = [event if one == alone else one for one in self.events]
        self._speaking = _Index(words)
        self._subjects = [words_of([one.title, *one.topics]) for one in candidates]
        self._about: dict[str, dict[int, float]] = {}
        self._of_site: dict[str, frozenset[int]] = {}
        # One story has several ids: its own and those of its duplicates.
        self.place_by_id = {
            story_id: place
            for place, candidate in enumerate(candidates)
            for story_id in (candidate.id, *candidate.duplicates)
        }

    def ids_of(self, places: Iterable[int]) -> list[int]:
        """All the ids that the stories at these places are known by."""
        stories = (self.candidates[place] for place in places)
        return [story_id for story in stories for story_id in (story.id, *story.duplicates)]

    def about(self, interest: str) -> Mapping[int, float]:
        """The places of the stories about an interest, by its own words or what they stand for.

        The value is 1 where the title or the topics name it, `MENTIONED` where the summary does.
        """
        places = self._about.get(interest)
        if places is None:
            places = {}
            for phrase in meant_by(interest):
                for place in self._speaking.places(phrase):
                    named = self._subjects[place].hold(phrase)
                    places[place] = 1.0 if named else places.get(place, MENTIONED)
            self._about[interest] = places
        return places

    def speaking_of(self, phrase: str) -> frozenset[int]:
        """The places of the stories about which `phrase` is said."""
        return self._speaking.places(fold_phrase(phrase))

    def showing(self, phrase: str) -> frozenset[int]:
        """The places of the stories in which a reader may come upon `phrase`, in any style."""
        return self._showing.places(fold_phrase(phrase))

    @cached_property
    def _addresses(self) -> list[frozenset[str]]:
        return [addresses(candidate.url, candidate.site) for candidate in self.candidates]

    @cached_property
    def _showing(self) -> _Index:
        # Much more text, and needed only where somebody muted a word.
        return _Index([_shown(candidate) for candidate in self.candidates])

    def of_site(self, site: str) -> frozenset[int]:
        """The places of the stories of a site or a part of it: github.com has github.com/owner."""
        places = self._of_site.get(site)
        if places is None:
            places = frozenset(
                place
                for place, known in enumerate(self._addresses)
                if any(lies_on(address, site) for address in known)
            )
            self._of_site[site] = places
        return places


class _Index:
    """Where phrases occur among the words of stories."""

    def __init__(self, words: Sequence[Words]) -> None:
        self._words = words
        self._places_by_word: defaultdict[str, set[int]] = defaultdict(set)
        for place, of_story in enumerate(words):
            for word in of_story.distinct():
                for version in versions(word):
                    self._places_by_word[version].add(place)
        self._known: dict[str, frozenset[int]] = {}

    def places(self, folded: str) -> frozenset[int]:
        """The places of the stories in which a folded phrase occurs."""
        places = self._known.get(folded)
        if places is None:
            some = [self._places_by_word.get(word, set()) for word in folded.split()]
            places = frozenset(
                place
                for place in (set.intersection(*some) if some else ())
                if self._words[place].hold(folded)
            )
            self._known[folded] = places
        return places


def _common_terms(candidate: Candidate, now: datetime, horizon: timedelta) -> dict[str, float]:
    age = max(timedelta(), now - candidate.first_seen_at)
    terms = {
        POINTS: math.log1p(max(0, candidate.points)),
        COMMENTS: COMMENT_WEIGHT * math.log1p(max(0, candidate.comment_count)),
        AGE: -AGE_WEIGHT * (age / horizon),
    }
    if candidate.is_bare:
        terms[BARE] = -BARE_WEIGHT
    return terms


def _words(candidate: Candidate) -> Words:
    basic = candidate.summary("basic")
    sentences = basic.sentences if basic else ""
    return words_of([candidate.title, *candidate.topics, sentences, candidate.site or ""])


def _shown(candidate: Candidate) -> Words:
    """All that digests and cards show of a story."""
    site = candidate.site or ""
    told = [candidate.title, *candidate.topics, site, site.rpartition(".")[0].replace(".", " ")]
    for summary in candidate.summaries.values():
        told += [summary.sentences, *summary.key_points]
    if talk := candidate.discussion:
        told += [talk.line or "", *(one.text for one in (*talk.agreements, *talk.disagreements))]
    return words_of(told)
