"""How likely a page's signs make it a wall: a logistic model, whose weights are in `weights.toml`.

`docs/trials/walls.py` fits them to the written pages of the tests.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# Taking a wall for an article is worse than missing an article.
MARGIN = 1.25
# Signs of an article cancel at most this much evidence of a wall.
MIN_LIKELIHOOD = -2.0


@cache
def _weights() -> Mapping[str, float]:
    with files(__package__).joinpath("weights.toml").open("rb") as file:
        return {name: float(weight) for name, weight in tomllib.load(file).items()}


def load() -> None:
    """Read the weights now, because the process may lose access to files."""
    _weights()


def likelihood_of_a_wall(signs: Mapping[str, float]) -> float:
    """The logarithm of the odds that a page is a wall, moved by `MARGIN`."""
    weights = _weights()
    odds = weights["constant"] + sum(weights[name] * value for name, value in signs.items())
    return max(MIN_LIKELIHOOD, odds + MARGIN)
