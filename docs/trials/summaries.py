# /// script
# requires-python = ">=3.11"
# dependencies = ["aclsum==0.1.2", "rouge-score==0.1.2", "sumy==0.12.0"]
# ///
"""Kept libraries against the app's own excerpts, by ROUGE-L on the 100 test papers of ACLSum.

    uv run docs/trials/summaries.py

Every method chooses three sentences, of which as many whole ones are kept as 600 characters hold.
"""

from __future__ import annotations

import json
import re
import sys
import time
from importlib.resources import files
from pathlib import Path
from statistics import fmean

from rouge_score.rouge_scorer import RougeScorer
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer
from sumy.utils import get_stop_words

sys.path.insert(0, str(Path(__file__).parents[2] / "backend"))
from app.summaries.extractive import MAX_CHARACTERS, SENTENCES, summarise
from app.text.sentences import at_most, split

SPACED = re.compile(r" (?=[,.;:!?)\]%'])|(?<=[(\[]) ")


class Tokenizer:
    """The app's sentences for sumy."""

    language = "english"

    def to_words(self, text: str) -> list[str]:
        return re.findall(r"[^\W\d_]{2,}", text.lower())


def of_sumy(algorithm: type) -> object:
    def method(text: str) -> str:
        summarizer = algorithm(Stemmer("english"))
        summarizer.stop_words = get_stop_words("english")
        sentences = [Sentence(one, Tokenizer()) for one in split(text)]
        chosen = summarizer(ObjectDocumentModel([Paragraph(sentences)]), SENTENCES)
        return at_most([str(one) for one in chosen], MAX_CHARACTERS)

    return method


METHODS = {
    "lead": lambda text: at_most(split(text)[:SENTENCES], MAX_CHARACTERS),
    "the app's": lambda text: summarise(text, lambda _: True),
    "LexRank": of_sumy(LexRankSummarizer),
    "TextRank": of_sumy(TextRankSummarizer),
    "Luhn": of_sumy(LuhnSummarizer),
    "LSA": of_sumy(LsaSummarizer),
}

papers = [
    (
        "\n".join(SPACED.sub("", " ".join(part)) for part in paper["sentences"].values()),
        " ".join(paper["summary"].values()),
    )
    for paper in map(
        json.loads, files("aclsum").joinpath("dataset/test.jsonl").read_text().splitlines()
    )
]
scorer = RougeScorer(["rougeL"], use_stemmer=True)
for name, method in METHODS.items():
    start = time.perf_counter()
    excerpts = [method(text) for text, _ in papers]
    took = 1000 * (time.perf_counter() - start) / len(papers)
    likeness = fmean(
        scorer.score(reference, excerpt)["rougeL"].fmeasure
        for (_, reference), excerpt in zip(papers, excerpts, strict=True)
    )
    print(f"{name:<10} ROUGE-L {likeness:.3f}  {took:5.1f} ms a text")
