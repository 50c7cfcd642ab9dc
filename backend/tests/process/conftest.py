"""The whole app and the simulated outside world, each as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsal.outside.control import Control, TelegramControl
from rehearsal.processes import App, app_environment, service

TOKEN = "42:token-of-the-test"


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with service("telegram", "--token", TOKEN) as address:
        yield TelegramControl(address)


@pytest.fixture
def hackernews() -> Iterator[Control]:
    with service("hackernews") as address:
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
