"""`python -m app.database.migrate`: bring the schema up to date, or say what is pending.

Safe to run from several processes at once (an advisory lock lets one work and the others wait)
and while the previous release serves: migrations only expand within a release.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.database.connection import connect
from app.database.locks import Lock
from app.settings import SettingsError, load_settings

BACKEND = Path(__file__).resolve().parents[2]
LOCK_SECONDS = 0.5


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(BACKEND / "migrations"))
    config.attributes["connection"] = connection
    return config


def _pending(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        # A newer release migrated this database; migrations only expand, so there is nothing to do.
        return []
    revisions = scripts.iterate_revisions("head", current or "base")
    # Nobody needs anything of an empty database yet, so a contract can break nothing.
    return [
        f"{script.revision} {script.module.phase if current else 'create'}: {script.doc}"
        for script in revisions
    ][::-1]


def _upgrade(connection: Connection) -> list[str]:
    lacking = _pending(connection)
    connection.rollback()  # each migration has a transaction of its own, or none
    if lacking:
        command.upgrade(_config(connection), "head")
    return lacking


async def pending(dsn: str) -> list[str]:
    """The revisions that the database lacks, oldest first, each with its phase and title."""
    async with _connection(dsn) as connection:
        return await connection.run_sync(_pending)


async def upgrade(dsn: str) -> list[str]:
    """Bring the schema up to date; returns the revisions that were applied."""
    async with _connection(dsn) as connection:
        await _lock(connection)
        return await connection.run_sync(_upgrade)


async def _lock(connection: AsyncConnection) -> None:
    """Be the only one who migrates, as long as the connection lives.

    Asked for again and again: an index that is built while others write waits for the end of every
    statement that has begun, so one that waited for the lock would wait for ever.
    """
    lock = {"key": Lock.MIGRATION.value}
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), lock):
        await connection.rollback()
        await asyncio.sleep(LOCK_SECONDS)
    await connection.commit()


@asynccontextmanager
async def _connection(dsn: str) -> AsyncIterator[AsyncConnection]:
    # Connected to as by the app, whose driver reads the address itself, `sslmode` and the like too.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(connect, dsn))
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.database.migrate", description=__doc__)
    parser.add_argument(
        "--pending", action="store_true", help="only list what is pending, one revision a line"
    )
    arguments = parser.parse_args()
    try:
        dsn = load_settings().postgresql_dsn
    except SettingsError as error:
        print(f"Cannot migrate: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if arguments.pending:
        print(*asyncio.run(pending(dsn)), sep="\n", end="")  # noqa: T201
    else:
        for revision in asyncio.run(upgrade(dsn)):
            print(f"applied {revision}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
