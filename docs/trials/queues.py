# /// script
# requires-python = ">=3.11"
# dependencies = ["asyncpg==0.32.0", "pgqueuer==1.6.0", "procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9"]
# ///
"""Three queues on PostgreSQL doing the inbox's work: 2,000 updates of 200 chats, in order within a chat.

    uv run docs/trials/queues.py postgresql://user@host:port/an_empty_database

Each handles an update by writing one reply row. What is asked of each: how fast, is a chat's order kept, and
what happens to effects whose worker is cancelled between the effect and the "done" mark.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import timedelta

import asyncpg
import procrastinate
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

UPDATES = 2000
CHATS = 200
logging.disable(logging.WARNING)


def updates() -> list[dict[str, int]]:
    return [{"update_id": n, "chat_id": n % CHATS} for n in range(UPDATES)]


async def reset(pool: asyncpg.Pool) -> None:
    await pool.execute("DROP TABLE IF EXISTS replies")
    await pool.execute("CREATE TABLE replies (n bigint GENERATED ALWAYS AS IDENTITY, chat_id bigint, update_id bigint)")


async def report(pool: asyncpg.Pool, name: str, seconds: float) -> None:
    rows = await pool.fetch("SELECT chat_id, update_id FROM replies ORDER BY n")
    newest: dict[int, int] = {}
    disordered = 0
    for row in rows:
        disordered += row["update_id"] < newest.get(row["chat_id"], -1)
        newest[row["chat_id"]] = row["update_id"]
    print(f"{name:14} {len(rows) / seconds:7.0f} updates/s   {len(rows)} handled, {disordered} out of order")


async def own_tables(pool: asyncpg.Pool) -> None:
    await pool.execute("DROP TABLE IF EXISTS inbox")
    await pool.execute("CREATE TABLE inbox (update_id bigint PRIMARY KEY, chat_id bigint, done boolean DEFAULT false)")
    await pool.execute("CREATE INDEX ON inbox (chat_id, update_id) WHERE NOT done")
    await pool.executemany(
        "INSERT INTO inbox VALUES ($1, $2)", [(u["update_id"], u["chat_id"]) for u in updates()]
    )
    started = time.perf_counter()
    handled = 1
    while handled:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(
                """
                SELECT update_id, chat_id FROM inbox AS this
                WHERE NOT done AND NOT EXISTS (
                  SELECT FROM inbox AS earlier WHERE NOT earlier.done
                  AND earlier.chat_id = this.chat_id AND earlier.update_id < this.update_id)
                ORDER BY update_id LIMIT 50 FOR UPDATE SKIP LOCKED
                """
            )
            for row in rows:
                await connection.execute(
                    "INSERT INTO replies (chat_id, update_id) VALUES ($1, $2)", row["chat_id"], row["update_id"]
                )
            await connection.execute(
                "UPDATE inbox SET done = true WHERE update_id = ANY($1)", [row["update_id"] for row in rows]
            )
            handled = len(rows)
    await report(pool, "own tables", time.perf_counter() - started)


async def with_pgqueuer(pool: asyncpg.Pool) -> None:
    driver = AsyncpgPoolDriver(pool)
    queries = Queries(driver)
    await queries.install()
    payloads = [json.dumps(update).encode() for update in updates()]
    await queries.enqueue(["update"] * UPDATES, payloads, [0] * UPDATES)
    queue = PgQueuer(driver)

    @queue.entrypoint("update")
    async def handle(job) -> None:  # noqa: ANN001 - as in its manual
        update = json.loads(job.payload)
        await pool.execute(
            "INSERT INTO replies (chat_id, update_id) VALUES ($1, $2)", update["chat_id"], update["update_id"]
        )

    started = time.perf_counter()
    await queue.run(mode=QueueExecutionMode.drain, batch_size=50, dequeue_timeout=timedelta(seconds=1))
    await report(pool, "PgQueuer", time.perf_counter() - started)


async def with_procrastinate(pool: asyncpg.Pool, dsn: str) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn))

    @app.task(name="update")
    async def handle(chat_id: int, update_id: int) -> None:
        await pool.execute("INSERT INTO replies (chat_id, update_id) VALUES ($1, $2)", chat_id, update_id)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for update in updates():
            await handle.configure(lock=str(update["chat_id"])).defer_async(**update)
        started = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=50, install_signal_handlers=False)
        await report(pool, "Procrastinate", time.perf_counter() - started)


async def main() -> None:
    dsn = sys.argv[1]
    async with asyncpg.create_pool(dsn) as pool:
        await reset(pool)
        await own_tables(pool)
        await reset(pool)
        await with_pgqueuer(pool)
        await reset(pool)
        await with_procrastinate(pool, dsn)


if __name__ == "__main__":
    asyncio.run(main())
