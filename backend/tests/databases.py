"""Databases for the tests, with the whole schema and no rows.

To copy one costs many times what it costs to empty one. So a test's database is emptied for the
next test, unless it changed more than rows.
"""

from __future__ import annotations

import asyncio
from itertools import count

import asyncpg

from app.database.connection import OUTAGES
from app.database.migrate import upgrade
from simulators.embedded import PostgreSQL

TEMPLATE = "template_hnpal"
# More than that, most of it dead rows, would slow down every test that follows.
REUSED_BYTES = 8 * 1024**2
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""
DISCONNECT_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
RESTART_SEQUENCES = "SELECT setval(seqrelid, seqstart, FALSE) FROM pg_sequence"
# Every version of a catalogue's row has a place and a transaction of its own, and a copy has its
# template's; what initdb made has numbers below 16384.
DEFINITIONS = """
    SELECT md5(string_agg(concat_ws(' ', catalogue, number, place, made_by), ',')) FROM (
      SELECT tableoid, oid, ctid, xmin FROM pg_class
      UNION ALL SELECT tableoid, attrelid, ctid, xmin FROM pg_attribute
      UNION ALL SELECT tableoid, adrelid, ctid, xmin FROM pg_attrdef
      UNION ALL SELECT tableoid, indexrelid, ctid, xmin FROM pg_index
      UNION ALL SELECT tableoid, oid, ctid, xmin FROM pg_constraint
      UNION ALL SELECT tableoid, oid, ctid, xmin FROM pg_trigger
      UNION ALL SELECT tableoid, oid, ctid, xmin FROM pg_proc
      UNION ALL SELECT tableoid, 16384, ctid, xmin FROM alembic_version
    ) AS rows (catalogue, number, place, made_by) WHERE number >= 16384
"""
SIZE = f"SELECT sum(pg_total_relation_size(relname::regclass)) FROM ({TABLES}) AS tables"


class Databases:
    """The databases of one server, each of which one test has at a time.

    The connections that empty them stay open, since half of a test's time with its database would
    go into what a new one looks up first.
    """

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._numbers = count(1)
        self._empty: list[str] = []
        self._connections: dict[str, asyncpg.Connection] = {}
        self._tables: list[str] = []
        self._definitions = ""
        self._loop.run_until_complete(self._make_template())

    def take(self) -> str:
        """The name of a database that nobody else has."""
        if not self._empty:
            self._empty.append(self._loop.run_until_complete(self._copy()))
        return self._empty.pop()

    def give_back(self, name: str) -> None:
        """Whoever is still connected is disconnected first."""
        try:
            again = self._loop.run_until_complete(self._clear(self._connections[name]))
        except OUTAGES:  # the test did something to the server
            again = False
        if again:
            self._empty.append(name)
        else:
            self._connections.pop(name).terminate()

    def close(self) -> None:
        for connection in self._connections.values():
            connection.terminate()
        self._loop.close()

    async def _make_template(self) -> None:
        server = await asyncpg.connect(self._server.dsn())
        # Hardly a row lives long enough to be vacuumed.
        await server.execute("ALTER SYSTEM SET autovacuum = off")
        await server.execute("SELECT pg_reload_conf()")
        await server.execute(f"CREATE DATABASE {TEMPLATE}")
        await server.close()
        await upgrade(self._server.dsn(TEMPLATE))
        template = await self._connect(TEMPLATE)
        self._tables = [table for (table,) in await template.fetch(TABLES)]
        self._definitions = await template.fetchval(DEFINITIONS)
        await self._delete_rows(template)
        await template.close()

    async def _copy(self) -> str:
        name = f"test_{next(self._numbers)}"
        server = await asyncpg.connect(self._server.dsn())
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        await server.close()
        self._connections[name] = await self._connect(name)
        return name

    async def _connect(self, name: str) -> asyncpg.Connection:
        # Without triggers, those of foreign keys among them, rows are deleted in any order.
        settings = {"session_replication_role": "replica"}
        return await asyncpg.connect(
            self._server.dsn(name), command_timeout=60, server_settings=settings
        )

    async def _clear(self, database: asyncpg.Connection) -> bool:
        """Whether it is as empty as a new one, and not much larger."""
        await database.execute(DISCONNECT_OTHERS)
        if await database.fetchval(DEFINITIONS) != self._definitions:
            return False
        await self._delete_rows(database)
        return bool(await database.fetchval(SIZE) < REUSED_BYTES)

    async def _delete_rows(self, database: asyncpg.Connection) -> None:
        await database.execute(";".join(f"DELETE FROM {table}" for table in self._tables))
        await database.execute(RESTART_SEQUENCES)
