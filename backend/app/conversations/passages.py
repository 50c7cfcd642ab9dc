"""What a story and its commenters say, in passages, and which of them speak of a question.

Passages are ranked by Okapi BM25: S. Robertson and H. Zaragoza, The Probabilistic Relevance
Framework: BM25 and Beyond, 2009, formula 3.15, with the constants that are usual.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.hackernews.items import Comment
from app.hackernews.markup import plain_text
from app.readers.phrases import COMMON_WORDS, MOST_CHARACTERS, fold
from app.summaries.sentences import cut, split

K1, B = 1.2, 0.75
MOST_OF_A_PASSAGE = 900  # characters
MOST_OF_A_COMMENT = 1200
# Of an endless page, what is read at all.
MOST_OF_A_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences; `comment_id` and `author` are those of the comment that they stand in."""

    id: str
    text: str
    comment_id: int | None = None
    author: str | None = None


def of_text(text: str) -> list[Passage]:
    """The passages of a page, `p1` and so on: whole paragraphs, several short ones together."""
    packed = _packed(text[:MOST_OF_A_TEXT])
    return [Passage(f"p{number}", words) for number, words in enumerate(packed, 1)]


def of_comments(comments: Sequence[Comment]) -> list[Passage]:
    """One passage for each comment, in the order given; its id is the comment's."""
    texts = ((one, cut(plain_text(one.text or ""), MOST_OF_A_COMMENT)) for one in comments)
    return [
        Passage(str(comment.id), text, comment.id, comment.author)
        for comment, text in texts
        if text
    ]


def _packed(text: str) -> Iterator[str]:
    held = ""
    for paragraph in text.split("\n"):
        for sentence in split(paragraph):
            longer = f"{held} {sentence}" if held else sentence
            if held and len(longer) > MOST_OF_A_PASSAGE:
                yield held
                longer = sentence
            held = cut(longer, MOST_OF_A_PASSAGE)
        if len(held) > MOST_OF_A_PASSAGE // 2:
            yield held
            held = ""
    if held:
        yield held


def words_of(text: str) -> list[str]:
    """The words that tell what a text is about, folded."""
    parts = (text[n : n + MOST_CHARACTERS] for n in range(0, len(text), MOST_CHARACTERS))
    folded = (word for part in parts for word in fold(part).split())
    return [word for word in folded if word not in COMMON_WORDS and len(word) > 1]


def scores(texts: Sequence[str], query: str) -> list[float]:
    """How much each text speaks of `query`; 0 where no word of it occurs."""
    documents = [Counter(words_of(text)) for text in texts]
    lengths = [sum(counts.values()) for counts in documents]
    average = sum(lengths) / len(lengths) if any(lengths) else 1.0
    wanted = set(words_of(query))
    containing = {word: sum(word in counts for counts in documents) for word in wanted}
    rarity = {
        word: math.log(1 + (len(documents) - number + 0.5) / (number + 0.5))
        for word, number in containing.items()
    }
    return [
        sum(
            rarity[word]
            * counts[word]
            * (K1 + 1)
            / (counts[word] + K1 * (1 - B + B * length / average))
            for word in wanted
            if counts[word]
        )
        for counts, length in zip(documents, lengths, strict=True)
    ]


def chosen(
    passages: Sequence[Passage], query: str, *, characters: int, first: int
) -> list[Passage]:
    """The passages that speak most of `query`, and the `first` ones at any rate, in their order.

    All of them, where they do not take more than so many characters.
    """
    if sum(len(one.text) for one in passages) <= characters:
        return list(passages)
    worth = scores([one.text for one in passages], query)
    by_worth = sorted(range(len(passages)), key=lambda n: (n >= first, -worth[n], n))
    kept, room = set[int](), characters
    for n in by_worth:
        if len(passages[n].text) <= room:
            kept.add(n)
            room -= len(passages[n].text)
    return [passages[n] for n in sorted(kept)]
