"""The queue of updates, which are confirmed by offset, and the one waiting `getUpdates` call.

https://core.telegram.org/bots/api#getupdates: an update is confirmed by a later call with an offset
above its id; until then every call returns it again. A new call ends the one that waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from time import monotonic
from typing import Any

Update = dict[str, Any]
KEPT_SECONDS = 24 * 3600.0
# Kinds that a bot receives only if `allowed_updates` names them.
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class ConflictError(Exception):
    """Another `getUpdates` call arrived."""


class UpdateQueue:
    """The updates that the bot has not confirmed."""

    def __init__(self, first_id: int = 1) -> None:
        self._pending: deque[tuple[float, Update]] = deque()
        self._next_id = first_id
        self._waiting: asyncio.Future[None] | None = None
        self._allowed: frozenset[str] = frozenset()  # empty: all except `UNASKED`
        self.confirmed = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def next_id(self) -> int:
        return self._next_id

    def allow(self, kinds: frozenset[str]) -> None:
        """Only queue updates of these kinds from now on; if empty, all except `UNASKED`."""
        self._allowed = kinds

    def push(self, content: dict[str, Any]) -> int | None:
        """Add an update; returns its id, or None if the bot does not receive this kind."""
        if not any(self._wants(kind) for kind in content):
            return None
        update_id = self._next_id
        self._next_id += 1
        self._pending.append((monotonic(), {"update_id": update_id, **content}))
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
        return update_id

    async def get(self, offset: int, limit: int, seconds: float) -> list[Update]:
        """The result of one `getUpdates` call, after at most `seconds`.

        Raises:
            ConflictError: another call arrived while this one waited.
        """
        self._evict()
        self._confirm(offset)
        if not self._pending and seconds > 0:
            await self._wait(seconds)
        return [update for _, update in islice(self._pending, limit)]

    def clear(self) -> None:
        """Discard the pending updates."""
        self._pending.clear()

    def _wants(self, kind: str) -> bool:
        return kind in self._allowed if self._allowed else kind not in UNASKED

    def _evict(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConflictError())

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            surplus = len(self._pending) + offset
            for _ in range(max(0, surplus)):
                self._pending.popleft()
                self.confirmed += 1
        expired = monotonic() - KEPT_SECONDS
        while self._pending:
            at, update = self._pending[0]
            if at > expired and not 0 < update["update_id"] < offset:
                return
            self._pending.popleft()
            self.confirmed += 1

    async def _wait(self, seconds: float) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            pass
        finally:
            if self._waiting is waiting:
                self._waiting = None
