"""One process leads at a time; when it releases the lock, the next one gets it at once."""

from __future__ import annotations

import asyncio

import pytest

from app.database import locks
from app.database.locks import Lock, leadership
from simulators.control import wait_until


async def test_a_released_lock_is_announced(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(locks, "RETRY_SECONDS", 3600.0)
    dsn = database_url.replace("postgresql+asyncpg", "postgresql")

    async def stand_by() -> bool:
        async with leadership(dsn, Lock.TELEGRAM) as held:
            return held.waited

    async with leadership(dsn, Lock.TELEGRAM) as held:
        assert not held.waited
        waiting = [asyncio.create_task(stand_by()) for _ in range(2)]
        await asyncio.to_thread(
            wait_until, lambda: caplog.text.count("standing by") == 2 or None, "standbys"
        )
    assert await asyncio.wait_for(asyncio.gather(*waiting), 10) == [True, True]
