"""Measures how well the checker separates supported from unsupported sentences of a model.

`python -m bench.claims FOLDER [--show]` measures the pairs in a folder with `sources.jsonl` and
`claims.jsonl` (tests/summaries/claims/pairs/README.md); `measure` those in the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.claims.statement import Finding
from app.text.sentences import split
from bench.summaries import papers
from simulators.figures import Figure, table

PAIRS = Path(__file__).resolve().parents[1] / "tests/summaries/claims/pairs"
TRUE = "true"
BOUNDED = ("numbers", "units", "names", "quotations", "dates", "attribution", "unsupported")
MAX_LET_THROUGH, MAX_DROPPED = 3.0, 5.0  # percent


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A written sentence, its error if it has one, and the checker's verdict."""

    source_id: str
    kind: str
    sentence: str
    verdict: Finding

    @property
    def wrong(self) -> bool:
        return self.verdict.kept != (self.kind == TRUE)


async def measure() -> list[Figure]:
    """The rates of each kind, for every set of pairs."""
    figures, everything = [], []
    for folder in sorted(PAIRS.iterdir()):
        if folder.is_dir():
            judged = list(judge(folder))
            figures += rates(folder.name, judged)
            everything += judged
    return [*figures, *_by_kind(everything), *_experts()]


def _by_kind(judged: list[JudgedClaim]) -> Iterator[Figure]:
    """The share of each kind of error that is let through, in all sets."""
    for kind in BOUNDED:
        of_kind = [one for one in judged if one.kind == kind]
        yield _rate(f"all sets: {kind} let through", of_kind, MAX_LET_THROUGH)


def _experts() -> list[Figure]:
    """The share of experts' summaries that is dropped, and that is kept for another paper."""
    read = list(papers())
    summaries = [split(summary) for _, summary in read]
    own, foreign = [], []
    for n, (text, _) in enumerate(read):
        checked = SentenceFilter([SourcePart(text)], "", "")
        own += [JudgedClaim("", TRUE, one, checked.verdict(one)) for one in summaries[n]]
        others = summaries[(n + 1) % len(read)]
        foreign += [JudgedClaim("", "of another", one, checked.verdict(one)) for one in others]
    return [
        _rate("experts' sentences on papers (ACLSum) dropped", own, MAX_DROPPED),
        _rate("experts' sentences on another paper let through", foreign),
    ]


def judge(folder: Path) -> Iterator[JudgedClaim]:
    """Each sentence of a folder with the checker's verdict."""
    sources = {one["id"]: one for one in _lines(folder / "sources.jsonl")}
    filters = {name: _filter(one) for name, one in sources.items()}
    for claim in _lines(folder / "claims.jsonl"):
        name = claim["source_id"]
        cited = [one - 1 for one in claim["cites"]] if claim.get("cites") else None
        verdict = filters[name].verdict(claim["sentence"], cited)
        yield JudgedClaim(name, claim["kind"], claim["sentence"], verdict)


def rates(name: str, judged: list[JudgedClaim]) -> list[Figure]:
    """The shares that are let through and dropped, in percent."""
    by_kind = defaultdict(list)
    for one in judged:
        by_kind[one.kind].append(one)
    bounded = [one for one in judged if one.kind in BOUNDED]
    figures = [
        _rate(f"{name}: false let through", bounded, MAX_LET_THROUGH),
        _rate(f"{name}: true dropped", by_kind[TRUE], MAX_DROPPED),
    ]
    kinds = sorted(by_kind.keys() - {TRUE})
    return figures + [_rate(f"{name}: {kind} let through", by_kind[kind]) for kind in kinds]


def _rate(name: str, judged: list[JudgedClaim], bound: float | None = None) -> Figure:
    wrong = sum(one.wrong for one in judged)
    rate = round(100 * wrong / max(1, len(judged)), 1)
    return Figure(f"{name}, of {len(judged)}", rate, "%", bound, "lower")


def _filter(source: dict[str, Any]) -> SentenceFilter:
    comments = source.get("comments")
    parts = [SourcePart(one["text"], one["author"]) for one in comments] if comments else []
    parts = parts or [SourcePart(source["text"])]
    return SentenceFilter(parts, source["title"], "", source["sentence_language"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def main() -> int:
    """Measure the folder on the command line. Returns 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.claims", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="the sentences judged wrongly")
    arguments = parser.parse_args()
    judged = list(judge(arguments.folder))
    figures = rates(arguments.folder.name, judged)
    lines = [table(figures)]
    if arguments.show:
        wrong = ((one, one.verdict) for one in judged if one.wrong)
        lines += [
            f"{one.source_id} {one.kind}: {verdict.reason} {verdict.detail} | {one.sentence}"
            for one, verdict in wrong
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(figure.kept is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
