"""Alembic's entry point: runs the migrations on the connection from `app.database.migrate`.

From the command line (`alembic upgrade head`, `alembic check`) it opens its own connection, for
which it needs only `DATABASE_URL`.
"""

from __future__ import annotations

import asyncio

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from app.database.migrate import open_connection
from app.database.schema import metadata
from app.settings import SettingsError, load_dsn


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=True,
        # A migration cannot build an index concurrently inside a transaction of all migrations.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _connect_and_migrate(dsn: str) -> None:
    async with open_connection(dsn) as connection:
        await connection.run_sync(_migrate)
        await connection.commit()


def _dsn() -> str:
    try:
        return load_dsn()
    except SettingsError as error:
        raise CommandError(str(error)) from None


given: Connection | None = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_connect_and_migrate(_dsn()))
else:
    _migrate(given)
