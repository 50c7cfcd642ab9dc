"""Runs the app and its environment as processes, for benchmarks from outside."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.database.migrate import upgrade
from simulators.control import TelegramControl
from simulators.embedded import PostgreSQL, postgresql
from simulators.processes import App, app_environment, service
from simulators.wrong_clock import WrongClock

TOKEN = "42:bench"  # noqa: S105 - the simulated Telegram takes it
# Disables the limits of the app and of the simulated Telegram.
UNLIMITED = {
    "TELEGRAM_MESSAGES_PER_SECOND": "0",
    "TELEGRAM_CHAT_MESSAGES_PER_SECOND": "0",
    "TELEGRAM_GROUP_MESSAGES_PER_MINUTE": "0",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A migrated database, the simulated Telegram, and the app, which is not started yet."""

    postgresql: PostgreSQL
    telegram: TelegramControl
    app: App
    environment: dict[str, str]

    async def add_readers(self, chat_ids: range) -> None:
        """Insert chats with the default settings, as after /start."""
        connection = await self.connect()
        await connection.executemany(
            "INSERT INTO readers (chat_id, kind) VALUES ($1, 'private')", [(n,) for n in chat_ids]
        )
        await connection.close()

    async def connect(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(self.postgresql.dsn())
        return connection


@asynccontextmanager
async def stack(
    *, telegram_limits: bool = False, clock: WrongClock | None = None
) -> AsyncIterator[Stack]:
    """Start PostgreSQL and the simulated services; everything ends with the block. PostgreSQL and
    the app use `clock`, if given.
    """
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        with clock.around() if clock else nullcontext():
            server = context.enter_context(postgresql(folder / "postgresql"))
        await upgrade(server.dsn())
        options = () if telegram_limits else ("--no-limits",)
        telegram = context.enter_context(service("telegram", *options))
        hackernews = context.enter_context(service("hackernews"))
        environment = app_environment(
            database_url=server.url(),
            telegram=telegram,
            hackernews=hackernews,
            token=TOKEN,
            folder=folder,
        ) | {"LOG_LEVEL": "WARNING"}
        if clock:
            environment |= clock.environment
        app = App(environment, folder / "log")
        context.callback(app.kill_all)
        yield Stack(server, TelegramControl(telegram), app, environment)
