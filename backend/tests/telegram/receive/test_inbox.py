"""The inbox keeps every update once, in order within a chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.database.connection import Connection, Pool
from app.telegram.api.updates import NO_CHAT
from app.telegram.receive import claims, inbox


def message(update_id: int, chat_id: int = 1, text: str = "hello") -> dict[str, Any]:
    return {
        "update_id": update_id,
        "message": {
            "message_id": 1,
            "date": 0,
            "chat": {"id": chat_id, "type": "private"},
            "text": text,
        },
    }


async def ids(connection: Connection, limit: int = 10, after: int | None = None) -> list[int]:
    """The updates that are claimed."""
    claimed = await claims.claim(connection, limit, after_chat=after)
    return [update.update_id for update in claimed.updates]


async def test_an_update_is_stored_once(database: Pool) -> None:
    async with database.acquire() as connection:
        assert await inbox.store(connection, [message(1), message(2)]) == 2
        assert await inbox.store(connection, [message(2), message(3)]) == 1


async def test_only_the_oldest_update_of_a_chat_is_claimed(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7), message(3, 8)])
        async with connection.transaction():
            assert await ids(connection) == [1, 3]
            await inbox.mark_done(connection, [1])
            assert await ids(connection) == [2, 3]


async def test_chats_are_claimed_in_turn(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(n, n) for n in range(1, 6)])
        async with connection.transaction():
            assert await ids(connection, 2) == [1, 2]
            assert await ids(connection, 3, after=2) == [3, 4, 5]
            assert await ids(connection, 3, after=4) == [5, 1, 2]


async def test_a_postponed_update_holds_back_only_its_chat(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7), message(3, 8), message(4, 7)])
        async with connection.transaction():
            await inbox.postpone(connection, [1], timedelta(seconds=10))
            claimed = await claims.claim(connection, 10)
            assert [update.update_id for update in claimed.updates] == [3]
            assert claimed.behind == [7]
            assert await claims.put_off_behind(connection, claimed.behind) == 2
            assert (await claims.claim(connection, 10)).behind == []
            await inbox.make_due(connection, 1)
            assert await ids(connection) == [1, 3]
            await inbox.mark_done(connection, [1])
            assert await ids(connection) == [2, 3]
            await inbox.mark_done(connection, [2])
            assert await ids(connection) == [4, 3]


async def test_postponed_updates_become_due_also_those_of_an_older_release(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7)])
        async with connection.transaction():
            await connection.execute("UPDATE inbox SET due_at = received_at + interval '1 ms'")
            await connection.execute("UPDATE inbox SET received_at = received_at - interval '1 s'")
            await connection.execute("UPDATE inbox SET due_at = due_at - interval '1 s'")
            assert await ids(connection) == [1]
            # It marks updates as done and knows nothing of the next.
            await connection.execute("UPDATE inbox SET state = 'done' WHERE update_id = 1")
            assert await ids(connection) == [2]


async def test_two_instances_never_claim_the_same_update(database: Pool) -> None:
    async with database.acquire() as one, database.acquire() as two:
        await inbox.store(one, [message(1, 7), message(2, 7), message(3, 8)])
        async with one.transaction(), two.transaction():
            assert await ids(one, 1) == [1]
            assert await ids(two) == [3]


async def test_a_failing_update_holds_its_chat_back_until_it_is_parked(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7)])
        for attempt in range(3):
            async with connection.transaction():
                update = await inbox.claim_one(connection, 1)
                assert update is not None
                assert update.attempts == attempt
                is_dead = await inbox.record_failure(connection, update, "no")
                assert await ids(connection) == ([2] if is_dead else [])
        async with connection.transaction():
            assert await ids(connection) == [2]
        depth = await inbox.depth(connection)
    assert (depth.pending, depth.dead_letters) == (1, 1)


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800 alone", "\\u0000 as letters", "👍", "\udcff\x00\\"]
)
async def test_updates_that_jsonb_refuses_do_not_stop_a_batch(database: Pool, text: str) -> None:
    async with database.acquire() as connection:
        assert await inbox.store(connection, [message(1, text=text), message(2)]) == 2
        async with connection.transaction():
            [update] = (await claims.claim(connection, 10)).updates
    stored = update.payload["message"]["text"]
    assert stored == text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode().replace(
        "?", "\ufffd"
    )


@pytest.mark.parametrize(
    ("update", "chat_id"),
    [
        ({"update_id": 1, "callback_query": {"id": "1", "message": {"chat": {"id": 5}}}}, 5),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -1001234567890}}}, -1001234567890),
        ({"update_id": 1, "message": {"chat": {"id": 2**80}}}, NO_CHAT),
        ({"update_id": 1, "message": "not an object"}, NO_CHAT),
        ({"update_id": 1}, NO_CHAT),
    ],
)
def test_the_chat_of_any_update(update: dict[str, Any], chat_id: int) -> None:
    assert inbox.chat_of(update) == chat_id


@pytest.mark.parametrize("update", [None, [], {}, {"update_id": "1"}, {"update_id": 2**63}])
def test_an_update_without_a_usable_id_cannot_be_stored(update: object) -> None:
    assert not inbox.is_storable(update)


async def test_updates_postponed_by_a_fast_clock_are_handled(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [{"update_id": 1}])
        await connection.execute("UPDATE inbox SET due_at = now() + interval '50 hours'")
        await inbox.adapt_to_clock(connection)
        async with connection.transaction():
            assert await ids(connection) == [1]
