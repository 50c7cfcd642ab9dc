"""What choosing for thousands of readers has in common, worked out once.

A reader's interests are looked up in an index of the stories' words instead of being searched for
in every story, so choosing costs a reader a fraction of a millisecond.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app.digests.candidates import DAILY_AGE, Candidate
from app.digests.events import number_events
from app.readers.interests import meant_by
from app.readers.phrases import Words, fold_phrase, words_of

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
        self._words = [_words(candidate) for candidate in candidates]
        titles = [words_of([candidate.title]).distinct() for candidate in candidates]
        self.events = number_events(titles, [words.distinct() for words in self._words])
        self._places_by_word: defaultdict[str, set[int]] = defaultdict(set)
        for place, words in enumerate(self._words):
            for word in words.distinct():
                self._places_by_word[word].add(place)
        self._subjects = [words_of([one.title, *one.topics]) for one in candidates]
        self._about: dict[str, dict[int, float]] = {}
        self._speaking: dict[str, frozenset[int]] = {}
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
                for place in self._speaking_of(phrase):
                    named = f" {phrase} " in self._subjects[place].sequence
                    places[place] = 1.0 if named else places.get(place, MENTIONED)
            self._about[interest] = places
        return places

    def speaking_of(self, phrase: str) -> frozenset[int]:
        """The places of the stories in which `phrase` occurs."""
        return self._speaking_of(fold_phrase(phrase))

    def of_site(self, site: str) -> frozenset[int]:
        """The places of the stories of a site or a part of it: github.com has github.com/owner."""
        places = self._of_site.get(site)
        if places is None:
            places = frozenset(
                place
                for place, candidate in enumerate(self.candidates)
                if candidate.site and _belongs(candidate.site.casefold(), site.casefold())
            )
            self._of_site[site] = places
        return places

    def _speaking_of(self, folded: str) -> frozenset[int]:
        places = self._speaking.get(folded)
        if places is None:
            some = [self._places_by_word.get(word, set()) for word in folded.split()]
            whole = f" {folded} "
            places = frozenset(
                place
                for place in (set.intersection(*some) if some else ())
                if whole in self._words[place].sequence
            )
            self._speaking[folded] = places
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


def _belongs(site: str, wanted: str) -> bool:
    return site == wanted or site.endswith(f".{wanted}") or site.startswith(f"{wanted}/")
