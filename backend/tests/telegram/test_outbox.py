"""The outbox says a thing once, in order within a chat, and repeats only what may be repeated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.database.connection import Connection, Pool
from app.readers import store as readers
from app.telegram import outbox, outbox_claims
from app.telegram.outbox import OutgoingMessage, Priority
from app.telegram.outbox_claims import QueuedMessage


def outgoing(key: str, chat_id: int = 1, **options: Any) -> OutgoingMessage:
    return OutgoingMessage(
        key, chat_id, "sendMessage", {"chat_id": chat_id, "text": key}, **options
    )


async def texts(connection: Connection, limit: int = 10, busy: tuple[int, ...] = ()) -> list[str]:
    return [
        message.parameters["text"] for message in await outbox_claims.claim(connection, limit, busy)
    ]


async def test_the_same_key_is_said_once(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a"), outgoing("a", 2)])
        await outbox.enqueue(connection, [outgoing("a")])
        assert await texts(connection) == ["a"]


async def test_replies_go_before_bulk_and_a_chat_keeps_its_order(database: Pool) -> None:
    async with database.acquire() as connection:
        bulk = [outgoing(f"bulk {n}", n, priority=Priority.BULK) for n in (1, 2)]
        await outbox.enqueue(connection, [*bulk, outgoing("first", 3), outgoing("second", 3)])
        assert await texts(connection) == ["first", "bulk 1", "bulk 2"]
        assert await texts(connection) == []


async def test_a_busy_chat_does_not_hold_others_up(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a", 1), outgoing("b", 2)])
        assert await texts(connection, busy=(1,)) == ["b"]


async def test_what_says_nothing_into_a_chat_waits_for_no_chat(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a", outbox.NO_CHAT), outgoing("b", 0)])
        assert await texts(connection) == ["a", "b"]


async def _claim_and_die(connection: Connection, message: OutgoingMessage) -> QueuedMessage:
    await outbox.enqueue(connection, [message])
    [claimed] = await outbox_claims.claim(connection, 1, ())
    return claimed


async def test_a_reply_that_a_killed_process_was_sending_is_repeated(database: Pool) -> None:
    async with database.acquire() as connection:
        await _claim_and_die(connection, outgoing("reply"))
        for _ in range(outbox_claims.MOST_REPEATS):
            async with connection.transaction():
                assert await outbox_claims.resolve_doubt(connection, []) == 1
            assert await texts(connection) == ["reply"]
        async with connection.transaction():
            assert await outbox_claims.resolve_doubt(connection, []) == 1
        assert await texts(connection) == []
        assert (await outbox.depth(connection)).uncertain == 1


async def test_a_reply_without_an_answer_is_repeated_once(database: Pool) -> None:
    async with database.acquire() as connection:
        claimed = await _claim_and_die(connection, outgoing("reply"))
        await outbox_claims.mark_in_doubt(connection, claimed, "timed out")
        await connection.execute("UPDATE outbox SET due_at = now()")
        [again] = await outbox_claims.claim(connection, 1, ())
        await outbox_claims.mark_in_doubt(connection, again, "timed out")
        await connection.execute("UPDATE outbox SET due_at = now()")
        assert await texts(connection) == []


async def test_waiting_for_other_reasons_does_not_cost_a_reply_its_repetition(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        claimed = await _claim_and_die(connection, outgoing("reply"))
        for _ in range(3):
            await outbox_claims.retry_later(connection, claimed, 0, "429")
            [claimed] = await outbox_claims.claim(connection, 1, ())
        await outbox_claims.mark_in_doubt(connection, claimed, "timed out")
        await connection.execute("UPDATE outbox SET due_at = now()")
        assert await texts(connection) == ["reply"]


async def test_what_a_former_leader_learns_too_late_changes_nothing(database: Pool) -> None:
    async with database.acquire() as connection:
        former = await _claim_and_die(connection, outgoing("reply"))
        async with connection.transaction():
            await outbox_claims.resolve_doubt(connection, [])
        [claimed] = await outbox_claims.claim(connection, 1, ())
        await outbox_claims.retry_later(connection, former, 0, "no connection")
        await outbox_claims.mark_in_doubt(connection, former, "timed out")
        assert await texts(connection) == []
        await outbox_claims.mark_sent(connection, {claimed.id: 5})
        assert (await outbox.depth(connection)).uncertain == 0


async def test_bulk_in_doubt_is_not_repeated(database: Pool) -> None:
    async with database.acquire() as connection:
        await _claim_and_die(connection, outgoing("digest", repeatable=False))
        async with connection.transaction():
            await outbox_claims.resolve_doubt(connection, [])
        assert await texts(connection) == []


async def _digest_in_two_parts(connection: Connection) -> list[QueuedMessage]:
    """A digest of one story, of which both parts are on their way."""
    await connection.execute(
        "INSERT INTO stories (id, kind, title, posted_at) VALUES (7, 'story', 'Cheese', now())"
    )
    await readers.create(
        connection, chat_id=1, kind="private", name="A", language="en", timezone="UTC"
    )
    digest_id = await connection.fetchval(
        "INSERT INTO digests (chat_id, kind, local_day) VALUES (1, 'daily', now()) RETURNING id"
    )
    await connection.execute(
        "INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)"
        " VALUES ($1, 7, 1, 1, 1)",
        digest_id,
    )
    parts = [outgoing(f"part {n}", n, repeatable=False, digest_id=digest_id) for n in (1, 2)]
    await outbox.enqueue(connection, parts)
    return await outbox_claims.claim(connection, 2, ())


async def test_no_story_comes_again_to_who_has_a_part_of_its_digest(database: Pool) -> None:
    seen = "SELECT seen FROM digest_stories"
    async with database.acquire() as connection:
        first, second = await _digest_in_two_parts(connection)
        await outbox_claims.mark_in_doubt(connection, first, "no answer")
        assert await connection.fetchval(seen)  # for the second part may arrive
        await outbox_claims.mark_sent(connection, {second.id: 5})
        assert await connection.fetchval(seen)


async def test_the_stories_of_a_digest_that_did_not_arrive_may_come_again(database: Pool) -> None:
    async with database.acquire() as connection:
        for part in await _digest_in_two_parts(connection):
            await outbox_claims.mark_failed(connection, part, "Bad Request")
        assert not await connection.fetchval("SELECT seen FROM digest_stories")


async def test_what_is_not_worth_sending_any_more_is_given_up_a_batch_at_a_time(
    database: Pool,
) -> None:
    gone = timedelta(seconds=-1)
    async with database.acquire() as connection:
        old = [outgoing(f"old {n}", n, lifetime=gone) for n in range(1, 6)]
        fresh = outgoing("fresh", 9, lifetime=timedelta(hours=1))
        await outbox.enqueue(connection, [*old, fresh, outgoing("ageless", 10)])
        assert [await outbox_claims.expire(connection, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert await texts(connection) == ["fresh", "ageless"]


async def test_goodbyes_are_forgotten_a_batch_at_a_time_when_they_are_said(database: Pool) -> None:
    async with database.acquire() as connection:
        await readers.create(
            connection, chat_id=1, kind="private", name="A", language="en", timezone="UTC"
        )
        await outbox.enqueue(connection, [outgoing(f"{n}", n) for n in range(5)])
        await connection.execute("UPDATE outbox SET state = 'sent' WHERE chat_id <> 4")
        assert [await outbox_claims.forget_goodbyes(connection, 1) for _ in range(3)] == [1, 1, 0]
        kept = await connection.fetch("SELECT chat_id FROM outbox ORDER BY chat_id")
    assert [row["chat_id"] for row in kept] == [outbox.NO_CHAT, 1, 4]


async def test_what_this_process_is_sending_is_not_in_doubt(database: Pool) -> None:
    async with database.acquire() as connection:
        claimed = await _claim_and_die(connection, outgoing("reply"))
        async with connection.transaction():
            assert await outbox_claims.resolve_doubt(connection, [claimed.id]) == 0


async def test_to_see_how_much_waits_nothing_that_was_sent_is_read(database: Pool) -> None:
    async with database.acquire() as connection, connection.transaction():
        await outbox.enqueue(connection, [outgoing("waits"), outgoing("doubtful", 2)])
        await connection.execute("UPDATE outbox SET state = 'uncertain' WHERE chat_id = 2")
        found = await outbox.depth(connection)
        assert (found.pending, found.uncertain) == (1, 1)
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(line for (line,) in await connection.fetch(f"EXPLAIN {outbox.DEPTH}"))
    assert "ix_outbox_chat_waiting" in plan and "ix_outbox_uncertain" in plan


async def test_a_migrated_group_is_followed(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a", -5)])
        await outbox.move_chat(connection, -5, -1005)
        [message] = await outbox_claims.claim(connection, 1, ())
        assert message.chat_id == message.parameters["chat_id"] == -1005
