"""The styles and languages of summaries that readers use."""

from __future__ import annotations

import time

from app.database.connection import Pool

FRESH_SECONDS = 60.0


class StylesInUse:
    """The styles of reachable readers, each with its languages, queried at most once a minute."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._pairs: frozenset[tuple[str, str]] = frozenset()
        self._stale_at = 0.0

    async def __call__(self) -> frozenset[str]:
        """The styles alone."""
        return frozenset(style for style, _ in await self.with_languages())

    async def with_languages(self) -> frozenset[tuple[str, str]]:
        """The pairs of style and language that readers use."""
        if time.monotonic() >= self._stale_at:
            rows = await self._pool.fetch(
                """
                SELECT DISTINCT style, coalesce(summary_language, language) AS language
                FROM readers WHERE unreachable_at IS NULL
                """
            )
            self._pairs = frozenset((row["style"], row["language"]) for row in rows)
            self._stale_at = time.monotonic() + FRESH_SECONDS
        return self._pairs
