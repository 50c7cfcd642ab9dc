"""During an outage of any service, no update is confirmed before it is stored, the process reports
what is unavailable, and it recovers by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.database.connection import CONNECTIONS, Pool
from simulators.control import Control, TelegramControl, wait_until
from simulators.embedded import PostgreSQL
from simulators.processes import BACKEND, App, Process
from tests.process.gate import Gate, gate

pytestmark = pytest.mark.usefixtures("reader")

READER = 1001
# `python -m app.health` with less patience, but more than there is between two looks at PostgreSQL.
ASK = "import sys, app.health as health; health.DATABASE_SECONDS = 8; sys.exit(health.main())"


@pytest.fixture
def postgresql_gate(postgresql_server: PostgreSQL) -> Iterator[Gate]:
    with gate(postgresql_server.port) as made:
        yield made


@pytest.fixture
def environment(
    environment: dict[str, str], postgresql_server: PostgreSQL, postgresql_gate: Gate
) -> dict[str, str]:
    """The app reaches PostgreSQL through a gate."""
    url = environment["DATABASE_URL"]
    gated = url.replace(f":{postgresql_server.port}/", f":{postgresql_gate.port}/")
    return environment | {"DATABASE_URL": gated}


def health(environment: dict[str, str]) -> tuple[int, str]:
    """What Docker sees and a person reads: exit code and line."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=BACKEND,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(asked.stdout.splitlines()) == 1, asked.stdout + asked.stderr
    return asked.returncode, asked.stdout.strip()


def wait_for_health(environment: dict[str, str], words: str, seconds: float = 90.0) -> None:
    """Wait until the line has `words` in it; the code must agree with the line."""

    def said() -> str | None:
        code, line = health(environment)
        assert (code == 0) == (line == "healthy")
        return line if words in line else None

    wait_until(said, f"health of {words!r}", seconds, every=0.5)


def answered(telegram: TelegramControl, words: str) -> None:
    """Everything said so far has an answer, each thing one, and the last has `words` in it."""
    wait_until(
        lambda: next((m for m in telegram.messages(READER) if words in m["text"]), None),
        f"an answer with {words!r}",
        60,
    )


def confirmed_and_pending(telegram: TelegramControl) -> tuple[int, int]:
    """How many updates Telegram may forget, and how many it keeps."""
    state = telegram.get("state")
    return state["confirmed"], state["pending"]


def works(process: Process, telegram: TelegramControl, environment: dict[str, str]) -> None:
    """The process that was there all the time answers again, and says that it is healthy."""
    telegram.say(READER, "/topics afterwards")
    answered(telegram, "Added: afterwards")
    wait_for_health(environment, "healthy")
    assert process.poll() is None


async def fill_disk(database: Pool, table: str) -> None:
    """PostgreSQL has no room for another row of `table`; dropping `full_disk` makes some."""
    await database.execute(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
        END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION refuse();
        """
    )


async def test_a_full_disk_of_postgresql(
    app: App, telegram: TelegramControl, environment: dict[str, str], database: Pool
) -> None:
    process = app.start()
    telegram.say(READER, "/topics before")
    answered(telegram, "Added: before")
    await fill_disk(database, "inbox")
    telegram.say(READER, "/topics meanwhile")
    wait_for_health(environment, "PostgreSQL answers, but cannot be used: could not extend file")
    assert confirmed_and_pending(telegram) == (1, 1)
    await database.execute("DROP TRIGGER full_disk ON inbox")
    answered(telegram, "Added: meanwhile")
    works(process, telegram, environment)
    assert len(telegram.messages(READER)) == 3


async def test_a_disk_that_is_full_for_answers(
    app: App, telegram: TelegramControl, database: Pool
) -> None:
    app.start()
    telegram.say(READER, "/topics before")
    answered(telegram, "Added: before")
    await fill_disk(database, "outbox")
    telegram.say(READER, "/topics meanwhile")
    wait_until(lambda: "inbox waits for PostgreSQL" in app.log or None, "a failure")
    interests = "SELECT count(*) FROM interests"
    assert await database.fetchval(interests) == 1  # what cannot be answered was not done
    assert await database.fetchval("SELECT attempts FROM inbox WHERE state = 'pending'") == 0
    await database.execute("DROP TRIGGER full_disk ON outbox")
    answered(telegram, "Added: meanwhile")
    assert await database.fetchval(interests) == 2
    assert len(telegram.messages(READER)) == 2


async def test_too_many_connections(
    app: App,
    telegram: TelegramControl,
    environment: dict[str, str],
    database: Pool,
    database_name: str,
) -> None:
    role = f"limited_{database_name}"
    await database.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0 IN ROLE hn_pal")
    url = environment["DATABASE_URL"].replace("hn_pal@", f"{role}@")
    process = app.start(DATABASE_URL=url)
    telegram.say(READER, "/topics meanwhile")
    wait_for_health(environment, "PostgreSQL has not answered yet: too many connections")
    assert confirmed_and_pending(telegram) == (0, 1)
    await database.execute(f"ALTER ROLE {role} CONNECTION LIMIT {CONNECTIONS}")
    answered(telegram, "Added: meanwhile")
    await database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role
    )
    works(process, telegram, environment)


def test_a_postgresql_that_is_not_there_yet(
    app: App, telegram: TelegramControl, environment: dict[str, str], postgresql_gate: Gate
) -> None:
    postgresql_gate.shut()
    process = app.start()
    telegram.say(READER, "/topics meanwhile")
    wait_for_health(environment, "PostgreSQL has not answered yet: ")
    assert confirmed_and_pending(telegram) == (0, 1)
    postgresql_gate.open()
    answered(telegram, "Added: meanwhile")
    works(process, telegram, environment)


def test_a_postgresql_that_never_answers(
    app: App, telegram: TelegramControl, environment: dict[str, str], postgresql_gate: Gate
) -> None:
    process = app.start()
    telegram.say(READER, "/topics before")
    answered(telegram, "Added: before")
    postgresql_gate.hang()
    telegram.say(READER, "/topics meanwhile")
    wait_for_health(environment, "PostgreSQL does not answer")
    assert confirmed_and_pending(telegram) == (1, 1)
    postgresql_gate.open()
    answered(telegram, "Added: meanwhile")
    works(process, telegram, environment)
    assert len(telegram.messages(READER)) == 3


def test_a_telegram_that_never_answers(
    app: App, telegram: TelegramControl, environment: dict[str, str]
) -> None:
    port = urlsplit(telegram.address).port
    assert port is not None
    with gate(port) as way:
        way.hang()
        process = app.start(TELEGRAM_API_URL=f"http://127.0.0.1:{way.port}")
        telegram.say(READER, "/topics meanwhile")
        wait_for_health(environment, "Telegram has not been polled yet")
        way.shut()
        wait_for_health(environment, "Telegram has not been polled yet: ")
        way.open()
        answered(telegram, "Added: meanwhile")
        works(process, telegram, environment)
        assert "token-of-the-test" not in app.log


@pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode,
    reason="no mount namespace of its own, so no names of its own for a process",
)
def test_an_unknown_place_name(
    app: App, telegram: TelegramControl, environment: dict[str, str], tmp_path: Path
) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(Path("/etc/hosts").read_text())
    own_names = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"')
    port = urlsplit(telegram.address).port
    process = app.start(
        within=(*own_names, str(hosts)), TELEGRAM_API_URL=f"http://telegram.invalid:{port}"
    )
    telegram.say(READER, "/topics meanwhile")
    wait_for_health(environment, "Telegram has not been polled yet: ")
    with hosts.open("a") as file:
        file.write("127.0.0.1 telegram.invalid\n")
    answered(telegram, "Added: meanwhile")
    works(process, telegram, environment)


def test_a_redis_that_never_answers(
    app: App,
    telegram: TelegramControl,
    hackernews: Control,
    environment: dict[str, str],
    redis_url: str,
) -> None:
    port = urlsplit(redis_url).port
    assert port is not None
    item = {"id": 1, "type": "story", "title": "Cheese", "time": int(time.time())}
    hackernews.post("items", {"items": {"1": item}, "lists": {"topstories": [1]}})
    with gate(port) as way:
        way.hang()
        process = app.start(REDIS_URL=f"redis://127.0.0.1:{way.port}/0")
        wait_until(lambda: "Redis is down" in app.log or None, "somebody to miss Redis", 60)
        works(process, telegram, environment)
