"""The connections of all programs on the host fit into PostgreSQL's limit."""

from __future__ import annotations

import re

from app.database.connection import CONNECTIONS, Pool
from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import ROOT, App, start_python
from tests.process.test_first_digest import stories

RESERVED = 3  # superuser_reserved_connections, which only a superuser gets
MIGRATIONS = 2
CHATS = 200


def test_the_sum_in_the_manual_fits_the_server() -> None:
    compose = (ROOT / "docker-compose.prod.yml").read_text()
    manual = (ROOT / "docs" / "operations.md").read_text()
    [allowed] = re.findall(r"-cmax_connections=(\d+)", compose)
    [table] = re.findall(r"\| who \| connections \|\n\|---\|---\|\n((?:\|.*\n)+)", manual)
    *rows, total = re.findall(r"\| \**(\d+)\** \|\n", table)
    assert f"takes {allowed} (`max_connections`" in manual
    assert int(rows[0]) == 2 * CONNECTIONS
    assert int(rows[1]) == MIGRATIONS
    assert sum(map(int, rows)) == int(total) <= int(allowed) - RESERVED


async def test_two_apps_and_a_migration_need_no_more(
    app: App,
    telegram: TelegramControl,
    hackernews: Control,
    environment: dict[str, str],
    database: Pool,
    database_name: str,
) -> None:
    """PostgreSQL refuses whatever they ask for beyond it."""
    role = f"counted_{database_name}"
    await database.execute(
        f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {2 * CONNECTIONS + MIGRATIONS} IN ROLE hn_pal"
    )
    url = environment["DATABASE_URL"].replace("hn_pal@", f"{role}@")
    hackernews.post("items", stories(20))
    for _ in range(2):
        app.start(DATABASE_URL=url)
    await database.execute(
        "INSERT INTO readers (chat_id, kind) SELECT n, 'private' FROM generate_series(1, $1) AS n",
        CHATS,
    )
    telegram.post("say", [{"chat_id": n, "text": "/digest"} for n in range(1, CHATS + 1)])
    environment = environment | {"DATABASE_URL": url}
    migration = start_python("-m", "app.database.migrate", environment=environment)
    wait_until(lambda: telegram.get("state")["accepted"] >= CHATS or None, "answers", 90)
    assert migration.wait(60) == 0
    assert "too many connections" not in app.log
