"""`python -m app.database.migrate`: apply pending migrations, or list them.

Several processes may run it at once: an advisory lock makes all but one wait. It may run while the
previous release serves, because migrations only expand within a release.
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
from app.settings import SettingsError, load_dsn

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
        # A newer release migrated this database; migrations only expand, so nothing is pending.
        return []
    revisions = scripts.iterate_revisions("head", current or "base")
    # No release uses an empty database yet, so a contracting migration is safe there.
    return [
        f"{script.revision} {script.module.phase if current else 'create'}: {script.doc}"
        for script in revisions
    ][::-1]


def _upgrade(connection: Connection) -> list[str]:
    lacking = _pending(connection)
    connection.rollback()  # each migration runs in its own transaction, or in none
    if lacking:
        command.upgrade(_config(connection), "head")
    return lacking


async def pending(dsn: str) -> list[str]:
    """The revisions that are not applied, oldest first, each with its phase and title."""
    async with open_connection(dsn) as connection:
        return await connection.run_sync(_pending)


async def upgrade(dsn: str) -> list[str]:
    """Apply all pending migrations; returns their revisions."""
    async with open_connection(dsn) as connection:
        await _lock(connection)
        return await connection.run_sync(_upgrade)


async def _lock(connection: AsyncConnection) -> None:
    """Make this the only process that migrates, as long as the connection lives.

    It polls for the lock. A blocking wait would be a running statement, and CREATE INDEX
    CONCURRENTLY waits for those: the two would wait for each other.
    """
    lock = {"key": Lock.MIGRATION.value}
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), lock):
        await connection.rollback()
        await asyncio.sleep(LOCK_SECONDS)
    await connection.commit()


@asynccontextmanager
async def open_connection(dsn: str) -> AsyncIterator[AsyncConnection]:
    """A SQLAlchemy connection to the database at `dsn`."""
    # Uses the app's own driver, which parses the address, including `sslmode`.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(connect, dsn))
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.database.migrate", description=__doc__)
    parser.add_argument(
        "--pending", action="store_true", help="only list the pending revisions, one per line"
    )
    arguments = parser.parse_args()
    try:
        dsn = load_dsn()
    except SettingsError as error:
        print(f"Cannot migrate: {error}", file=sys.stderr)
        return 2
    if arguments.pending:
        print(*asyncio.run(pending(dsn)), sep="\n", end="")
    else:
        for revision in asyncio.run(upgrade(dsn)):
            print(f"applied {revision}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
