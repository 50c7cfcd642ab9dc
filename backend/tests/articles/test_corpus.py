"""Extraction measured on real pages, where a collection of them is at hand.

The pages belong to their authors and are not in the repository. HNPAL_CORPUS names a folder with
`<page>/source.html` and `<page>/expected.html`, as in the tests of mozilla/readability.
"""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from pathlib import Path
from statistics import mean, median

import pytest

from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.reasons import PageUnreadableError

_REPOSITORY = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("HNPAL_CORPUS") or _REPOSITORY.parent / "shared/data/extraction-pages")


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def f_score(found: str, expected: str) -> float:
    """The harmonic mean of precision and recall over words."""
    common = (words(found) & words(expected)).total()
    return 2 * common / max(1, words(found).total() + words(expected).total())


def score(page: Path) -> float:
    markup = (page / "expected.html").read_text(encoding="utf-8")
    expected = html.unescape(re.sub(r"<[^>]+>", " ", markup))
    source = (page / "source.html").read_bytes()
    try:
        text = extract(Page("https://a.example/", "text/html; charset=utf-8", source)).text
    except PageUnreadableError:
        text = ""
    return f_score(text, expected)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no pages at {CORPUS}; set HNPAL_CORPUS")
def test_real_pages_are_read_well() -> None:
    scores = [score(page) for page in sorted(CORPUS.iterdir()) if (page / "source.html").exists()]
    assert len(scores) > 20
    assert median(scores) > 0.95
    assert mean(scores) > 0.88
