"""What a site asks of programs in its robots.txt (RFC 9309).

A page is read once for everybody, because people posted it for people to read; still, whoever asks
programs to stay away is left alone. A robots.txt that cannot be had asks for nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from protego import Protego

NAME = "HNPalBot"
# RFC 9309 names 500 KiB, of which parsing takes seconds; what matters stands further up.
LARGEST_BYTES = 64 * 1024
KEPT_SECONDS, KEPT_SECONDS_OF_A_FAILURE = 24 * 3600.0, 600.0
SITES = 500
# These are interfaces for programs, whatever they tell search engines.
_FOR_PROGRAMS = frozenset(("raw.githubusercontent.com", "gist.githubusercontent.com"))


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego | None  # None: everything is allowed
    until: float


class Robots:
    """Remembers the wishes of the sites asked last."""

    def __init__(self) -> None:
        self._sites: dict[str, _Rules] = {}

    async def allow(
        self, site: str, url: str, fetch: Callable[[str], Awaitable[bytes | None]]
    ) -> bool:
        """Whether `url` may be read.

        Args:
            site: scheme, host and port, such as https://example.com
            fetch: gets the robots.txt; None: there is none to be had.
        """
        if site.partition("://")[2] in _FOR_PROGRAMS:
            return True
        known = self._sites.get(site)
        if known is None or known.until < time.monotonic():
            known = await self._ask(site, fetch)
        if known.rules is None:
            return True
        # In a thread, because strangers write the patterns.
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
        return Protego.parse(body[:LARGEST_BYTES].decode("utf-8", "replace"))
    except Exception:  # a parser of what strangers write
        return None
