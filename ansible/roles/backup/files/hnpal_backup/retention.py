"""Which dumps are kept: the newest of each recent day, week and month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hnpal_backup.dumps import Manifest

NIGHTLY = "nightly"


@dataclass(frozen=True)
class Retention:
    """The days, weeks and months with a nightly dump to keep, and the number of other dumps."""

    daily: int
    weekly: int
    monthly: int
    on_demand: int


def superfluous(manifests: list[Manifest], keep: Retention) -> list[Manifest]:
    """The dumps to delete. `manifests` are sorted newest first."""
    nightly = [one for one in manifests if one.reason == NIGHTLY]
    on_demand = [one for one in manifests if one.reason != NIGHTLY]
    kept = {
        *newest_of_each(nightly, lambda one: one.time.strftime("%Y-%m-%d"), keep.daily),
        *newest_of_each(nightly, lambda one: one.time.strftime("%G-%V"), keep.weekly),
        *newest_of_each(nightly, lambda one: one.time.strftime("%Y-%m"), keep.monthly),
        *(one.name for one in on_demand[: keep.on_demand]),
    }
    return [one for one in manifests if one.name not in kept]


def newest_of_each(
    manifests: list[Manifest], period: Callable[[Manifest], str], periods: int
) -> list[str]:
    """The names of the newest dump of each of the latest periods with one."""
    newest: dict[str, str] = {}
    for manifest in manifests:
        newest.setdefault(period(manifest), manifest.name)
    return list(newest.values())[:periods]
