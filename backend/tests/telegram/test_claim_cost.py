"""A claim reads no more rows when more messages wait or are postponed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.database.connection import Connection, Pool
from app.telegram.receive import claims as receive_claims
from app.telegram.send import claims, transitions
from app.telegram.send.claims import Claimant

WAITING = (1_000, 16_000)
MAX_RATIO = 1.5
ME = Claimant("me")


class Measured:
    """A connection that says how many pages of PostgreSQL its queries have read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.pages = 0

    async def fetch(self, query: str, *arguments: Any, **_: Any) -> list[Any]:
        explained = await self._connection.fetchval(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *arguments
        )
        plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
        self.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def pages(connection: Connection, act: Callable[[Any], Awaitable[object]]) -> int:
    """How many pages something reads; what it does is undone."""
    measured = Measured(connection)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await act(measured)
    finally:
        await transaction.rollback()
    return measured.pages


async def fill_others(connection: Connection) -> None:
    """So much waits in other chats that the indexes are as deep as they get."""
    await connection.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
        SELECT 'to ' || n, n, 'sendMessage', '{"text": "words"}', 2, TRUE
        FROM generate_series(100, 3000) AS n
        """
    )
    await connection.execute("VACUUM ANALYZE outbox")


async def fill_outbox(connection: Connection, count: int) -> None:
    """So many replies wait in one chat."""
    await connection.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
        SELECT 'flood ' || n, 7, 'sendMessage', '{"chat_id": 7, "text": "words"}', 0, TRUE
        FROM generate_series(1, $1) AS n
        """,
        count,
    )


async def pass_all(connection: Connection) -> None:
    """As if claims had met all that waits behind the chat's first message, and PostgreSQL knew."""
    await connection.execute(
        """
        UPDATE outbox SET blocked = TRUE
        WHERE chat_id = 7 AND id <> (SELECT min(id) FROM outbox WHERE chat_id = 7)
        """
    )
    await connection.execute("VACUUM ANALYZE outbox")


@pytest.mark.parametrize("analysed", [True, False])
async def test_of_messages_behind_one_chats(database: Pool, *, analysed: bool) -> None:
    async with database.acquire() as connection:
        await fill_others(connection)

        async def claim(measured: Any) -> None:
            await claims.claim(measured, ME, 1, busy_chats=[7])

        alone = await pages(connection, claim)
        assert alone > 0
        for count in WAITING:
            await connection.execute("DELETE FROM outbox WHERE chat_id = 7")
            await fill_outbox(connection, count)
            await pass_all(connection)
            if not analysed:
                await connection.execute("DELETE FROM pg_statistic")
            assert await pages(connection, claim) <= MAX_RATIO * alone, count


async def test_of_a_reply_to_the_flooding_chat_itself(database: Pool) -> None:
    async with database.acquire() as connection:

        async def claim(measured: Any) -> None:
            await claims.claim(measured, ME, 1)

        await fill_outbox(connection, 1)
        await fill_others(connection)  # to the end of the page that the first lies on
        alone = await pages(connection, claim)
        for count in WAITING:
            await connection.execute("DELETE FROM outbox WHERE chat_id = 7")
            await fill_outbox(connection, count)
            await pass_all(connection)
            assert await pages(connection, claim) <= MAX_RATIO * alone, count


async def test_a_flood_goes_out_in_order(database: Pool) -> None:
    async with database.acquire() as connection:
        await fill_outbox(connection, 3000)
        for number in range(1, 4):
            [message] = await claims.leave(connection, ME, await claims.claim(connection, ME, 1))
            assert message.id
            key = await connection.fetchval("SELECT key FROM outbox WHERE id = $1", message.id)
            assert key == f"flood {number}"
            await transitions.mark_sent(connection, {message.id: number})


async def test_of_chats_whose_updates_are_put_off(database: Pool) -> None:
    async with database.acquire() as connection:

        async def claim(measured: Any) -> None:
            await receive_claims.claim(measured, 50)

        async def fill(first: int, count: int, due: str) -> None:
            await connection.execute(
                f"""
                INSERT INTO inbox (update_id, chat_id, payload, due_at)
                SELECT n, n, '{{}}', {due} FROM generate_series($1::int, $1 + $2 - 1) AS n
                """,
                first,
                count,
            )

        await fill(100_000, 3000, "now()")
        await connection.execute("VACUUM ANALYZE inbox")
        alone = await pages(connection, claim)
        for count in WAITING:
            await connection.execute("DELETE FROM inbox WHERE update_id < 100000")
            await fill(1, count, "now() + interval '10 seconds'")
            await connection.execute("VACUUM ANALYZE inbox")
            assert await pages(connection, claim) <= MAX_RATIO * alone, count
