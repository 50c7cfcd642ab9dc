"""What 👍, 👎 and saving tell about a reader's taste.

A story is taken apart into what may have been liked about it: its topics, its site, and the telling
words of its title. Each opinion adds to the evidence for them, and the weight follows the evidence
with ever smaller steps, so that it stays below what a reader says outright:

    weight = 0.6 · evidence / (1 + |evidence|)

Everything can be explained by the last story that it was learned from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.readers.interests import TOPICS, meant_by
from app.readers.phrases import COMMON_WORDS, Words, fold_phrase, words_of

LIMIT = 0.6
LEAST_WEIGHT = 0.05
MOST_LEARNED = 40
# A word of a title says less than a topic that somebody gave the story.
TOPIC, SITE, WORD = 1.0, 1.0, 0.4
SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader thought of a story: 1 for 👍, -1 for 👎, less for having saved it."""

    value: float
    given_at: datetime
    title: str
    site: str | None
    topics: Sequence[str]


@dataclass(frozen=True, slots=True)
class Learned:
    """A phrase that speaks for a story (weight > 0) or against it, and the story that taught it."""

    phrase: str
    weight: float
    reason: str


def learn(opinions: Iterable[Opinion], forgotten: Mapping[str, datetime]) -> list[Learned]:
    """The strongest of what the opinions teach.

    Args:
        forgotten: phrases that the reader had forgotten, and when; older opinions do not count.
    """
    evidence: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for opinion in sorted(opinions, key=lambda opinion: opinion.given_at):
        for phrase, strength in _aspects(opinion):
            since = forgotten.get(phrase)
            if since is None or opinion.given_at > since:
                evidence[phrase] = evidence.get(phrase, 0.0) + opinion.value * strength
                if opinion.value * evidence[phrase] > 0:
                    reasons[phrase] = opinion.title
    learned = [
        Learned(phrase, LIMIT * much / (1 + abs(much)), reasons.get(phrase, ""))
        for phrase, much in evidence.items()
    ]
    telling = [one for one in learned if abs(one.weight) >= LEAST_WEIGHT]
    telling.sort(key=lambda one: (-abs(one.weight), one.phrase))
    return telling[:MOST_LEARNED]


def _aspects(opinion: Opinion) -> Iterator[tuple[str, float]]:
    """What may have been liked about a story, folded, and how much an opinion says about it."""
    topics = {fold_phrase(topic) for topic in opinion.topics} - {""}
    words = words_of([opinion.title])
    topics |= {fold_phrase(topic) for topic in TOPICS.values() if _is_about(words, topic)}
    for topic in sorted(topics):
        yield topic, TOPIC
    if opinion.site:
        yield opinion.site.casefold(), SITE
    parts = {word for topic in topics for word in topic.split()}
    for word in sorted(words.distinct() - parts):
        if len(word) >= SHORTEST_WORD and word not in COMMON_WORDS:
            yield word, WORD


def _is_about(words: Words, topic: str) -> bool:
    return any(map(words.hold, meant_by(topic)))
