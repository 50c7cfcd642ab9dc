"""Splits a page and its comments into passages, and ranks them by a question.

Passages are ranked by Okapi BM25: S. Robertson and H. Zaragoza, The Probabilistic Relevance
Framework: BM25 and Beyond, 2009, formula 3.15, with the usual constants.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.hackernews.items import Comment
from app.text.html import plain_text
from app.text.phrases import COMMON_WORDS, MAX_CHARACTERS, fold
from app.text.sentences import cut, split

K1, B = 1.2, 0.75
MAX_OF_A_PASSAGE = 900  # characters
MAX_OF_A_COMMENT = 1200
# The part of a long page that is read.
MAX_OF_A_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences, with a line break between paragraphs.

    `comment_id` and `author` are set for a passage of a comment.
    """

    id: str
    text: str
    comment_id: int | None = None
    author: str | None = None


def of_text(text: str) -> list[Passage]:
    """The passages of a page, with ids from `p1`: whole paragraphs, short ones combined."""
    packed = _packed(text[:MAX_OF_A_TEXT])
    return [Passage(f"p{number}", words) for number, words in enumerate(packed, 1)]


def of_comments(comments: Sequence[Comment]) -> list[Passage]:
    """One passage for each comment, in the given order, with the comment's id."""
    texts = ((one, cut(plain_text(one.text or ""), MAX_OF_A_COMMENT)) for one in comments)
    return [
        Passage(str(comment.id), text, comment.id, comment.author)
        for comment, text in texts
        if text
    ]


def _packed(text: str) -> Iterator[str]:
    held = ""
    for paragraph in text.split("\n"):
        for place, sentence in enumerate(split(paragraph)):
            between = " " if place else "\n"
            longer = f"{held}{between}{sentence}" if held else sentence
            if held and len(longer) > MAX_OF_A_PASSAGE:
                yield held
                longer = sentence
            held = cut(longer, MAX_OF_A_PASSAGE)
        if len(held) > MAX_OF_A_PASSAGE // 2:
            yield held
            held = ""
    if held:
        yield held


def distinctive_words(text: str) -> list[str]:
    """The words that characterise a text, folded."""
    parts = (text[n : n + MAX_CHARACTERS] for n in range(0, len(text), MAX_CHARACTERS))
    folded = (word for part in parts for word in fold(part).split())
    return [word for word in folded if word not in COMMON_WORDS and len(word) > 1]


def scores(texts: Sequence[str], query: str) -> list[float]:
    """The relevance of each text to `query`; 0 if the text contains no word of it."""
    documents = [Counter(distinctive_words(text)) for text in texts]
    lengths = [sum(counts.values()) for counts in documents]
    average = sum(lengths) / len(lengths) if any(lengths) else 1.0
    wanted = set(distinctive_words(query))
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
    """The passages most relevant to `query`, and the `first` ones in any case, in their order.

    All passages if they do not exceed the limit together.
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
