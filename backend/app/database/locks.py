"""Advisory locks: of several equal instances, at most one does the work of a lock."""

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
    """The keys of `pg_advisory_lock`: arbitrary numbers, unique in this database."""

    TELEGRAM = 0x484E_0001
    MIGRATION = 0x484E_0002
    BUDGET = 0x484E_0004
    WATCH = 0x484E_0005


# An SQL condition that is true while the backend with {pid} holds the lock {key}, of at most
# 32 bits (https://www.postgresql.org/docs/current/view-pg-locks.html).
HELD_BY = (
    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = {pid}"
    " AND classid = 0 AND objid = {key} AND objsubid = 1)"
)

CHECK_SECONDS = 2.0
RETRY_SECONDS = 1.0
FAREWELL_SECONDS = 0.5
# After this time the server closes the connection of a holder that was stopped or cut off. A
# holder that is only slow notices earlier that its connection does not work.
SILENT_SECONDS = 8

# The connection cannot be used, for any reason.
_UNUSABLE: tuple[type[Exception], ...] = (*OUTAGES, asyncpg.PostgresError)


class LeadershipLostError(Exception):
    """The connection that held the lock is lost, so another instance may hold the lock now."""


class Leadership:
    """Proof of holding a lock; valid as long as its connection works."""

    def __init__(self, connection: asyncpg.Connection, pid: int, *, waited: bool) -> None:
        self._connection = connection
        self.pid = pid  # the backend of the connection; see `HELD_BY`
        self.waited = waited  # whether another instance held the lock before

    async def lost(self) -> None:
        """Never return; raise `LeadershipLostError` once the lock can no longer be relied on."""
        while True:
            try:
                await self._connection.execute("SELECT 1", timeout=CHECK_SECONDS)
            except _UNUSABLE as error:
                raise LeadershipLostError(str(error)) from error
            await asyncio.sleep(CHECK_SECONDS)


@asynccontextmanager
async def leadership(dsn: str, lock: Lock) -> AsyncIterator[Leadership]:
    """Wait until this process holds `lock`, and hold it inside the block.

    The lock belongs to a connection of its own. A holder that leaves sends a notification, and a
    standby gets the lock within milliseconds. A killed process loses the lock at once, a process
    that is stopped or cut off after `SILENT_SECONDS`; a standby then gets it within
    `RETRY_SECONDS`.
    """
    connection = await connect(dsn, idle_session_timeout=f"{SILENT_SECONDS}s")
    try:
        waited = await _take(connection, lock)
        try:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            yield Leadership(connection, pid, waited=waited)
        finally:
            await _leave(connection, lock)
    finally:
        # Closing releases the lock; terminate() works even if the server does not answer.
        connection.terminate()


async def _take(connection: asyncpg.Connection, lock: Lock) -> bool:
    """Wait for the lock. Returns whether another instance held it before."""
    left = asyncio.Event()
    waited = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock.value):
        if not waited:
            log.info("Another instance holds %s; standing by", lock.name)
            # Try once more before the first wait: the holder may have left before the listener
            # existed.
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
        # Without the notification, a standby retries by itself.
        log.info("%s was released without a notification: %s", lock.name, error)


def _left(lock: Lock) -> str:
    """The channel on which a holder announces that it has left."""
    return f"hnpal_{lock.name.lower()}_left"
