"""The relevance of a story to an interest, from its title, topics, summary and site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from app.readers.interests.senses import sense_of
from app.readers.interests.vocabulary import NAMED, SCATTERED, Meaning
from app.text.phrases import MAX_CHARACTERS, Words, fold, words_of
from app.text.stems import stems

# A summary mentions many things that a story is not about.
MENTIONED = 0.5
HINT = 0.25
MAX_HINTS = 2
# The factor for an ambiguous word that the model's topics do not confirm.
UNCONFIRMED = 0.5


_LETTERS_THEN_DIGITS = re.compile(r"\b([^\W\d_]{2,})-?(?=\d)")


@dataclass(frozen=True)
class StoryWords:
    """The texts of a story."""

    title: str
    topics: tuple[str, ...] = ()
    summary: str = ""
    site: str | None = None

    def __post_init__(self) -> None:
        # Longer than any story's; a limit on the cost.
        object.__setattr__(self, "title", self.title[:MAX_CHARACTERS])
        object.__setattr__(self, "summary", self.summary[:MAX_CHARACTERS])

    @cached_property
    def heading(self) -> Words:
        """The title and the topics; "Qwen3.8" and "GPT5" also count as Qwen and GPT."""
        families = _LETTERS_THEN_DIGITS.sub(r"\1 ", self.title)
        return words_of([self.title, *self.topics, *([families] if families != self.title else [])])

    @cached_property
    def told(self) -> Words:
        """The summary."""
        return words_of([self.summary])

    @cached_property
    def stemmed(self) -> Words:
        """The stems of the heading."""
        return Words(f" {stems(self.heading.sequence)} ")

    @cached_property
    def around(self) -> frozenset[str]:
        """All words that indicate what the story is about."""
        return self.heading.distinct() | self.told.distinct()

    @cached_property
    def folded_topics(self) -> frozenset[str]:
        return frozenset(map(fold, self.topics))


def relevance(meaning: Meaning, story: StoryWords, names: Iterable[str]) -> float:
    """The relevance of the story, from 0 to 1. Independent pieces of evidence add up.

    Args:
        names: the meaning's names and hints that occur in the story.
    """
    doubt = 1.0
    for worth in _pieces(meaning, story, names):
        if worth >= NAMED:
            return NAMED
        doubt *= 1 - worth
    return 1 - doubt


def _pieces(meaning: Meaning, story: StoryWords, names: Iterable[str]) -> Iterator[float]:
    hints = 0
    named = False
    for name in names:
        if name in meaning.names:
            named = True
            yield _worth(meaning, story, name)
        else:
            hints += story.heading.hold(name)
    yield from [HINT] * min(hints, MAX_HINTS)
    if not named:  # a name with another meaning here does not count by its other forms either
        yield _by_stems(meaning, story)
    if story.site:
        yield meaning.sites.get(story.site, 0.0)


def _by_stems(meaning: Meaning, story: StoryWords) -> float:
    held = (
        worth
        for form, worth in meaning.forms.items()
        if story.stemmed.hold(form) and sense_of(form) is None
    )
    if worth := max(held, default=0.0):
        return worth
    together = meaning.scattered and meaning.scattered <= story.stemmed.distinct()
    return SCATTERED if together else 0.0


def _worth(meaning: Meaning, story: StoryWords, name: str) -> float:
    """The weight of one name in the story."""
    worth = meaning.names[name]
    sense = sense_of(name)
    if name in story.folded_topics:
        return worth
    if story.heading.hold(name):
        if sense is None:
            return worth
        if not sense.occurs(story.title, story.heading):
            return 0.0
        worth *= sense.worth(story.title, story.around, meaning.context)
        return worth * UNCONFIRMED if story.topics and worth < NAMED else worth
    if not story.told.hold(name):
        return 0.0
    if sense is None:
        return MENTIONED * worth
    if not sense.occurs(story.summary, story.told):
        return 0.0
    return MENTIONED * worth * sense.worth(story.summary, story.around, meaning.context)
