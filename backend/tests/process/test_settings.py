"""A wrong setting ends the start with one line that says what to do, and shows no secret."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from rehearsal.processes import app_environment, start_python


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TELEGRAM_BOT_TOKEN", "", "TELEGRAM_BOT_TOKEN is not set (get one from @BotFather)"),
        ("TELEGRAM_BOT_TOKEN", "s3cret", "TELEGRAM_BOT_TOKEN must look like"),
        ("DATABASE_URL", "mysql://u:s3cret@h/d", "DATABASE_URL must begin with postgresql"),
        ("ADMIN_CHAT_ID", "s3cret", "ADMIN_CHAT_ID"),
        ("HN_API_URL", "ftp://s3cret", "HN_API_URL must be an http"),
        ("FETCH_PRIVATE_HOSTS", "s3cret", "FETCH_PRIVATE_HOSTS"),
        ("LOG_LEVEL", "s3cret", "LOG_LEVEL"),
    ],
)
def test_the_setting_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    nowhere = "http://127.0.0.1:9"
    environment = app_environment(
        database_url="postgresql://127.0.0.1:9/nothing",
        telegram=nowhere,
        hackernews=nowhere,
        token="42:token",
        folder=tmp_path,
    )
    process = start_python(
        "-m", "app.main", environment={**environment, name: value}, stderr=subprocess.PIPE
    )
    _, stderr = process.communicate(timeout=60)
    complaint = stderr.decode()
    assert process.returncode == 2
    assert said in complaint
    assert len(complaint.splitlines()) == 1
    if name != "FETCH_PRIVATE_HOSTS":  # which names the entry that is wrong, and holds no secret
        assert "s3cret" not in complaint
