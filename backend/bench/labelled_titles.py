"""Real titles of 2026, with the interests assigned in two independent passes.

`tests/readers/labelled_titles/README.md` has the sources, the rules for relevance and the rule for
the two halves.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "tests/readers/labelled_titles"
PASSES = ("pass_a", "pass_b")
INTERESTS = (
    *("ai", "databases", "games", "hardware", "privacy", "programming languages", "science"),
    *("security", "space", "startups"),
)
TUNING, FIGURE = "tuning", "figure"


@dataclass(frozen=True, slots=True)
class LabelledTitle:
    """A story and, for each interest, the number of passes that assigned it."""

    id: int
    title: str
    url: str | None
    relevance: Mapping[str, int]

    @property
    def half(self) -> str:
        return FIGURE if sha256(str(self.id).encode()).digest()[0] % 2 else TUNING


def load(half: str) -> list[LabelledTitle]:
    """The titles of one half, in the order of the file."""
    labels = _labels()
    relevance = {
        story: Counter(interest for given in labels.values() for interest in given[story])
        for story in labels[PASSES[0]]
    }
    titles = (
        LabelledTitle(one["id"], one["title"], one["url"], relevance[one["id"]])
        for one in _rows("stories")
    )
    return [title for title in titles if title.half == half]


def agreement() -> dict[str, float]:
    """Cohen's kappa of the two passes for each interest."""
    first, second = _labels().values()
    return {
        interest: _kappa([(interest in first[story], interest in second[story]) for story in first])
        for interest in INTERESTS
    }


def _kappa(given: list[tuple[bool, bool]]) -> float:
    share_a, share_b = (sum(one) / len(given) for one in zip(*given, strict=True))
    observed = sum(a == b for a, b in given) / len(given)
    by_chance = share_a * share_b + (1 - share_a) * (1 - share_b)
    return (observed - by_chance) / (1 - by_chance)


def _labels() -> dict[str, dict[int, frozenset[str]]]:
    return {
        name: {one["id"]: frozenset(one["interests"]) for one in _rows(name)} for name in PASSES
    }


def _rows(name: str) -> Iterator[Any]:
    yield from map(json.loads, (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines())
