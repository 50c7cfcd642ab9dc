"""An upgrade from the previous release and a rollback, with its database and full queues."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from app.telegram.send.sender import MIN_IN_FLIGHT
from simulators.control import TelegramControl, wait_until
from simulators.embedded import PostgreSQL
from simulators.processes import ROOT, App, Process

RELEASE_BEFORE = "73f7414"
DATABASE = "way_back"
# So few messages a second that the queues stay full.
PACE = {"TELEGRAM_MESSAGES_PER_SECOND": "8"}
ASKING, WITH_DIGEST, WITH_NEWS = range(1, 31), range(101, 121), range(201, 221)
EXPORTING = range(301, 306)
# What the release before has queued: a digest in two parts each, and an operator's broadcast.
QUEUED = """
    WITH story AS (
      INSERT INTO stories (id, kind, title, posted_at, article_state)
      VALUES (7, 'story', 'Cheese', now(), 'none')
      RETURNING id),
    reader AS (
      INSERT INTO readers (chat_id, kind) SELECT n, 'private' FROM generate_series(101, 305) AS n
      RETURNING chat_id),
    digest AS (
      INSERT INTO digests (chat_id, kind, local_day)
      SELECT chat_id, 'daily', now() FROM reader WHERE chat_id BETWEEN 101 AND 120
      RETURNING id, chat_id),
    chosen AS (
      INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
      SELECT digest.id, story.id, chat_id, 1, 1 FROM digest, story)
    INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, digest_id)
    SELECT 'digest:' || id || ':' || part, chat_id, 'sendMessage',
           jsonb_build_object('chat_id', chat_id, 'text', 'Digest, part ' || part), 2, FALSE, id
    FROM digest, generate_series(0, 1) AS part
    UNION ALL
    SELECT 'broadcast:1:' || chat_id, chat_id, 'sendMessage',
           jsonb_build_object('chat_id', chat_id, 'text', 'News'), 2, FALSE, NULL
    FROM reader WHERE chat_id BETWEEN 201 AND 220
"""
WAITING = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
UNSETTLED = """
    SELECT (SELECT count(*) FROM outbox WHERE state <> 'sent' AND chat_id <> 0)
         + (SELECT count(*) FROM data_exports WHERE state = 'pending')
         + (SELECT count(*) FROM inbox WHERE state <> 'done')
"""


@pytest.fixture
def code_before(tmp_path: Path) -> Path:
    archive = subprocess.run(
        ["git", "archive", RELEASE_BEFORE, "backend"], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode != 0:
        pytest.skip(f"the repository's history does not reach back to {RELEASE_BEFORE}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before" / "backend"


@pytest.fixture
async def old_database(postgresql_server: PostgreSQL) -> AsyncIterator[str]:
    """The address of a database without a table."""
    connection = await asyncpg.connect(postgresql_server.dsn())
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    yield postgresql_server.url(DATABASE)
    await connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    await connection.close()


@dataclass(slots=True)
class Releases:
    """Starts one release or the other on the same database."""

    code_before: Path
    environment: dict[str, str]
    app: App
    log: Path
    started: list[Process] = field(default_factory=list)

    def before(self) -> Process:
        # Without its pipeline, whose dependencies were others.
        command = [sys.executable, "-m", "app.main", "--standby"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.code_before,
                env={**os.environ, **self.environment, "PYTHONPATH": str(self.code_before)},
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def now(self) -> Process:
        return self.app.start(DATABASE_URL=self.environment["DATABASE_URL"], **PACE)


@pytest.fixture
def releases(
    app: App,
    code_before: Path,
    old_database: str,
    environment: dict[str, str],
    tmp_path: Path,
) -> Iterator[Releases]:
    settings = environment | {"DATABASE_URL": old_database} | PACE
    releases = Releases(code_before, settings, app, tmp_path / "log before")
    yield releases
    for process in releases.started:
        process.kill()
        process.wait()


async def test_upgrade_and_rollback_with_full_queues(
    releases: Releases, telegram: TelegramControl, postgresql_server: PostgreSQL
) -> None:
    """Each is killed while messages leave, wait and are in doubt, and the other goes on."""

    def until_accepted(more: int) -> None:
        most = telegram.get("state")["accepted"] + more
        wait_until(lambda: telegram.get("state")["accepted"] >= most or None, "progress", 90)

    def kill(process: Process) -> None:
        process.kill()
        process.wait()

    process = releases.before()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1, 90)
    connection = await asyncpg.connect(postgresql_server.dsn(DATABASE))
    await connection.execute(QUEUED)
    telegram.post("say", [{"chat_id": chat, "text": "/help"} for chat in ASKING])
    until_accepted(8)
    kill(process)
    # It gives up a digest in doubt, and has its stories chosen again.
    await connection.execute(
        """
        WITH given_up AS (
          UPDATE outbox SET state = 'uncertain', doubts = 1
          WHERE id = (SELECT id FROM outbox WHERE state = 'pending' AND digest_id IS NOT NULL
                      ORDER BY id LIMIT 1)
          RETURNING digest_id)
        UPDATE digest_stories SET seen = FALSE
        WHERE digest_id IN (SELECT digest_id FROM given_up)
        """
    )
    assert await connection.fetchval(WAITING) > 40

    process = releases.now()
    until_accepted(8)
    asking = [{"chat_id": chat, "text": "/export_my_data"} for chat in EXPORTING]
    telegram.post("say", asking)
    until_accepted(8)
    telegram.trouble("sendMessage", "drop_after", times=2)  # what is in doubt goes back, too
    until_accepted(4)
    kill(process)
    states = await connection.fetch("SELECT state, count(*) FROM outbox GROUP BY state")
    assert {row["state"] for row in states} >= {"pending", "sent"}
    assert await connection.fetchval(WAITING) > 15

    process = releases.before()
    until_accepted(8)
    kill(process)
    process = releases.now()
    async with asyncio.timeout(180):
        while await connection.fetchval(UNSETTLED):  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.2)
    assert process.poll() is None
    assert await connection.fetchval("SELECT count(*) FROM digest_stories WHERE NOT seen") == 0
    await connection.close()

    copies = Counter(
        (one["chat_id"], one["message"].get("text") or one["message"]["document"]["file_name"])
        for one in telegram.get("sent")
    )
    for chats, things in (ASKING, 1), (WITH_DIGEST, 2), (WITH_NEWS, 1), (EXPORTING, 1):
        for chat in chats:
            assert sum(owner == chat for owner, _ in copies) >= things, chat
    # What was on its way at a kill, and the two whose answers were lost.
    twice = sum(number - 1 for number in copies.values())
    assert twice <= 3 * MIN_IN_FLIGHT + 2


def test_the_release_before_is_one_that_migrates_from_there(code_before: Path) -> None:
    """Its newest revision is one of this release's, which go on from it."""
    revisions = {path.name for path in (code_before / "migrations/versions").glob("0*.py")}
    assert revisions <= {path.name for path in (ROOT / "backend/migrations/versions").glob("0*.py")}
