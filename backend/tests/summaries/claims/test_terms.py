"""Stems, which several threads need at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.summaries.claims.terms import stem

WORDS = ("comunicaciones", "nacionalidades", "Verwaltungen", "relationships", "organizaciones")
ROUNDS = 4000


def test_stemming_is_thread_safe() -> None:
    bare = stem.__wrapped__
    languages = ("es", "de", "en")
    expected = [[bare(word, language) for word in WORDS] for language in languages]

    def stems(language: str) -> list[list[str]]:
        return [[bare(word, language) for word in WORDS] for _ in range(ROUNDS // len(WORDS))]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(stems, languages * 4))
    assert all(one == expected[place % 3] for place, many in enumerate(found) for one in many)
