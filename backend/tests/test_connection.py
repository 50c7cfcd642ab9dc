"""Which errors count as PostgreSQL being unavailable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.database import connection as connections
from app.database.connection import OUTAGES, DatabaseUnavailableError, Pool, connect, open_pool
from app.health import Health
from app.supervision import repeat
from simulators.embedded import PostgreSQL, free_port

IMPATIENT_SECONDS = 0.2
SLOW = "SELECT pg_sleep(60)"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECT_SECONDS", IMPATIENT_SECONDS)
    monkeypatch.setattr(connections, "STATEMENT_SECONDS", IMPATIENT_SECONDS)


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """Takes connections and says nothing."""
    closed = asyncio.Event()

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closed.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1")
    yield server.sockets[0].getsockname()[1]
    closed.set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("dsn", ["postgresql://127.0.0.1:{port}/x", "postgresql://none.invalid/x"])
async def test_a_missing_server_is_unavailable(dsn: str) -> None:
    address = dsn.format(port=free_port())
    for opening in open_pool, connect:
        with pytest.raises(DatabaseUnavailableError):
            await opening(address)


async def test_a_silent_server_is_unavailable(silent_port: int) -> None:
    for opening in open_pool, connect:
        with pytest.raises(DatabaseUnavailableError):
            await opening(f"postgresql://127.0.0.1:{silent_port}/x")


@pytest.mark.parametrize(
    ("method", "more"),
    [("execute", ()), ("executemany", ([()],)), ("fetch", ()), ("fetchrow", ()), ("fetchval", ())],
)
async def test_an_unanswered_statement_means_unavailable(
    postgresql_server: PostgreSQL, database_name: str, method: str, more: tuple[Any, ...]
) -> None:
    pool = await open_pool(postgresql_server.dsn(database_name))
    async with pool.acquire() as connection:
        with pytest.raises(DatabaseUnavailableError):
            await getattr(connection, method)(SLOW, *more)
    pool.terminate()


async def test_a_cut_connection_means_unavailable(database: Pool) -> None:
    async with database.acquire() as connection:
        mine = await connection.fetchval("SELECT pg_backend_pid()")
        with pytest.raises(OUTAGES):
            async with connection.transaction():
                await database.fetchval("SELECT pg_terminate_backend($1, 10000)", mine)
                await connection.fetchval("SELECT 1")


@pytest.mark.parametrize("error", [OSError("disk"), TimeoutError(), ConnectionResetError("cache")])
async def test_errors_of_other_services_are_not_outages_of_postgresql(error: Exception) -> None:
    async def step() -> int:
        raise error

    with pytest.raises(type(error)):
        await repeat("a task", step, Health(), idle_seconds=60, failures_tolerated=0)


@pytest.mark.parametrize(
    ("setting", "longest"), [("tcp_user_timeout", 10_000), ("tcp_keepalives_idle", 5)]
)
async def test_the_server_closes_connections_of_a_vanished_host(
    postgresql_server: PostgreSQL, database_name: str, setting: str, longest: int
) -> None:
    pool = await open_pool(postgresql_server.dsn(database_name))
    single = await connect(postgresql_server.dsn(database_name))
    for connection in pool, single:
        value = await connection.fetchval("SELECT current_setting($1)", setting)
        assert 0 < int(value) <= longest
    single.terminate()
    pool.terminate()
