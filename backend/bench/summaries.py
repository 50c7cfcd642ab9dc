"""Excerpts compared with the lead of the text, by their similarity to experts' summaries.

The data set is ACLSum (Takeshita et al., NAACL 2024): 250 papers of computational linguistics; for
each, an expert wrote a sentence on its challenge, its approach and its outcome. The method's
constants were chosen on the 150 papers for training and validation; the figures are of the 100 for
testing.

For web pages, the reference is the page's own description. They are the real pages of
`bench.pages`, if available; generated ones have none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from importlib.resources import files
from statistics import fmean

from rouge_score.rouge_scorer import RougeScorer

from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError
from app.summaries.boilerplate import is_boilerplate
from app.summaries.extractive import MAX_CHARACTERS, SENTENCES, summarise
from app.text.sentences import at_most, split
from bench.pages import load_pages
from simulators.figures import Figure

MIN_WORDS = 8  # of a description
_META = re.compile(r"<meta\s[^>]*>", re.IGNORECASE)
_DESCRIBES = re.compile(r"""(?:name|property)\s*=\s*["'](?:og:)?description["']""", re.IGNORECASE)
_CONTENT = re.compile(r"""content\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SPACED = re.compile(r" (?=[,.;:!?)\]%'])|(?<=[(\[]) ")


async def measure() -> list[Figure]:
    """ROUGE-L (F, stemmed) of the excerpt, and of first sentences of at most the same length."""
    read = list(papers())
    excerpt = _likeness(read, lambda text: summarise(text, lambda _: True))
    lead = _likeness(read, _lead)
    figures = [
        Figure("ROUGE-L of the excerpt, 100 papers of ACLSum", excerpt, "", lead),
        Figure("ROUGE-L of the lead", lead, ""),
    ]
    if pages := list(_pages()):
        of_pages = _likeness(pages, lambda text: summarise(text, lambda _: True))
        lead_of_pages = _likeness(pages, _lead)
        name = f"ROUGE-L of the excerpt, {len(pages)} web pages and their descriptions"
        figures += [
            Figure(name, of_pages, "", lead_of_pages),
            Figure("ROUGE-L of their lead", lead_of_pages, ""),
        ]
    return figures


def _lead(text: str) -> str:
    return at_most(split(text)[:SENTENCES], MAX_CHARACTERS)


def _pages() -> Iterator[tuple[str, str]]:
    """The text and description of each real page that has both."""
    for number, body in enumerate(load_pages()):
        page = Page(f"https://a.example/{number}", "text/html; charset=utf-8", body)
        try:
            text = extract(page).text
        except PageUnreadableError:
            continue
        description = _description(body.decode("utf-8", "replace"))
        # Some descriptions are copies of a note above the text.
        if description and not is_boilerplate(description):
            yield text, description


def _description(markup: str) -> str:
    for meta in _META.findall(markup):
        if _DESCRIBES.search(meta) and (content := _CONTENT.search(meta)):
            words = unescape(unescape(content[1] or content[2] or ""))
            if len(words.split()) >= MIN_WORDS:
                return words
    return ""


def _likeness(papers: list[tuple[str, str]], method: Callable[[str], str]) -> float:
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    return fmean(
        scorer.score(reference, method(text))["rougeL"].fmeasure for text, reference in papers
    )


def papers() -> Iterator[tuple[str, str]]:
    """The text and reference of each test paper."""
    rows = files("aclsum").joinpath("dataset/test.jsonl").read_text("utf-8").splitlines()
    for paper in map(json.loads, rows):
        yield _text(paper["sentences"]), " ".join(paper["summary"].values())


def _text(sections: dict[str, list[str]]) -> str:
    """The paper without the spaces before punctuation that its tokeniser left."""
    return "\n".join(_SPACED.sub("", " ".join(sentences)) for sentences in sections.values())
