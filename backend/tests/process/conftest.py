"""The whole app as a process of its own, and the simulated outside world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsal.outside import hackernews as hackernews_server
from rehearsal.outside import llm
from rehearsal.outside.control import Control, TelegramControl
from rehearsal.outside.hackernews import News
from rehearsal.outside.telegram import server as telegram_server
from rehearsal.processes import App, app_environment

from tests.services import served

TOKEN = "42:token-of-the-test"


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with served(telegram_server.make_app(token=TOKEN)) as address:
        yield TelegramControl(address)


@pytest.fixture
def hackernews() -> Iterator[Control]:
    with served(hackernews_server.make_app(News())) as address:
        yield Control(address)


@pytest.fixture
def model() -> Iterator[Control]:
    with served(llm.make_app()) as address:
        yield Control(address)


@pytest.fixture
def environment(
    database_url: str, telegram: TelegramControl, hackernews: Control, tmp_path: Path
) -> dict[str, str]:
    return app_environment(
        database_url=database_url,
        telegram=telegram.address,
        hackernews=hackernews.address,
        token=TOKEN,
        folder=tmp_path,
    )


@pytest.fixture
def app(environment: dict[str, str], tmp_path: Path) -> Iterator[App]:
    app = App(environment, tmp_path / "log")
    yield app
    app.kill_all()
