"""Real servers for the tests: one PostgreSQL and one Redis for each test process, on free ports."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.database.connection import Pool, open_pool
from simulators.embedded import PostgreSQL, postgresql, redis
from tests.databases import Databases


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: while some tests wait for other processes, others compute."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of whole processes take longest, so each worker begins with its share of them.

    `--dist worksteal` first gives every worker one stretch of the list.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if "process" in item.path.parts]
    short = [item for item in items if "process" not in item.path.parts]
    items[:] = [
        item
        for worker in range(workers)
        for item in (
            *long[worker::workers],
            *short[worker * len(short) // workers : (worker + 1) * len(short) // workers],
        )
    ]


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    with postgresql(tmp_path_factory.mktemp("postgresql") / "data", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgresql_server: PostgreSQL) -> Iterator[Databases]:
    databases = Databases(postgresql_server)
    yield databases
    databases.close()


@pytest.fixture
def database_name(databases: Databases) -> Iterator[str]:
    """A database with the whole schema and no rows."""
    name = databases.take()
    yield name
    databases.give_back(name)


@pytest.fixture
def database_url(postgresql_server: PostgreSQL, database_name: str) -> str:
    return postgresql_server.url(database_name)


@pytest.fixture
async def database(postgresql_server: PostgreSQL, database_name: str) -> AsyncIterator[Pool]:
    """A pool on a database that is empty."""
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
