"""Web pages for benchmarks: real ones if available, otherwise generated ones."""

from __future__ import annotations

import os
import random
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
WORDS = ("bridge", "river", "stone", "flood", "committee", "report", "harbour", "engine", "light")


def load_pages() -> list[bytes]:
    """The markup of a few dozen pages.

    HNPAL_CORPUS names a folder of `<page>/source.html` files, such as the test pages of
    mozilla/readability. They are not in the repository because their authors own them.
    """
    corpus = Path(
        os.environ.get("HNPAL_CORPUS") or _REPOSITORY.parent / "shared/data/extraction-pages"
    )
    sources = sorted(corpus.glob("*/source.html"))
    return [source.read_bytes() for source in sources] or [made_up(seed) for seed in range(40)]


def made_up(seed: int) -> bytes:
    """A page of about 10 to 100 kB with an article and navigation."""
    chance = random.Random(seed)
    paragraphs = "".join(f"<p>{_sentences(chance)}</p>" for _ in range(chance.randint(10, 80)))
    links = "".join(f"<li><a href='/{n}'>{chance.choice(WORDS)}</a></li>" for n in range(200))
    return (
        f"<!doctype html><html><head><title>Page {seed}</title></head><body><nav><ul>{links}</ul>"
        f"</nav><article><h1>Page {seed}</h1>{paragraphs}</article><footer>{links}</footer></body>"
    ).encode()


def _sentences(chance: random.Random) -> str:
    return " ".join(
        f"The {' '.join(chance.choices(WORDS, k=chance.randint(6, 20)))}."
        for _ in range(chance.randint(2, 6))
    )
