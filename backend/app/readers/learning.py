"""Learns a reader's taste from 👍, 👎 and saved stories.

A story is divided into the aspects that may have been liked: its topics, its site, and the
significant words of its title. Each opinion adds evidence for them, and the weight grows with the
evidence in ever smaller steps, so that it stays below that of a named interest:

    weight = 0.6 · evidence / (1 + |evidence|)

Each learned phrase is explained by the last story that it was learned from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.readers.interests.corrections import Correction
from app.readers.interests.evidence import StoryWords, relevance
from app.readers.interests.senses import sense_of
from app.readers.interests.topics import TOPICS
from app.readers.interests.vocabulary import NAMED, context_words, meaning_of, proper_names
from app.text.phrases import COMMON_WORDS, fold_phrase

LIMIT = 0.6
MIN_WEIGHT = 0.05
MAX_LEARNED = 40
MAX_CORRECTIONS = 20
# A word of a title is weaker evidence than a topic of the story.
TOPIC, SITE, WORD = 1.0, 1.0, 0.4
MIN_WORD = 4
# A single story may contain any word by chance; for proper names one is enough.
MIN_STORIES = 2
# The title's relevance to a topic from which an opinion counts for that topic.
MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Opinion:
    """A reader's opinion of a story: 1 for 👍, -1 for 👎, less for saving it."""

    value: float
    given_at: datetime
    title: str
    site: str | None
    topics: Sequence[str]


@dataclass(frozen=True, slots=True)
class LearnedPhrase:
    """A phrase in favour of a story (weight > 0) or against it, and the story it was learned
    from.
    """

    phrase: str
    weight: float
    reason: str


def learn(opinions: Iterable[Opinion], forgotten: Mapping[str, datetime]) -> list[LearnedPhrase]:
    """The strongest phrases that the opinions support.

    Args:
        forgotten: phrases that the reader deleted, and when; older opinions do not count for them.
    """
    evidence: dict[str, float] = {}
    reasons: dict[str, str] = {}
    stories: Counter[str] = Counter()
    for opinion in sorted(opinions, key=lambda opinion: opinion.given_at):
        for phrase, strength in _aspects(opinion):
            since = forgotten.get(phrase)
            if since is None or opinion.given_at > since:
                stories[phrase] += 1 if strength == WORD else MIN_STORIES
                evidence[phrase] = evidence.get(phrase, 0.0) + opinion.value * strength
                if opinion.value * evidence[phrase] > 0:
                    reasons[phrase] = opinion.title
    learned = [
        LearnedPhrase(phrase, LIMIT * much / (1 + abs(much)), reasons.get(phrase, ""))
        for phrase, much in evidence.items()
        if stories[phrase] >= MIN_STORIES or _is_a_name(phrase)
    ]
    telling = [one for one in learned if abs(one.weight) >= MIN_WEIGHT]
    telling.sort(key=lambda one: (-abs(one.weight), one.phrase))
    return telling[:MAX_LEARNED]


def corrections(opinions: Iterable[Opinion], named: Collection[str]) -> list[Correction]:
    """The senses in which the reader's interests are not meant, the latest last.

    A later 👍 cancels a correction that it contradicts.
    """
    found: list[Correction] = []
    for opinion in sorted(opinions, key=lambda opinion: opinion.given_at):
        if opinion.value < 0:
            found += [
                correction
                for interest in named
                if (correction := Correction(interest, opinion.title)).says_anything
            ]
        else:
            story = StoryWords(opinion.title)
            found = [correction for correction in found if not correction.fits(story)]
    return found[-MAX_CORRECTIONS:]


def _aspects(opinion: Opinion) -> Iterator[tuple[str, float]]:
    """The aspects of a story, folded, and the weight of an opinion for each.

    A 👎 does not count against a topic that the title may not mean.
    """
    topics = {fold_phrase(topic) for topic in opinion.topics} - {""}
    story = StoryWords(opinion.title, (), "", opinion.site)
    least = MIN_SHARE if opinion.value > 0 else NAMED
    topics |= {fold_phrase(topic) for topic in TOPICS.values() if _share(story, topic) >= least}
    for topic in sorted(topics):
        yield topic, TOPIC
    if opinion.site:
        yield opinion.site.casefold(), SITE
    parts = {word for topic in topics for word in topic.split()}
    generic = context_words(("generic",))
    for word in sorted(story.heading.distinct() - parts):
        if len(word) >= MIN_WORD and word not in COMMON_WORDS | generic:
            yield word, WORD


def _share(story: StoryWords, topic: str) -> float:
    meaning = meaning_of(topic)
    return relevance(meaning, story, meaning.names_in(story.heading))


def _is_a_name(word: str) -> bool:
    return word in proper_names() and sense_of(word) is None
