"""Honours sites' robots.txt (RFC 9309).

Each page is fetched once for all readers, because people posted it to be read; nevertheless the
rules for programs are followed. A robots.txt that cannot be fetched allows everything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from protego import Protego

NAME = "HNPalBot"
# RFC 9309 requires 500 KiB, which takes seconds to parse; the relevant rules are at the top.
MAX_BYTES = 64 * 1024
KEPT_SECONDS, KEPT_SECONDS_OF_A_FAILURE = 24 * 3600.0, 600.0
SITES = 500
# These hosts serve programs; their rules are for search engines.
_FOR_PROGRAMS = frozenset(("raw.githubusercontent.com", "gist.githubusercontent.com"))


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego | None  # None: everything is allowed
    until: float


class Robots:
    """Caches the rules of recently visited sites."""

    def __init__(self) -> None:
        self._sites: dict[str, _Rules] = {}

    async def allow(
        self, site: str, url: str, fetch: Callable[[str], Awaitable[bytes | None]]
    ) -> bool:
        """Whether `url` may be fetched.

        Args:
            site: scheme, host and port, such as https://example.com
            fetch: fetches the robots.txt; returns None if that fails.
        """
        if site.partition("://")[2] in _FOR_PROGRAMS:
            return True
        known = self._sites.get(site)
        if known is None or known.until < time.monotonic():
            known = await self._ask(site, fetch)
        if known.rules is None:
            return True
        # In a thread, because the patterns are untrusted.
        return bool(await asyncio.to_thread(known.rules.can_fetch, url, NAME))

    async def _ask(self, site: str, fetch: Callable[[str], Awaitable[bytes | None]]) -> _Rules:
        body = await fetch(f"{site}/robots.txt")
        kept = KEPT_SECONDS if body is not None else KEPT_SECONDS_OF_A_FAILURE
        rules = await asyncio.to_thread(_parsed, body) if body else None
        known = _Rules(rules, time.monotonic() + kept)
        if len(self._sites) >= SITES:
            del self._sites[next(iter(self._sites))]
        self._sites[site] = known
        return known


def _parsed(body: bytes) -> Protego | None:
    try:
        return Protego.parse(body[:MAX_BYTES].decode("utf-8", "replace"))
    except Exception:  # the parser may raise anything for untrusted input
        return None
