"""The part of choosing that is the same for all readers, computed once.

A reader's interests are looked up in an index of the stories' words, not searched for in every
story, so choosing takes a fraction of a millisecond per reader.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from functools import cached_property

from app.digests.candidates import DAILY_AGE, Candidate
from app.digests.events import number_events
from app.digests.outages import group_by_outage
from app.readers.interests.evidence import StoryWords, relevance
from app.readers.interests.vocabulary import Meaning, in_english, meaning_of
from app.readers.mutes import is_on_site, mutable_addresses
from app.text.phrases import MAX_CHARACTERS, Words, fold_phrase, versions, words_of

COMMENT_WEIGHT = 0.3
AGE_WEIGHT = 2.0
BARE_WEIGHT = 2.0

# Names of the terms that do not depend on the reader.
POINTS, COMMENTS, AGE, BARE = "points", "comments", "age", "bare"


class Round:
    """The candidates at one time; a story is identified by its index, its place."""

    def __init__(
        self, candidates: Sequence[Candidate], now: datetime, horizon: timedelta = DAILY_AGE
    ) -> None:
        """`horizon` is the age of the oldest candidates; `candidates` are sorted best first."""
        self.now = now
        self.candidates = tuple(candidates)
        self.terms = [_common_terms(candidate, now, horizon) for candidate in candidates]
        self.scores = [sum(terms.values()) for terms in self.terms]
        # Negative scores and places, the best first.
        self.ranked = sorted((-score, place) for place, score in enumerate(self.scores))
        self.words = [_story_words(candidate) for candidate in candidates]
        words = [_words(story) for story in self.words]
        titles = [words_of([candidate.title]).distinct() for candidate in candidates]
        self.events = number_events(titles, [of_story.distinct() for of_story in words])
        headlines = [candidate.title[:MAX_CHARACTERS] for candidate in candidates]
        for place, first in group_by_outage(headlines).items():
            alone, event = self.events[place], self.events[first]
            self.events = [event if one == alone else one for one in self.events]
        self._speaking = _Index(words)
        self._about: dict[str, dict[int, float]] = {}
        self._of_site: dict[str, frozenset[int]] = {}
        # A story is known by its own id and those of its duplicates.
        self.place_by_id = {
            story_id: place
            for place, candidate in enumerate(candidates)
            for story_id in (candidate.id, *candidate.duplicates)
        }

    def ids_of(self, places: Iterable[int]) -> list[int]:
        """All ids of the stories at these places."""
        stories = (self.candidates[place] for place in places)
        return [story_id for story in stories for story_id in (story.id, *story.duplicates)]

    def about(self, interest: str) -> Mapping[int, float]:
        """The places of the stories about an interest, and their relevance from 0 to 1."""
        places = self._about.get(interest)
        if places is None:
            meaning = meaning_of(interest)
            found: defaultdict[int, list[str]] = defaultdict(list)
            for name in (*meaning.names, *meaning.hints):
                for place in self._speaking.places(name):
                    found[place].append(name)
            for place in self._weak_matches(meaning):
                found.setdefault(place, [])
            shares = {
                place: relevance(meaning, self.words[place], names)
                for place, names in found.items()
            }
            places = {place: share for place, share in shares.items() if share}
            self._about[interest] = places
        return places

    def _weak_matches(self, meaning: Meaning) -> Iterator[int]:
        """Places of stories that use other forms of its words, or that are on its site."""
        for form in meaning.forms:
            yield from self._stems.places(form)
        if meaning.scattered:
            yield from self._stems.having(meaning.scattered)
        for site in meaning.sites:
            yield from self._places_by_site.get(site, ())

    @cached_property
    def _stems(self) -> _Index:
        return _Index([story.stemmed for story in self.words])

    @cached_property
    def _places_by_site(self) -> Mapping[str | None, Sequence[int]]:
        places: defaultdict[str | None, list[int]] = defaultdict(list)
        for place, story in enumerate(self.words):
            places[story.site].append(place)
        return places

    def speaking_of(self, interest: str) -> frozenset[int]:
        """The places of the stories that contain an interest's own words in the meant sense."""
        about = self.about(interest)
        said = self._speaking.places(fold_phrase(in_english(interest)))
        return frozenset(place for place in said if place in about)

    def showing(self, phrase: str) -> frozenset[int]:
        """The places of the stories that show `phrase` to a reader, in any style."""
        return self._showing.places(fold_phrase(phrase))

    @cached_property
    def _addresses(self) -> list[frozenset[str]]:
        return [mutable_addresses(candidate.url, candidate.site) for candidate in self.candidates]

    @cached_property
    def _showing(self) -> _Index:
        # Far more text than the other index, and needed only if a reader muted a word.
        return _Index([_shown(candidate) for candidate in self.candidates])

    def of_site(self, site: str) -> frozenset[int]:
        """The places of the stories of a site, or of a part of it: github.com includes
        github.com/owner.
        """
        places = self._of_site.get(site)
        if places is None:
            places = frozenset(
                place
                for place, known in enumerate(self._addresses)
                if any(is_on_site(address, site) for address in known)
            )
            self._of_site[site] = places
        return places


class _Index:
    """An index of the words of stories, for phrases."""

    def __init__(self, words: Sequence[Words]) -> None:
        self._words = words
        self._places_by_word: defaultdict[str, set[int]] = defaultdict(set)
        for place, of_story in enumerate(words):
            for word in of_story.distinct():
                for version in versions(word):
                    self._places_by_word[version].add(place)
        self._known: dict[str, frozenset[int]] = {}

    def places(self, folded: str) -> frozenset[int]:
        """The places of the stories that contain a folded phrase."""
        places = self._known.get(folded)
        if places is None:
            having = self.having(folded.split())
            places = frozenset(place for place in having if self._words[place].hold(folded))
            self._known[folded] = places
        return places

    def having(self, words: Iterable[str]) -> Set[int]:
        """The places of the stories that contain all the words."""
        some = [self._places_by_word.get(word, set()) for word in words]
        return set.intersection(*some) if some else frozenset()


def _common_terms(candidate: Candidate, now: datetime, horizon: timedelta) -> dict[str, float]:
    age = max(timedelta(), now - candidate.lively_since)
    terms = {
        POINTS: math.log1p(max(0, candidate.points)),
        COMMENTS: COMMENT_WEIGHT * math.log1p(max(0, candidate.comment_count)),
        AGE: -AGE_WEIGHT * (age / horizon),
    }
    if candidate.is_bare:
        terms[BARE] = -BARE_WEIGHT
    return terms


def _story_words(candidate: Candidate) -> StoryWords:
    basic = candidate.summary("basic")
    sentences = basic.sentences if basic else ""
    return StoryWords(candidate.title, candidate.topics, sentences, candidate.site)


def _words(story: StoryWords) -> Words:
    told = (story.heading, story.told, words_of([story.site or ""]))
    return Words(" | ".join(words.sequence for words in told))


def _shown(candidate: Candidate) -> Words:
    """All texts of a story that digests and cards show."""
    site = candidate.site or ""
    told = [candidate.title, *candidate.topics, site, site.rpartition(".")[0].replace(".", " ")]
    for summary in candidate.summaries.values():
        told += [summary.sentences, *summary.key_points]
    if talk := candidate.discussion:
        claims = (*talk.voices, *talk.agreements, *talk.disagreements)
        told += [talk.line or "", *(one.text for one in claims)]
    return words_of(told)
