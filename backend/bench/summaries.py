"""Excerpts against the lead of the text, by their likeness to summaries that experts wrote.

The set is ACLSum (Takeshita et al., NAACL 2024): 250 papers of computational linguistics, for each
of which an expert wrote a sentence on its challenge, its approach and its outcome. The constants of
the method were chosen on the 150 papers for training and validation; measured are the 100 for
testing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from statistics import fmean

from rehearsal.figures import Figure
from rouge_score.rouge_scorer import RougeScorer

from app.summaries.extractive import MOST_CHARACTERS, SENTENCES, summarise
from app.summaries.sentences import at_most, split

_SPACED = re.compile(r" (?=[,.;:!?)\]%'])|(?<=[(\[]) ")


async def measure() -> list[Figure]:
    """ROUGE-L (F, stemmed) of the excerpt and of as many first sentences, equally long at most."""
    papers = list(_papers())
    excerpt = _likeness(papers, lambda text: summarise(text, lambda _: True))
    lead = _likeness(papers, lambda text: at_most(split(text)[:SENTENCES], MOST_CHARACTERS))
    return [
        Figure("ROUGE-L of the excerpt, 100 papers of ACLSum", excerpt, "", lead),
        Figure("ROUGE-L of the lead", lead, ""),
    ]


def _likeness(papers: list[tuple[str, str]], method: Callable[[str], str]) -> float:
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    return fmean(
        scorer.score(reference, method(text))["rougeL"].fmeasure for text, reference in papers
    )


def _papers() -> Iterator[tuple[str, str]]:
    """Text and reference of each test paper."""
    rows = files("aclsum").joinpath("dataset/test.jsonl").read_text("utf-8").splitlines()
    for paper in map(json.loads, rows):
        yield _text(paper["sentences"]), " ".join(paper["summary"].values())


def _text(sections: dict[str, list[str]]) -> str:
    """The paper without the spaces that its tokeniser left before marks."""
    return "\n".join(_SPACED.sub("", " ".join(sentences)) for sentences in sections.values())
