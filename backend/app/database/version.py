"""Checks that the database has the schema that this release needs, without importing Alembic."""

from __future__ import annotations

import asyncio
import logging
import sys

import asyncpg

from app.database.connection import Pool

log = logging.getLogger(__name__)

# The newest revision in migrations/versions; a test compares the two.
HEAD = "0025"


class MigrationFailedError(Exception):
    """The schema could not be migrated; the migration's own output has the reason."""


async def ensure_schema(pool: Pool) -> None:
    """Run pending migrations in a separate process.

    On a host, an update has run them already; this is for the first start and for developers. A
    database that is newer than this release is fine, because migrations only expand.
    """
    try:
        current: str | None = await pool.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        current = None
    if current is not None and current >= HEAD:
        return
    log.info("The database is at revision %s, this release needs %s: migrating", current, HEAD)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.database.migrate")
    if await process.wait() != 0:
        raise MigrationFailedError(
            f"python -m app.database.migrate ended with {process.returncode}"
        )
