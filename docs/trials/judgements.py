"""How long walls are, and what belief in a model's judgements costs, with simulated models.

    cd backend && PYTHONPATH=.:.. .venv/bin/python ../docs/trials/judgements.py

The days are assumptions: of the texts that the rules take for articles, a quarter is short, and of
these one in twelve is a wall (two walls in a day of a hundred stories).
"""

import contextlib
import json
import random
from collections import deque
from collections.abc import Callable

from app.articles import extract as extraction
from app.articles.assess.case import Case, Expected, PageVerdict
from app.articles.assess.decide import decide
from app.articles.judgements import MAX_UNCERTAIN_WORDS, REMEMBERED, Record
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError
from app.text.words import count_words
from bench.walls import SETS

DAYS, STORIES = 200, 60
SHORT, WALLS = 0.25, 1 / 12
ARTICLE, WALL = "article", "wall"

# What a model says of a text: by its true kind, and whether it is short.
Model = Callable[[str, bool], str]


def erring(of_walls: float, of_articles: float) -> Model:
    """A model that misses this share of walls, and calls this share of articles walls."""

    def say(kind: str, _: bool) -> str:
        wrong = random.random() < (of_walls if kind == WALL else of_articles)
        return kind if not wrong else ARTICLE if kind == WALL else WALL

    return say


MODELS: dict[str, Model] = {
    "always right": erring(0, 0),
    "misses a third of the walls": erring(1 / 3, 0),
    "calls 2 % of articles walls": erring(0.1, 0.02),
    "calls 5 % of articles walls": erring(0.1, 0.05),
    "calls 10 % of articles walls": erring(0.1, 0.1),
    "calls 20 % of articles walls": erring(0.1, 0.2),
    "guesses": erring(0.5, 0.5),
    "calls everything a paywall": lambda _, __: WALL,
    "calls every short text a wall": lambda _, short: WALL if short else ARTICLE,
    "leaves the field out, or writes anything": lambda _, __: "other",
}


def main() -> None:
    random.seed(7)
    print(lengths())
    print(f"{'a model that':42}{'walls told as articles':>24}{'short articles refused':>24}")
    for name, model in MODELS.items():
        told, refused = tried(model)
        print(f"{name:42}{told:>24.1%}{refused:>24.1%}")


def tried(model: Model) -> tuple[float, float]:
    """The shares of walls that are told as articles, and of short articles that are refused."""
    last: deque[tuple[bool, bool]] = deque(maxlen=REMEMBERED)  # certain, denied
    number = {ARTICLE: 0, WALL: 0}
    rejected = {ARTICLE: 0, WALL: 0}
    for _ in range(DAYS * STORIES):
        short = random.random() < SHORT
        kind = WALL if short and random.random() < WALLS else ARTICLE
        denied = model(kind, short) == WALL
        last.append((not short, denied))
        certain = [one for is_certain, one in last if is_certain]
        uncertain = [one for is_certain, one in last if not is_certain]
        record = Record(len(certain), sum(certain), len(uncertain), sum(uncertain))
        if short:
            number[kind] += 1
            rejected[kind] += denied and record.is_plausible
    return 1 - rejected[WALL] / number[WALL], rejected[ARTICLE] / number[ARTICLE]


def lengths() -> str:
    """The share of written walls that are shorter than the bound."""
    words: list[int] = []

    def counted(case: Case) -> PageVerdict:
        words.append(count_words(case.text))
        return decide(case)

    extraction.decide = counted
    for folder in SETS.values():
        for entry in json.loads((folder / "manifest.json").read_text("utf-8")):
            if entry["outcome"] in ("article", "partial"):
                continue
            headers = {name.lower(): value for name, value in entry["headers"].items()}
            kind = headers.get("content-type", "text/html; charset=utf-8")
            body = (folder / entry["file"]).read_bytes()
            page = Page(entry["url"], kind, body, entry["status"], headers)
            with contextlib.suppress(PageUnreadableError):
                extraction.extract(page, Expected(entry["title"], entry["url"]))
    short = sum(number < MAX_UNCERTAIN_WORDS for number in words)
    return f"{short} of {len(words)} walls have fewer than {MAX_UNCERTAIN_WORDS} words"


if __name__ == "__main__":
    main()
