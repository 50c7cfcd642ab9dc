"""Summaries out of a text's own sentences, for when there is no language model to ask.

A sentence is worth the mean weight of its significant words, where a word weighs the logarithm of
how often it occurs, more when it is in the title, and more the earlier the sentence stands: news
put what matters first.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable

from app.summaries.sentences import split

SENTENCES = 3
MOST_CHARACTERS = 420

_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "are",
        "but",
        "not",
        "you",
        "all",
        "any",
        "can",
        "had",
        "her",
        "was",
        "one",
        "our",
        "out",
        "has",
        "have",
        "been",
        "this",
        "that",
        "with",
        "they",
        "from",
        "what",
        "which",
        "their",
        "will",
        "would",
        "there",
        "when",
        "more",
        "some",
        "them",
        "than",
        "then",
        "were",
        "said",
        "each",
        "about",
        "other",
        "into",
        "could",
        "these",
        "also",
        "its",
        "who",
        "how",
        "his",
        "she",
        "him",
        "most",
        "only",
        "over",
        "such",
        "very",
        "just",
        "like",
        "where",
        "after",
        "back",
        "use",
        "used",
        "using",
        "make",
        "made",
    ]
)


def summarise(
    text: str, title: str, allows: Callable[[str], bool], *, sentences: int = SENTENCES
) -> str:
    """The sentences of `text` that say most of it, in their order, of those that are allowed.

    Empty when there is no proper sentence.
    """
    proper = (one for one in split(text) if 6 <= len(one.split()) <= 60)
    candidates = [one for one in proper if len(one) <= MOST_CHARACTERS and allows(one)][:120]
    counts = Counter(word for one in candidates for word in _significant(one))
    title_words = set(_significant(title))
    scored = sorted(
        range(len(candidates)),
        key=lambda n: -_worth(candidates[n], n, counts, title_words),
    )
    chosen: list[int] = []
    length = 0
    for n in scored:
        if len(chosen) < sentences and length + len(candidates[n]) <= MOST_CHARACTERS:
            chosen.append(n)
            length += len(candidates[n]) + 1
    return " ".join(candidates[n] for n in sorted(chosen))


def _worth(sentence: str, place: int, counts: Counter[str], title_words: set[str]) -> float:
    words = _significant(sentence)
    if not words:
        return 0.0
    weights = [math.log1p(counts[word]) * (2.0 if word in title_words else 1.0) for word in words]
    return sum(weights) / len(weights) / (1 + place / 8)


def _significant(words: str) -> list[str]:
    return [word for word in _WORD.findall(words.lower()) if word not in _COMMON]
