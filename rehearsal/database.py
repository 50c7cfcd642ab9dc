"""Queries the product's PostgreSQL on the host."""

from __future__ import annotations

import shlex
import time

from rehearsal.lab.host import Host

PSQL = "docker exec -i hnpal-postgres psql -U hn_pal -d hn_pal --no-psqlrc -qtA -v ON_ERROR_STOP=1"

# The app deletes finished messages to chats that are not readers within minutes.
COUNTED = {"outbox": "WHERE EXISTS (SELECT FROM readers WHERE readers.chat_id = outbox.chat_id)"}

UNSETTLED = """
    SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))
         + (SELECT count(*) FROM inbox WHERE state <> 'done')
"""


def query(host: Host, sql: str) -> str:
    """The result, with columns separated by `|` and one row per line."""
    return host.ssh(f"{PSQL} -c {shlex.quote(sql)}").strip()


def row_counts(host: Host) -> dict[str, int]:
    """The number of rows of each of the product's tables, without those that it deletes soon."""
    tables = query(host, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split()
    counts = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table} {COUNTED.get(table, '')}" for table in tables
    )
    rows = (line.split("|") for line in query(host, counts).splitlines())
    return {table: int(count) for table, count in rows}


def wait_for_queues(host: Host, seconds: float) -> int:
    """Wait until both queues are empty, within `seconds`. Returns the number of rows left."""
    deadline = time.monotonic() + seconds
    while (left := int(query(host, UNSETTLED))) and time.monotonic() < deadline:
        time.sleep(1)
    return left
