"""Which styles of summary anybody reads."""

from __future__ import annotations

import time

from app.database.connection import Pool

FRESH_SECONDS = 60.0


class StylesInUse:
    """The styles of the readers who can be reached, looked up at most once a minute."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._styles: frozenset[str] = frozenset()
        self._stale_at = 0.0

    async def __call__(self) -> frozenset[str]:
        if time.monotonic() >= self._stale_at:
            rows = await self._pool.fetch(
                "SELECT DISTINCT style FROM readers WHERE unreachable_at IS NULL"
            )
            self._styles = frozenset(row["style"] for row in rows)
            self._stale_at = time.monotonic() + FRESH_SECONDS
        return self._styles
