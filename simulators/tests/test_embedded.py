"""A real PostgreSQL starts wherever the clone lies and whoever starts it."""

from __future__ import annotations

import os
from pathlib import Path

import asyncpg
import pytest

from simulators.embedded import postgresql
from simulators.postgresql_programs import postgresql_binaries


async def count_rows(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (id INT)")
        await connection.execute("INSERT INTO kept VALUES (1)")
        return int(await connection.fetchval("SELECT count(*) FROM kept"))
    finally:
        await connection.close()


async def test_data_is_kept_in_a_folder_that_others_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with postgresql(closed / "data", durable=False) as server:
        assert await count_rows(server.dsn()) == 1
        server.stop("immediate")
        server.start()
        assert await count_rows(server.dsn()) == 2
    with postgresql(closed / "data", durable=False) as server:
        assert await count_rows(server.dsn()) == 3


async def test_a_server_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    with postgresql(tmp_path / "data", durable=False) as left:
        await count_rows(left.dsn())
    left.start(durable=False)
    with postgresql(tmp_path / "data", durable=False) as server:
        assert await count_rows(server.dsn()) == 2
        with pytest.raises(OSError):
            await count_rows(left.dsn())


def test_the_user_of_the_programs_can_read_them() -> None:
    """Root runs them as nobody, who may not enter a clone below /root."""
    binaries = postgresql_binaries()
    program = binaries / "postgres"
    if os.geteuid() != 0:
        assert os.access(program, os.X_OK)
        return
    assert all(folder.stat().st_mode & 0o005 == 0o005 for folder in program.parents)
    installed = [path for path in binaries.parents[2].rglob("*") if not path.is_symlink()]
    assert len(installed) > 100
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in installed)
    assert all(path.stat().st_uid == 0 for path in installed)
