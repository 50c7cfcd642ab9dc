"""A bot to talk to, and a simulated Telegram that answers who is an admin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.database.connection import Pool
from app.health import Health
from app.telegram.api.client import BotApi
from app.telegram.exports.worker import DataExportWorker
from simulators.control import TelegramControl
from simulators.embedded import PostgreSQL
from simulators.processes import service
from tests.telegram.chat import TOKEN, Talk, settings


@pytest.fixture(scope="session")
def telegram_address() -> Iterator[str]:
    with service("telegram", "--token", TOKEN) as address:
        yield address


@pytest.fixture
def telegram(telegram_address: str) -> TelegramControl:
    return TelegramControl(telegram_address)


@pytest.fixture
async def talk(database: Pool, telegram_address: str) -> AsyncIterator[Talk]:
    api = BotApi(TOKEN, telegram_address)
    yield Talk(database, settings(), api)
    await api.close()


@pytest.fixture
async def talk_with_model(database: Pool, telegram_address: str) -> AsyncIterator[Talk]:
    """A bot whose summaries are written, in a style."""
    api = BotApi(TOKEN, telegram_address)
    yield Talk(database, settings(openai_api_key="key"), api)
    await api.close()


@pytest.fixture
async def worker(
    database: Pool, postgresql_server: PostgreSQL, database_name: str, data_dir: Path
) -> AsyncIterator[DataExportWorker]:
    dsn = postgresql_server.dsn(database_name)
    yield DataExportWorker(database, dsn, data_dir / "outgoing", Health(), lambda: None)
