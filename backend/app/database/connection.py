"""Connections to PostgreSQL, and the errors that mean it is unavailable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg

from app.text.compact_json import compact_json

C = TypeVar("C", bound=Callable[..., Coroutine[Any, Any, Any]])


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached or did not answer in time."""


# PostgreSQL is unavailable for now, and the operation was not carried out.
OUTAGES: tuple[type[Exception], ...] = (
    DatabaseUnavailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,  # shutdown, crash recovery, cannot connect now
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.ReadOnlySQLTransactionError,
)

# A client whose host has vanished keeps its locks until the server's kernel closes the connection.
# By default that takes two hours; with data on the way, which rules out keepalives, 15 minutes.
SERVER_SETTINGS = {
    "application_name": "hnpal",
    "timezone": "UTC",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
    # The queues are sometimes empty, and a plan made for an empty table is slow for a full one.
    "plan_cache_mode": "force_custom_plan",
}
# Per process: the pool, and the connection that holds the leader's lock. docs/operations.md lists
# all other connections; `max_connections` in docker-compose.prod.yml allows for all of them.
POOL_CONNECTIONS = 8
CONNECTIONS = POOL_CONNECTIONS + 1
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 30.0

# A pool hands out a proxy with the same methods.
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


def _naming_the_database(asked: C) -> C:
    """Make a method raise `DatabaseUnavailableError` for network errors, which name no source."""

    @wraps(asked)
    async def ask(*args: Any, **options: Any) -> Any:
        try:
            return await asked(*args, **options)
        except (OSError, TimeoutError) as error:
            raise DatabaseUnavailableError(str(error) or type(error).__name__) from error

    return cast(C, ask)


class _Connection(asyncpg.Connection):
    """A connection whose statements raise `DatabaseUnavailableError`, also in transactions."""

    __slots__ = ()

    execute = _naming_the_database(asyncpg.Connection.execute)
    executemany = _naming_the_database(asyncpg.Connection.executemany)
    fetch = _naming_the_database(asyncpg.Connection.fetch)
    fetchrow = _naming_the_database(asyncpg.Connection.fetchrow)
    fetchval = _naming_the_database(asyncpg.Connection.fetchval)


_connect = _naming_the_database(asyncpg.connect)


# jsonb rejects NUL, which occurs in outside data.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def _to_jsonb(value: Any) -> str:
    dumped = compact_json(value)
    if rb"\u0000" in dumped:  # cheaper than the pattern
        dumped = _NUL.sub(rb"\1\\ufffd", dumped)
    return dumped.decode()


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=_to_jsonb, decoder=json.loads, schema="pg_catalog"
    )


async def _keep(_: Connection) -> None:
    """Skip the reset: the app changes no session state, and asyncpg has ended the transaction."""


async def connect(dsn: str, **settings: str) -> asyncpg.Connection:
    """Open a connection outside the pool, for long-held locks; `settings` go to the server."""
    connection = await _connect(
        dsn,
        timeout=CONNECT_SECONDS,
        server_settings=SERVER_SETTINGS | settings,
        connection_class=_Connection,
    )
    await _speak_json(connection)
    return connection


async def open_pool(dsn: str, *, size: int = POOL_CONNECTIONS) -> Pool:
    """Open a pool of at most `size` connections.

    Raises:
        OUTAGES: PostgreSQL cannot be reached.
    """
    return await asyncpg.create_pool(
        dsn,
        connect=_connect,
        connection_class=_Connection,
        min_size=1,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        server_settings=SERVER_SETTINGS,
        init=_speak_json,
        reset=_keep,
    )
