"""Classification of pages: articles, parts of articles, and walls in front of them.

The pages were written with their expected outcomes: tests/articles/pages by the author of the
detector, tests/articles/unseen_pages by somebody who had not seen it, and
tests/articles/later_pages by another person, in languages of which it has no phrases, and
tests/articles/hard_pages by a third, to be hard; nothing was changed after these. Those in
tests/articles/blind_pages came from somebody who knew what the detector is for but not its phrases
or weights; those in tests/articles/fresh_pages and tests/articles/independent_pages last, as their
README.md say. The real pages of `bench.pages` are articles; only the number that is rejected is
measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.articles.assess.case import Expected
from app.articles.assess.outcomes import PageOutcome
from app.articles.assess.results import outcome_of
from app.articles.extract import extract
from app.articles.fetch import Page
from app.articles.reasons import PageUnreadableError, Reason
from bench.pages import load_pages
from simulators.figures import Figure

PAGES = Path(__file__).resolve().parents[1] / "tests/articles"
SETS = {
    "own": PAGES / "pages",
    "unseen": PAGES / "unseen_pages",
    "later": PAGES / "later_pages",
    "hard": PAGES / "hard_pages",
    "blind": PAGES / "blind_pages",
    "fresh": PAGES / "fresh_pages",
    "independent": PAGES / "independent_pages",
}
# Real pages with fewer than 30 words are rightly rejected for that.
SHORT = Reason.NO_TEXT


@dataclass(frozen=True, slots=True)
class Judged:
    """A written page, its kind, the detector's result, and the reason."""

    name: str
    right: PageOutcome
    found: PageOutcome
    why: str = ""


async def measure() -> list[Figure]:
    """Precision and recall for walls, and the share of articles that are read."""
    figures = []
    for name, folder in SETS.items():
        figures += _figures(name, list(judge(folder)))
    real = [_reason(Page("https://a.example/page", "text/html", page)) for page in load_pages()]
    judged = [reason for reason in real if reason is not SHORT]
    refused = sum(reason is not None for reason in judged)
    figures.append(
        Figure(f"real pages refused, of {len(judged)}", refused, "", len(judged) // 50, "lower")
    )
    return figures


def _figures(name: str, pages: list[Judged]) -> list[Figure]:
    telling = (PageOutcome.ARTICLE, PageOutcome.PARTIAL)
    walls = [page for page in pages if page.right not in telling]
    articles = [page for page in pages if page.right in telling]
    told = [page for page in walls if page.found in telling]
    refused = [page for page in articles if page.found not in telling]
    as_walls = len(walls) - len(told) + len(refused)
    parts = [page for page in articles if page.right is PageOutcome.PARTIAL]
    exact = sum(page.found is page.right for page in pages)
    count = len(pages)
    return [
        Figure(f"{name}: walls told as articles, of {len(walls)}", len(told), "", 0, "lower"),
        Figure(
            f"{name}: articles refused, of {len(articles)}",
            *(len(refused), "", len(articles) // 50, "lower"),
        ),
        Figure(f"{name}: recall of walls", 1 - len(told) / max(1, len(walls)), "", 1),
        Figure(f"{name}: precision of walls", 1 - len(refused) / max(1, as_walls), "", 0.98),
        Figure(
            f"{name}: parts told as whole articles, of {len(parts)}",
            sum(page.found is PageOutcome.ARTICLE for page in parts),
            "",
        ),
        Figure(f"{name}: the very outcome, of {count}", exact / max(1, count), ""),
    ]


def judge(folder: Path) -> Iterator[Judged]:
    """Every page of a manifest, with the detector's result."""
    for entry in json.loads((folder / "manifest.json").read_text("utf-8")):
        headers = {name.lower(): value for name, value in entry["headers"].items()}
        content_type = headers.get("content-type", "text/html; charset=utf-8")
        body = (folder / entry["file"]).read_bytes()
        page = Page(entry["url"], content_type, body, entry["status"], headers)
        right = PageOutcome(entry["outcome"])
        try:
            article = extract(page, Expected(entry["title"], entry["url"]))
        except PageUnreadableError as error:
            yield Judged(entry["file"], right, outcome_of(error.reason), str(error))
        else:
            yield Judged(
                entry["file"],
                right,
                PageOutcome.PARTIAL if article.partial else PageOutcome.ARTICLE,
            )


def _reason(page: Page) -> Reason | None:
    try:
        extract(page)
    except PageUnreadableError as error:
        return error.reason
    return None
