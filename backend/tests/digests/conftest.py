"""The simulated model for the texts about a whole day."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from tests.llm.conftest import make_model, server, simulated

__all__ = ["make_model", "server", "simulated"]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(telegram_bot_token="1:x", database_url=database_url, data_dir=tmp_path)
