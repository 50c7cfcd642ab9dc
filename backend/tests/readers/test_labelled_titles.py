"""The labels are complete, the halves are fixed, and the measures are the usual ones."""

from __future__ import annotations

import pytest

from bench.interests import ndcg
from bench.labelled_titles import FIGURE, INTERESTS, TUNING, load


def test_each_title_is_in_one_half_and_each_interest_in_both() -> None:
    halves = {half: load(half) for half in (TUNING, FIGURE)}
    ids = [title.id for titles in halves.values() for title in titles]
    assert len(ids) == len(set(ids)) == 400
    for titles in halves.values():
        assert {name for title in titles for name in title.relevance} == set(INTERESTS)
        assert all(given in (1, 2) for title in titles for given in title.relevance.values())


@pytest.mark.parametrize(
    ("scores", "gains", "value"),
    [
        ([3.0, 2.0, 1.0], [2, 1, 0], 1.0),
        ([1.0, 2.0, 3.0], [2, 0, 0], 0.5),
        ([0.0, 0.0], [1, 0], (1 + 0.63093) / 2),
        ([0.0] * 20 + [1.0], [2] * 20 + [0], 0.7799),
    ],
)
def test_the_measure(scores: list[float], gains: list[int], value: float) -> None:
    assert ndcg(scores, gains) == pytest.approx(value, abs=1e-4)
