"""Finds the stories about one event, so that a digest contains the event once.

The similarity of two stories is the cosine of their words' tf-idf vectors: a word counts more the
fewer stories use it, and more in a title than in a summary. Words that too many stories of a day
share are ignored. One common word is never enough, however rare it is.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from app.text.phrases import COMMON_WORDS

# Chosen on titles of 2026's front pages: lower, and unrelated "Show HN"s and releases match.
ALIKE = 0.4
MIN_IN_COMMON = 2
TITLE_WEIGHT = 3.0
# The weight of words of one story only: they reduce similarity, but reports of one event differ.
ALONE_WEIGHT = 0.6
MIN_WORD = 3
# A word in more than this share of the stories is ignored; among few stories a higher share may be
# about one event.
MAX_SHARE, MAX_SHARE_OF_FEW, FEW = 0.1, 0.5, 20
# Among few stories every word looks frequent; rarity is judged as on a whole front page.
FRONT_PAGE = 60

Vector = dict[str, float]


def number_events(titles: Sequence[Collection[str]], texts: Sequence[Collection[str]]) -> list[int]:
    """For each story the index of the first story about the same event, often its own.

    Args:
        titles: the words of each story's title, the most important story first.
        texts: the words of its other texts, such as its summary.
    """
    vectors = word_vectors(titles, texts)
    # word → (index, weight) of the first story of each event
    leaders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    events = []
    for place, vector in enumerate(vectors):
        likeness: defaultdict[int, float] = defaultdict(float)
        in_common: Counter[int] = Counter()
        for word, weight in vector.items():
            for leader, leader_weight in leaders[word]:
                likeness[leader] += weight * leader_weight
                in_common[leader] += 1
        best = max(likeness, key=likeness.__getitem__, default=place)
        if in_common[best] >= MIN_IN_COMMON and likeness[best] >= ALIKE:
            events.append(best)
            continue
        events.append(place)
        for word, weight in vector.items():
            leaders[word].append((place, weight))
    return events


def word_vectors(
    titles: Sequence[Collection[str]], texts: Sequence[Collection[str]]
) -> list[Vector]:
    """Each story as a unit vector, without words that too many stories share or only one has."""
    weights: list[Vector] = []
    for title, text in zip(titles, texts, strict=True):
        weights.append({word: 1.0 for word in text if _tells(word)})
        weights[-1].update({word: TITLE_WEIGHT for word in title if _tells(word)})
    used = Counter(word for of_story in weights for word in of_story)
    rarity = {word: math.log((len(titles) + FRONT_PAGE) / n) for word, n in used.items()}
    max_used = max(MAX_SHARE * len(titles), MAX_SHARE_OF_FEW * min(len(titles), FEW))
    vectors = []
    for of_story in weights:
        squares = sum(
            (weight * rarity[word] * (ALONE_WEIGHT if used[word] == 1 else 1)) ** 2
            for word, weight in of_story.items()
        )
        length = math.sqrt(squares) or 1.0
        vectors.append(
            {
                word: weight * rarity[word] / length
                for word, weight in of_story.items()
                if 1 < used[word] <= max_used
            }
        )
    return vectors


def _tells(word: str) -> bool:
    # "GPT-6" and "GPT-5" differ only in a digit.
    return word not in COMMON_WORDS and (len(word) >= MIN_WORD or any(map(str.isdigit, word)))
