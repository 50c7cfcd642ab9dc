"""Connections to PostgreSQL, and what counts as PostgreSQL being away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg

C = TypeVar("C", bound=Callable[..., Coroutine[Any, Any, Any]])


class DatabaseAwayError(Exception):
    """PostgreSQL could not be reached, or did not answer in time."""


# Which errors mean "the database is not there right now; what was being done did not happen".
OUTAGES: tuple[type[Exception], ...] = (
    DatabaseAwayError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,  # shutdown, crash recovery, cannot connect now
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.ReadOnlySQLTransactionError,
)

# A lock must not outlive a vanished host by the kernel's two hours.
SERVER_SETTINGS = {
    "application_name": "hnpal",
    "timezone": "UTC",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "60000",
    # A plan made while a table was empty is no plan for a thousand rows, and queues are both.
    "plan_cache_mode": "force_custom_plan",
}
# Of one process at most: the pool, and the one that holds the lead. docs/operations.md adds up what
# else connects; `max_connections` in docker-compose.prod.yml has room for all of it.
POOL_CONNECTIONS = 8
CONNECTIONS = POOL_CONNECTIONS + 1
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 30.0

# asyncpg hands out a proxy from pools; both speak the same language.
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


def _telling_whose(asked: C) -> C:
    """Sockets, files and clocks of all kinds fail with these errors; here they are PostgreSQL's."""

    @wraps(asked)
    async def ask(*args: Any, **options: Any) -> Any:
        try:
            return await asked(*args, **options)
        except (OSError, TimeoutError) as error:
            raise DatabaseAwayError(str(error) or type(error).__name__) from error

    return cast(C, ask)


class _Connection(asyncpg.Connection):
    """Every statement of the app goes through one of these methods, those of transactions too."""

    __slots__ = ()

    execute = _telling_whose(asyncpg.Connection.execute)
    executemany = _telling_whose(asyncpg.Connection.executemany)
    fetch = _telling_whose(asyncpg.Connection.fetch)
    fetchrow = _telling_whose(asyncpg.Connection.fetchrow)
    fetchval = _telling_whose(asyncpg.Connection.fetchval)


_connect = _telling_whose(asyncpg.connect)


# jsonb takes neither a NUL nor half of a surrogate pair, and both come in from outside.
_UNSTORABLE = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})")


def _to_jsonb(value: Any) -> str:
    # With ensure_ascii=False whole pairs stay characters, so an escaped surrogate is a lone one.
    dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    dumped = dumped.encode("utf-8", "backslashreplace").decode()
    # Most hold none, and looking for the pattern takes as long as all of the above.
    if "\\u" not in dumped:
        return dumped
    return _UNSTORABLE.sub(r"\1\\ufffd", dumped)


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=_to_jsonb, decoder=json.loads, schema="pg_catalog"
    )


async def _keep(_: Connection) -> None:
    """Nothing here changes a session, so nothing is to be reset before its next use; asyncpg itself
    has ended its transaction.
    """


async def connect(dsn: str, **settings: str) -> asyncpg.Connection:
    """Open one connection outside the pool, for locks that last; `settings` are the server's."""
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
        OUTAGES: when PostgreSQL cannot be reached.
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
