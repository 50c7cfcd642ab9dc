"""Maintenance of the whole app survives kills and changes of the leader, and loses nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.database.connection import Pool
from app.health import unhealthy_reason
from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import BACKEND, App
from tests.process.conftest import READER
from tests.process.test_first_digest import stories

OPERATOR = 999
CHATS = range(1, 21)
NOTICE = "down for maintenance"


def run(
    module: str, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"app.{module}", *arguments]
    return subprocess.run(
        command, cwd=BACKEND, env=environment, check=False, capture_output=True, text=True
    )


def set_maintenance(
    environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return run("set_maintenance", environment, *arguments)


def answers(telegram: TelegramControl) -> Counter[int]:
    """How many messages other than notices each chat has."""
    found = Counter[int]()
    for chat in CHATS:
        found[chat] = sum(NOTICE not in one["text"] for one in telegram.messages(chat))
    return found


async def test_maintenance_survives_kills_and_a_change_of_leader(
    app: App,
    environment: dict[str, str],
    telegram: TelegramControl,
    database: Pool,
    tmp_path: Path,
) -> None:
    before = app.start(ADMIN_CHAT_ID=str(OPERATOR))
    telegram.say(READER, "/help")
    telegram.wait_for_messages(READER, 1)
    on = set_maintenance(environment, "on", "--by", "ada@laptop")
    assert "Maintenance has been on" in on.stdout, on.stderr
    for chat in CHATS:
        telegram.say(chat, "/help")
        telegram.wait_for_messages(chat, 1)
    telegram.say(OPERATOR, "/start")
    telegram.wait_for_messages(OPERATOR, 1)
    before.kill()
    before.wait()
    # Another process, as after an update, which takes over and then hands over again.
    files = [tmp_path / name for name in ("second", "third")]
    second = app.start(ADMIN_CHAT_ID=str(OPERATOR), HEALTH_FILE=str(files[0]))
    for chat in CHATS:
        telegram.say(chat, "/start")
    app.start("--standby", ADMIN_CHAT_ID=str(OPERATOR), HEALTH_FILE=str(files[1]))
    wait_until(lambda: unhealthy_reason(files[1]) is None or None, "standby")
    second.kill()
    second.wait()
    wait_until(lambda: unhealthy_reason(files[1], leading=True) is None or None, "leader")
    held = "SELECT count(*) FROM inbox WHERE state = 'pending' AND held_at IS NOT NULL"
    async with asyncio.timeout(60):
        while await database.fetchval(held) < 2 * len(CHATS):  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.05)
    assert set(answers(telegram).values()) == {0}
    assert {chat: len(telegram.messages(chat)) for chat in CHATS} == dict.fromkeys(CHATS, 1)
    health = run("health", environment | {"HEALTH_FILE": str(files[1])})
    assert health.returncode == 0 and health.stdout.startswith("healthy; in maintenance since 20")

    telegram.say(OPERATOR, "/maintenance off")
    wait_until(lambda: set(answers(telegram).values()) == {2} or None, "all answers", 60)
    assert "Maintenance is off" in set_maintenance(environment, "show").stdout
    telegram.say(READER, "/help")
    telegram.wait_for_messages(READER, 2)
    assert set(answers(telegram).values()) == {2}


@pytest.mark.usefixtures("reader")
async def test_a_digest_that_is_due_waits(
    app: App,
    environment: dict[str, str],
    telegram: TelegramControl,
    hackernews: Control,
    database: Pool,
) -> None:
    hackernews.post("items", stories(5))
    assert set_maintenance(environment, "on", "--for", "2h").returncode == 0
    await database.execute("UPDATE readers SET digest_wanted_at = now()")
    app.start()
    ready = "SELECT count(*) FROM summaries WHERE state = 'ready'"
    async with asyncio.timeout(60):
        while await database.fetchval(ready) < 5:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.05)
    # Each chat's update wakes what makes digests, as it does without maintenance.
    for chat in range(READER, READER + 20):
        telegram.say(chat, "/help")
        [notice] = telegram.wait_for_messages(chat, 1)
        assert NOTICE in notice["text"]
    assert await database.fetchval("SELECT count(*) FROM digests") == 0
    assert set_maintenance(environment, "off").returncode == 0
    said = telegram.wait_for_messages(READER, 3)
    assert sum("number 5?" in one["text"] for one in said) == 1


def test_an_invalid_length_is_reported(environment: dict[str, str]) -> None:
    refused = set_maintenance(environment, "on", "--for", "ever")
    assert refused.returncode == 2 and "'ever' is no length" in refused.stderr


def test_an_unavailable_database_is_reported(environment: dict[str, str]) -> None:
    nowhere = environment | {"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/c"}
    refused = set_maintenance(nowhere, "on")
    assert refused.returncode == 1 and "PostgreSQL does not answer" in refused.stderr
    assert "Traceback" not in refused.stderr
