"""Real servers for the tests: one PostgreSQL and one Redis for each test process, on free ports."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from rehearsal.embedded import PostgreSQL, postgresql, redis

from app.database.connection import Pool, open_pool
from app.database.migrate import upgrade

TEMPLATE = "template_hnpal"
_database_numbers = count(1)


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: while some tests wait for other processes, others compute."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of whole processes take longest and mostly wait, so they begin first."""
    items.sort(key=lambda item: "process" not in item.path.parts)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A PostgreSQL with one migrated database, which the tests' databases are copies of."""
    with postgresql(tmp_path_factory.mktemp("postgresql") / "data", durable=False) as server:
        asyncio.run(_make_template(server))
        yield server


async def _make_template(server: PostgreSQL) -> None:
    connection = await asyncpg.connect(server.dsn())
    # There will be hundreds of databases, none of which lives long enough to be vacuumed.
    await connection.execute("ALTER SYSTEM SET autovacuum = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    await upgrade(server.dsn(TEMPLATE))


@pytest.fixture
async def database_name(postgresql_server: PostgreSQL) -> str:
    """A new database with the whole schema and no rows."""
    name = f"test_{next(_database_numbers)}"
    connection = await asyncpg.connect(postgresql_server.dsn())
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    await connection.close()
    return name


@pytest.fixture
def database_url(postgresql_server: PostgreSQL, database_name: str) -> str:
    return postgresql_server.url(database_name)


@pytest.fixture
async def database(postgresql_server: PostgreSQL, database_name: str) -> AsyncIterator[Pool]:
    """A pool on a new database."""
    pool = await open_pool(postgresql_server.dsn(database_name))
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
