"""Puts the chosen sentences of a text together, with a mark wherever others are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.text.sentences import GAP_MARK, end_pattern, is_balanced, joined
from app.text.words import count_words

# Between two sentences that do not follow each other in the text.
GAP = f" {GAP_MARK} "
# A sentence of at most so many words is kept between two chosen ones, because it leads from one to
# the other: "It failed.", "So what is a lock?"
MAX_LINKING = 12
# A line with another ending is a heading or a list item.
_END = end_pattern()


@dataclass(frozen=True, slots=True)
class TextSentence:
    """A sentence, its position among all sentences of its text, and the number of its line."""

    place: int
    text: str
    line: int


def is_ended(sentence: str) -> bool:
    return _END.search(sentence) is not None


def connected(
    chosen: Sequence[TextSentence],
    read: Sequence[TextSentence],
    allows: Callable[[str], bool],
    most: int,
) -> str:
    """The text of the `chosen` sentences, in order, of at most `most` characters if they fit.

    Args:
        read: all sentences of the text, up to the last chosen one at least.
    """
    length = sum(len(one.text) + len(GAP) for one in chosen)
    parts = [one.text for one in chosen[:1]]
    for first, second in pairwise(chosen):
        between = list(_left_out(read[first.place + 1 : second.place]))
        link = between[0].text if len(between) == 1 else ""
        is_near = link and first.line == between[0].line == second.line
        if is_near and _may_link(link) and allows(link) and length + len(link) < most:
            length += len(link) + 1
            parts.append(link)
        elif between:
            parts.append(GAP_MARK)
        parts.append(second.text)
    return joined(parts)


def _left_out(between: Sequence[TextSentence]) -> Iterator[TextSentence]:
    return (one for one in between if is_ended(one.text))


def _may_link(sentence: str) -> bool:
    return count_words(sentence) <= MAX_LINKING and is_balanced(sentence)
