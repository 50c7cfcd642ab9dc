"""A bot to talk to, and the Telegram that it asks who is an admin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from rehearsal.outside.control import TelegramControl
from rehearsal.processes import service

from app.database.connection import Pool
from app.telegram.bot_api import BotApi
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
