"""The app and everything around it, as processes, for measuring the bot from outside."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rehearsal.embedded import PostgreSQL, postgresql
from rehearsal.outside.control import TelegramControl
from rehearsal.processes import App, app_environment, service

from app.database.migrate import upgrade

TOKEN = "42:bench"  # noqa: S105 - the simulated Telegram takes it
# What turns the app's own limits off, and the simulated Telegram's.
UNLIMITED = {
    "TELEGRAM_MESSAGES_PER_SECOND": "0",
    "TELEGRAM_CHAT_MESSAGES_PER_SECOND": "0",
    "TELEGRAM_GROUP_MESSAGES_PER_MINUTE": "0",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A database with the whole schema, the simulated Telegram, and the app, not yet started."""

    postgresql: PostgreSQL
    telegram: TelegramControl
    app: App
    environment: dict[str, str]

    async def connect(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(self.postgresql.dsn())
        return connection


@asynccontextmanager
async def stack(*, telegram_limits: bool = False) -> AsyncIterator[Stack]:
    """Start PostgreSQL and the simulated services; everything ends with the block."""
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
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
        app = App(environment, folder / "log")
        context.callback(app.kill_all)
        yield Stack(server, TelegramControl(telegram), app, environment)
