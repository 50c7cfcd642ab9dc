"""The whole app as a separate process, with the simulated services."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg
import pytest

from simulators import hackernews as hackernews_server
from simulators import llm
from simulators.control import Control, TelegramControl
from simulators.hackernews import HackerNewsState
from simulators.processes import App, app_environment
from simulators.telegram import server as telegram_server
from tests.services import served

TOKEN = "42:token-of-the-test"
READER = 1001


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with served(telegram_server.make_app(token=TOKEN)) as address:
        yield TelegramControl(address)


@pytest.fixture
def hackernews() -> Iterator[Control]:
    with served(hackernews_server.make_app(HackerNewsState())) as address:
        yield Control(address)


@pytest.fixture
def model() -> Iterator[Control]:
    with served(llm.make_app()) as address:
        yield Control(address)


@pytest.fixture
def environment(
    database_url: str, telegram: TelegramControl, hackernews: Control, tmp_path: Path
) -> dict[str, str]:
    settings = app_environment(
        database_url=database_url,
        telegram=telegram.address,
        hackernews=hackernews.address,
        token=TOKEN,
        folder=tmp_path,
    )
    # They take a minute, in which the rule for messages in doubt repeats them several times.
    # `make bench-faults` has both.
    return settings | {"DOUBT_PROBES": "off"}


@pytest.fixture
def reader(database_url: str) -> int:
    """A chat that is set up, whatever else it is asked for: its id."""
    asyncio.run(_add_readers(database_url, [READER]))
    return READER


@pytest.fixture
def readers(database_url: str) -> range:
    """Fifty chats that are set up: their ids."""
    chats = range(1, 51)
    asyncio.run(_add_readers(database_url, chats))
    return chats


async def _add_readers(database_url: str, chat_ids: Iterable[int]) -> None:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await connection.executemany(
        "INSERT INTO readers (chat_id, kind) VALUES ($1, 'private')", [(n,) for n in chat_ids]
    )
    await connection.close()


@pytest.fixture
def app(environment: dict[str, str], tmp_path: Path) -> Iterator[App]:
    app = App(environment, tmp_path / "log")
    yield app
    app.kill_all()
