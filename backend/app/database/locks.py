"""Advisory locks: how equal instances agree on who does what must be done by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

import asyncpg

from app.database.connection import connect

log = logging.getLogger(__name__)


class Lock(IntEnum):
    """The keys of `pg_advisory_lock`; any numbers that nobody else uses in this database."""

    TELEGRAM = 0x484E_0001
    MIGRATION = 0x484E_0002
    BUDGET = 0x484E_0004
    WATCH = 0x484E_0005


CHECK_SECONDS = 2.0
RETRY_SECONDS = 1.0
# A holder that is stopped or cut off does not close its connection. It is closed for it, well after
# a holder that lives has checked and has seen that it cannot.
SILENT_SECONDS = 8


class LeadershipLostError(Exception):
    """The connection that held the lock is gone, so another instance may hold it now."""


class Leadership:
    """Proof of holding a lock, as long as its connection lives."""

    def __init__(self, connection: asyncpg.Connection, *, waited: bool) -> None:
        self._connection = connection
        self.waited = waited  # whether another instance held the lock before

    async def lost(self) -> None:
        """Return never; raise `LeadershipLostError` once the lock can no longer be trusted."""
        while True:
            try:
                await self._connection.execute("SELECT 1", timeout=CHECK_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                raise LeadershipLostError(str(error)) from error
            await asyncio.sleep(CHECK_SECONDS)


@asynccontextmanager
async def leadership(dsn: str, lock: Lock) -> AsyncIterator[Leadership]:
    """Wait until this process holds `lock`, and hold it inside the block.

    The lock belongs to a connection of its own: a killed process loses it at once, one that is
    stopped or cut off after `SILENT_SECONDS`, and a standby has it `RETRY_SECONDS` later.
    """
    connection = await connect(dsn, idle_session_timeout=f"{SILENT_SECONDS}s")
    try:
        waiting = False
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock.value):
            if not waiting:
                log.info("Another instance holds %s; standing by", lock.name)
                waiting = True
            await asyncio.sleep(RETRY_SECONDS)
        yield Leadership(connection, waited=waiting)
    finally:
        # Closing releases the lock; terminate() does so even when the server does not answer.
        connection.terminate()
