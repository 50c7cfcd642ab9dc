"""The simulated model on a real server, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from app.database.connection import Pool
from app.llm.client import Client
from app.llm.model import LanguageModel
from app.settings import Settings
from app.telegram.operator.alerts import Alerts
from simulators import llm

OPERATOR = 99
Make = Callable[..., LanguageModel]


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async with TestServer(llm.make_app()) as server:
        yield server


@pytest.fixture
def simulated(server: TestServer) -> llm.ModelBehaviour:
    """What the simulated model does next, and what it was asked."""
    return server.app[llm.MODEL]


@pytest.fixture
async def make_model(database: Pool, database_url: str, server: TestServer, tmp_path: Path) -> Make:
    """Make models with changed settings, which may have a short `deadline_seconds`."""

    def make(deadline_seconds: float = 30.0, **changes: Any) -> LanguageModel:
        settings = Settings(
            **{
                "telegram_bot_token": "1:x",
                "database_url": database_url,
                "data_dir": tmp_path,
                "openai_api_key": "a-key",
                "openai_base_url": str(server.make_url("/v1")),
                # At such an address it is one's own, and free of charge unless a price is set.
                "llm_input_usd_per_million": Decimal("0.25"),
                "llm_output_usd_per_million": Decimal("2"),
                "llm_concurrency": 12,
            }
            | changes
        )
        client = Client(settings, deadline_seconds)
        return LanguageModel(database, settings, Alerts(OPERATOR), client)

    return make
