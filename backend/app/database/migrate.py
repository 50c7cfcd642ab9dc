"""`python -m app.database.migrate`: bring the schema up to date, or say what is pending.

Safe to run from several processes at once (an advisory lock lets one work and the others wait)
and while the previous release serves: migrations only expand within a release.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.database.locks import Lock
from app.settings import SettingsError, load_settings

BACKEND = Path(__file__).resolve().parents[2]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(BACKEND / "migrations"))
    config.attributes["connection"] = connection
    return config


def _pending(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in _all(scripts)}:
        # A newer release migrated this database; migrations only expand, so there is nothing to do.
        return []
    revisions = scripts.iterate_revisions("head", current or "base")
    return [f"{script.revision} {script.doc}" for script in revisions][::-1]


def _all(scripts: ScriptDirectory) -> list:  # type: ignore[type-arg]
    return list(scripts.walk_revisions())


def _upgrade(connection: Connection) -> list[str]:
    pending = _pending(connection)
    if pending:
        command.upgrade(_config(connection), "head")
    return pending


async def _run(database_url: str, *, only_list: bool) -> list[str]:
    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection:
            if only_list:
                return await connection.run_sync(_pending)
            return await _upgrade_alone(connection)
    finally:
        await engine.dispose()


async def _upgrade_alone(connection: AsyncConnection) -> list[str]:
    # In the migration's own transaction, so that the lock goes with it whatever happens.
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.MIGRATION})
    done = await connection.run_sync(_upgrade)
    await connection.commit()
    return done


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.database.migrate", description=__doc__)
    parser.add_argument(
        "--pending", action="store_true", help="only list what is pending, one revision a line"
    )
    arguments = parser.parse_args()
    try:
        database_url = load_settings().database_url.get_secret_value()
    except SettingsError as error:
        print(f"Cannot migrate: {error}", file=sys.stderr)  # noqa: T201
        return 2
    for revision in asyncio.run(_run(database_url, only_list=arguments.pending)):
        print(revision if arguments.pending else f"applied {revision}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
