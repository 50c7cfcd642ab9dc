# /// script
# requires-python = ">=3.11"
# dependencies = ["wordllama==0.4.0.post1", "numpy", "safetensors", "tokenizers", "asyncpg", "idna"]
# ///
"""Small static embeddings against the app's own vocabulary, by nDCG@10 on labelled titles.

    uv run docs/trials/embeddings.py

WordLlama's package carries its weights (16 MB) and tokenizer; a text is the mean of its tokens'
vectors. Interests are compared by their names and by a line that describes them. The cosine alone
ranks, or is added to the points that the vocabulary gives.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from statistics import fmean

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "backend")]
from app.digests.round import Round
from bench.interests import NOW, candidate, ndcg, scores
from bench.labelled_titles import FIGURE, INTERESTS, load

PACKAGE = files("wordllama")
VECTORS = load_file(str(PACKAGE / "weights/l2_supercat_256.safetensors"))["embedding.weight"]
TOKENIZER = Tokenizer.from_file(str(PACKAGE / "tokenizers/l2_supercat_tokenizer_config.json"))
DESCRIPTIONS = {
    "ai": "artificial intelligence, language models, LLMs, machine learning",
    "databases": "databases, SQL, PostgreSQL, SQLite",
    "games": "video games, gaming, game engines",
    "hardware": "computer hardware, chips, electronics, devices",
    "privacy": "privacy, surveillance, tracking, data protection",
    "programming languages": "programming languages, compilers, Rust, Python",
    "science": "science, research, physics, biology, medicine",
    "security": "computer security, vulnerabilities, hacking, encryption",
    "space": "space, rockets, astronomy, NASA",
    "startups": "startups, founders, venture capital, funding",
}


def embed(text: str) -> np.ndarray:
    tokens = TOKENIZER.encode(text, add_special_tokens=False).ids
    vector = VECTORS[tokens].astype(float).mean(axis=0)
    return vector / np.linalg.norm(vector)


def main() -> None:
    titles = load(FIGURE)
    stories = Round([candidate(title) for title in titles], NOW)
    vectors = np.stack([embed(title.title) for title in titles])
    known = {interest: scores(stories, interest) for interest in INTERESTS}
    cosines = {
        way: {interest: list(vectors @ embed(words[interest])) for interest in INTERESTS}
        for way, words in (("name", dict(zip(INTERESTS, INTERESTS))), ("line", DESCRIPTIONS))
    }
    report("vocabulary", titles, known)
    for way, near in cosines.items():
        report(f"cosine by {way}", titles, near)
        both = {name: [a + b for a, b in zip(known[name], near[name])] for name in INTERESTS}
        report(f"vocabulary and cosine by {way}", titles, both)


def report(name: str, titles: list, ranked: dict[str, list[float]]) -> None:
    values = [
        ndcg(ranked[interest], [title.relevance.get(interest, 0) for title in titles])
        for interest in INTERESTS
    ]
    print(f"{fmean(values):.3f} {name}: {' '.join(f'{value:.2f}' for value in values)}")


main()
