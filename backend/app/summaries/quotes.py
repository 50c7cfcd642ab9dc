"""What a commenter says, word for word, where nobody summarises the discussion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.hackernews.markup import plain_text
from app.summaries.faithful import Faithful
from app.summaries.sentences import at_most, split

LEAST_WORDS = 8
_LIST_MARK = re.compile(r"^\s*(?:[-*•–—]|\(?\d{1,2}[.):])\s+")
_INTRODUCTIONS = (":", ":-", "->")
# A sentence that begins so is about the one before it.
_BACKWARD = re.compile(r"(?:it|its|they|their|this|that|these|those|he|she|so|and|but)\b", re.I)


def quote(markup: str, characters: int) -> str:
    """The first sentences of a comment that say something by themselves.

    Nothing is left out between the first and the last of them.

    Args:
        markup: the comment in Hacker News' own HTML.
        characters: at most so many.

    Returns:
        Plain text; empty when there is nothing to quote.
    """
    # What a comment quotes itself is not its author's.
    lines = [line for line in plain_text(markup).split("\n") if not line.lstrip().startswith(">")]
    faithful = Faithful("\n".join(lines))
    first = True
    for line in lines:
        sentences = split(_LIST_MARK.sub("", line))
        if telling := list(_telling(sentences, faithful, first=first)):
            return at_most(telling, characters)
        first = first and not sentences
    return ""


def _telling(sentences: list[str], faithful: Faithful, *, first: bool) -> Iterator[str]:
    """From the first that is no mere “Pretty bold.” to the next address or “for two reasons:”."""
    begun = False
    for sentence in sentences:
        if sentence.endswith(_INTRODUCTIONS) or not faithful.allows(sentence):
            if begun:
                return
        elif begun or (
            len(sentence.split()) >= LEAST_WORDS and (first or not _BACKWARD.match(sentence))
        ):
            begun = True
            yield sentence
        first = False
