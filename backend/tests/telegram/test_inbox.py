"""The inbox keeps every update once, in order within a chat."""

from __future__ import annotations

from typing import Any

import pytest

from app.database.connection import Pool
from app.telegram import inbox


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


async def test_an_update_is_stored_once(database: Pool) -> None:
    async with database.acquire() as connection:
        assert await inbox.store(connection, [message(1), message(2)]) == 2
        assert await inbox.store(connection, [message(2), message(3)]) == 1


async def test_only_the_oldest_update_of_a_chat_is_claimed(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7), message(3, 8)])
        async with connection.transaction():
            first = await inbox.claim(connection, 10)
            await inbox.mark_done(connection, [1])
            second = await inbox.claim(connection, 10)
    assert [update.update_id for update in first] == [1, 3]
    assert [update.update_id for update in second] == [2, 3]


async def test_two_instances_never_claim_the_same_update(database: Pool) -> None:
    async with database.acquire() as one, database.acquire() as two:
        await inbox.store(one, [message(1, 7), message(2, 7), message(3, 8)])
        async with one.transaction(), two.transaction():
            first = await inbox.claim(one, 1)
            second = await inbox.claim(two, 10)
    assert [update.update_id for update in first] == [1]
    assert [update.update_id for update in second] == [3]


async def test_a_failing_update_holds_its_chat_back_until_it_is_parked(database: Pool) -> None:
    async with database.acquire() as connection:
        await inbox.store(connection, [message(1, 7), message(2, 7)])
        for attempt in range(3):
            async with connection.transaction():
                update = await inbox.claim_one(connection, 1)
                assert update is not None
                assert update.attempts == attempt
                parked = await inbox.record_failure(connection, update, "no")
                assert await inbox.claim(connection, 10) == [] or parked
        async with connection.transaction():
            assert [update.update_id for update in await inbox.claim(connection, 10)] == [2]
        depth = await inbox.depth(connection)
    assert (depth.pending, depth.parked) == (1, 1)


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800 alone", "\\u0000 as letters", "👍", "\udcff\x00\\"]
)
async def test_what_jsonb_cannot_hold_does_not_stop_a_batch(database: Pool, text: str) -> None:
    async with database.acquire() as connection:
        assert await inbox.store(connection, [message(1, text=text), message(2)]) == 2
        async with connection.transaction():
            [update] = await inbox.claim(connection, 10)
    stored = update.payload["message"]["text"]
    assert stored == text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode().replace(
        "?", "\ufffd"
    )


@pytest.mark.parametrize(
    ("update", "chat_id"),
    [
        ({"update_id": 1, "callback_query": {"id": "1", "message": {"chat": {"id": 5}}}}, 5),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -1001234567890}}}, -1001234567890),
        ({"update_id": 1, "message": {"chat": {"id": 2**80}}}, inbox.NO_CHAT),
        ({"update_id": 1, "message": "not an object"}, inbox.NO_CHAT),
        ({"update_id": 1}, inbox.NO_CHAT),
    ],
)
def test_the_chat_of_any_update(update: dict[str, Any], chat_id: int) -> None:
    assert inbox.chat_of(update) == chat_id


@pytest.mark.parametrize("update", [None, [], {}, {"update_id": "1"}, {"update_id": 2**63}])
def test_an_update_without_a_usable_id_cannot_be_stored(update: object) -> None:
    assert not inbox.is_storable(update)
