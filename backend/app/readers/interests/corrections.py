"""Corrections: a 👎 on a story chosen for a single word shows that another sense was meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from app.readers.interests.evidence import StoryWords
from app.readers.interests.senses import sense_of
from app.readers.interests.vocabulary import meaning_of, topic_of
from app.text.phrases import COMMON_WORDS

MIN_WORD = 3
# The significant words that two titles must share to use a word in the same sense, unless one is
# next to it.
MIN_SHARED = 2
_BETWEEN = " ≠ "
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Correction:
    """An interest, and the title of a disliked story that uses one of its words in another
    sense.
    """

    interest: str
    title: str

    @classmethod
    def kept(cls, phrase: str) -> Correction:
        """Parse the stored form `phrase`."""
        interest, _, title = phrase.partition(_BETWEEN)
        return cls(interest, title)

    @property
    def phrase(self) -> str:
        """The stored form: both in one line."""
        return f"{self.interest}{_BETWEEN}{self.title}"

    @property
    def says_anything(self) -> bool:
        """Whether the title shows the sense in which the interest is not meant."""
        beside, telling = _signs(self.interest, self.title)
        return bool(beside) or len(telling) >= MIN_SHARED

    def fits(self, story: StoryWords) -> bool:
        """Whether a story uses a word of the interest in the same sense as the title."""
        if not _doubtful(self.interest, story):
            return False
        beside, telling = _signs(self.interest, self.title)
        words = story.heading.distinct()
        return bool(beside & words) or len(telling & words) >= MIN_SHARED


@lru_cache(maxsize=5_000)
def _signs(interest: str, title: str) -> tuple[frozenset[str], frozenset[str]]:
    """The significant words next to the interest's word in the title, and the other ones."""
    story = StoryWords(title)
    names = _doubtful(interest, story)
    words = story.heading.sequence.split()
    context = meaning_of(interest).context
    parts = {part for name in names for part in name.split()}
    beside = {
        words[at]
        for place, word in enumerate(words)
        if word in parts
        for at in (place - 1, place + 1)
        if 0 <= at < len(words)
    }
    telling = {
        word
        for word in words
        if len(word) >= MIN_WORD and word not in COMMON_WORDS | context | parts
    }
    return (frozenset(beside & telling), frozenset(telling)) if names else (_NOTHING, _NOTHING)


def _doubtful(interest: str, story: StoryWords) -> list[str]:
    """The interest's names in a title, if every one of them is ambiguous."""
    meaning = meaning_of(interest)
    names = [name for name in meaning.names_in(story.heading) if name in meaning.names]
    known = topic_of(interest) is not None
    return [] if known and any(sense_of(name) is None for name in names) else names
