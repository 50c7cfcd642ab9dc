"""Advisory locks: how equal instances agree on who does what must be done by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import IntEnum

import asyncpg

from app.database.connection import OUTAGES, connect

log = logging.getLogger(__name__)


class Lock(IntEnum):
    """The keys of `pg_advisory_lock`; any numbers that nobody else uses in this database."""

    TELEGRAM = 0x484E_0001
    MIGRATION = 0x484E_0002
    BUDGET = 0x484E_0004
    WATCH = 0x484E_0005


CHECK_SECONDS = 2.0
RETRY_SECONDS = 1.0
FAREWELL_SECONDS = 0.5
# A holder that is stopped or cut off does not close its connection. It is closed for it, well after
# a holder that lives has checked and has seen that it cannot.
SILENT_SECONDS = 8

# The connection cannot be used, whatever the reason.
_UNUSABLE: tuple[type[Exception], ...] = (*OUTAGES, asyncpg.PostgresError)


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
            except _UNUSABLE as error:
                raise LeadershipLostError(str(error)) from error
            await asyncio.sleep(CHECK_SECONDS)


@asynccontextmanager
async def leadership(dsn: str, lock: Lock) -> AsyncIterator[Leadership]:
    """Wait until this process holds `lock`, and hold it inside the block.

    The lock belongs to a connection of its own. A holder that leaves says so, and a standby has the
    lock within milliseconds; a killed process loses it at once, one that is stopped or cut off
    after `SILENT_SECONDS`, and a standby has it `RETRY_SECONDS` later.
    """
    connection = await connect(dsn, idle_session_timeout=f"{SILENT_SECONDS}s")
    try:
        waited = await _take(connection, lock)
        try:
            yield Leadership(connection, waited=waited)
        finally:
            await _leave(connection, lock)
    finally:
        # Closing releases the lock; terminate() does so even when the server does not answer.
        connection.terminate()


async def _take(connection: asyncpg.Connection, lock: Lock) -> bool:
    """Returns whether another instance held the lock before."""
    left = asyncio.Event()
    waited = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock.value):
        if not waited:
            log.info("Another instance holds %s; standing by", lock.name)
            # Tried once more before the first wait: it may have left before anybody listened.
            await connection.add_listener(_left(lock), lambda *_: left.set())
            waited = True
            continue
        with suppress(TimeoutError):
            await asyncio.wait_for(left.wait(), RETRY_SECONDS)
        left.clear()
    return waited


async def _leave(connection: asyncpg.Connection, lock: Lock) -> None:
    try:
        await connection.execute(
            "SELECT pg_notify($1, '') WHERE pg_advisory_unlock($2)",
            _left(lock),
            lock.value,
            timeout=FAREWELL_SECONDS,
        )
    except _UNUSABLE as error:
        # Nobody is told then, and whoever waits tries again by itself.
        log.info("%s is left without a word: %s", lock.name, error)


def _left(lock: Lock) -> str:
    """The channel on which a holder says that it has left."""
    return f"hnpal_{lock.name.lower()}_left"
