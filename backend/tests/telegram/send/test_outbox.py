"""The outbox says a thing once, in order within a chat, and repeats what is in doubt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.database.connection import Connection, Pool
from app.database.locks import Lock, leadership
from app.readers import store as readers
from app.telegram.api.updates import NO_CHAT
from app.telegram.send import claims, doubt, outbox, transitions
from app.telegram.send.claims import Claimant, QueuedMessage
from app.telegram.send.outbox import OutgoingMessage, Priority
from simulators.embedded import PostgreSQL


def outgoing(key: str, chat_id: int = 1, **options: Any) -> OutgoingMessage:
    return OutgoingMessage(
        key, chat_id, "sendMessage", {"chat_id": chat_id, "text": key}, **options
    )


ME, ANOTHER = Claimant("me"), Claimant("another")


async def depart(
    connection: Connection, limit: int = 10, busy: tuple[int, ...] = (), who: Claimant = ME
) -> list[QueuedMessage]:
    """Claim messages and let them leave."""
    claimed = await claims.claim(connection, who, limit, busy_chats=busy)
    return await claims.leave(connection, who, claimed)


async def texts(connection: Connection, limit: int = 10, busy: tuple[int, ...] = ()) -> list[str]:
    return [message.parameters["text"] for message in await depart(connection, limit, busy)]


async def take_over(connection: Connection, who: Claimant = ANOTHER) -> int:
    """Lead after a process that was killed."""
    async with connection.transaction():
        return await doubt.take_over(connection, who, (), ())


async def make_due(connection: Connection) -> None:
    await connection.execute("UPDATE outbox SET due_at = now()")


async def test_messages_postponed_or_claimed_by_a_fast_clock_are_sent(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a"), outgoing("b", 2), outgoing("c", 3)])
        ahead = "now() + interval '50 hours'"
        await connection.execute(f"UPDATE outbox SET due_at = {ahead} WHERE key = 'a'")
        await connection.execute(
            f"UPDATE outbox SET claimed_by = 'x', claimed_until = {ahead} WHERE key = 'b'"
        )
        [left] = await depart(connection, 1)
        assert left.parameters["text"] == "b"
        await transitions.retry_later(connection, left, 1e6, "429")
        assert await texts(connection) == ["c"]
        await transitions.adapt_to_clock(connection)
        assert await texts(connection) == ["a"]
        await connection.execute("UPDATE outbox SET due_at = due_at - interval '1 hour'")
        assert await texts(connection) == ["b"]


async def test_a_key_is_enqueued_once(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a"), outgoing("a", 2)])
        await outbox.enqueue(connection, [outgoing("a")])
        assert await texts(connection) == ["a"]


async def test_replies_precede_bulk_and_order_is_kept_within_a_chat(database: Pool) -> None:
    async with database.acquire() as connection:
        bulk = [outgoing(f"bulk {n}", n, priority=Priority.BULK) for n in (1, 2)]
        await outbox.enqueue(connection, [*bulk, outgoing("first", 3), outgoing("second", 3)])
        assert await texts(connection) == ["first", "bulk 1", "bulk 2"]
        assert await texts(connection) == []


async def test_a_busy_chat_does_not_hold_others_up(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a", 1), outgoing("b", 2)])
        assert await texts(connection, busy=(1,)) == ["b"]


async def test_calls_without_a_chat_wait_for_no_chat(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a", NO_CHAT), outgoing("b", 0)])
        assert await texts(connection) == ["a", "b"]


async def _leave_and_die(connection: Connection, message: OutgoingMessage) -> QueuedMessage:
    await outbox.enqueue(connection, [message])
    [left] = await depart(connection)
    return left


async def test_claimed_messages_are_not_in_doubt(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("digest")])
        assert len(await claims.claim(connection, ME, 1)) == 1
        assert await claims.claim(connection, ANOTHER, 1) == []
        assert await take_over(connection) == 0
        await connection.execute("UPDATE outbox SET claimed_until = now()")
        assert len(await claims.claim(connection, ANOTHER, 1)) == 1
        assert await connection.fetchval("SELECT doubts FROM outbox") == 0


async def test_only_the_commit_of_the_claim_does_not_wait_for_the_disk(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("digest")])
        assert len(await claims.claim(connection, ME, 1)) == 1
        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_a_claim_whose_answer_was_lost_is_claimed_again_at_once(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a"), outgoing("b", 2)])
        lost = await claims.claim(connection, ME, 2)
        assert await claims.claim(connection, ME, 2) == lost
        excluded = [message.id for message in lost]
        assert await claims.claim(connection, ME, 2, excluded=excluded) == []


async def test_messages_claimed_by_another_process_do_not_leave(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a")])
        mine = await claims.claim(connection, ME, 1)
        await connection.execute("UPDATE outbox SET claimed_until = now()")
        theirs = await claims.claim(connection, ANOTHER, 1)
        assert await claims.leave(connection, ME, mine) == []
        assert len(await claims.leave(connection, ANOTHER, theirs)) == 1


async def test_withdrawn_or_expired_messages_do_not_leave(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a"), outgoing("b", 2)])
        claimed = await claims.claim(connection, ME, 2)
        assert await outbox.withdraw(connection, "a")
        await connection.execute("UPDATE outbox SET expires_at = now()")
        assert await claims.leave(connection, ME, claimed) == []


async def test_nothing_leaves_without_leadership(
    database: Pool, postgresql_server: PostgreSQL, database_name: str
) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("a")])
        async with leadership(postgresql_server.dsn(database_name), Lock.TELEGRAM) as held:
            leader = Claimant("leader", held.pid)
            claimed = await claims.claim(connection, leader, 1)
            assert len(claimed) == 1
        assert await claims.leave(connection, leader, claimed) == []
        assert await claims.claim(connection, leader, 1) == []
        assert len(await claims.claim(connection, Claimant("leader"), 1)) == 1


async def test_messages_that_have_not_left_are_not_in_doubt(database: Pool) -> None:
    async with database.acquire() as connection:
        await _leave_and_die(connection, outgoing("digest"))
        assert await take_over(connection, ME) == 0
        assert await texts(connection) == ["digest"]


async def test_messages_in_doubt_are_repeated_after_growing_pauses(database: Pool) -> None:
    async with database.acquire() as connection:
        await _leave_and_die(connection, outgoing("digest", priority=Priority.BULK))
        pauses = []
        for _ in range(3):
            assert await take_over(connection) == 1
            assert await texts(connection) == []
            pauses.append(
                await connection.fetchval(
                    "SELECT extract(epoch FROM due_at - now())::float FROM outbox"
                )
            )
            await make_due(connection)
            assert await texts(connection) == ["digest"]
        assert [round(pause / doubt.FIRST_PAUSE) for pause in pauses] == [1, 2, 4]
        assert (await outbox.depth(connection)).doubted_lately == 1


async def test_expired_messages_in_doubt_are_left_to_the_operator(database: Pool) -> None:
    async with database.acquire() as connection:
        left = await _leave_and_die(connection, outgoing("reply"))
        await doubt.mark_in_doubt(connection, left, "timed out")
        [waiting] = await doubt.doubtful(connection, 10)
        assert waiting.waits
        await connection.execute("UPDATE outbox SET expires_at = now() - interval '1 second'")
        assert await transitions.expire(connection, 10) == 1
        assert not (await doubt.doubtful(connection, 10))[0].waits
        assert await doubt.resend(connection, None) == 1
        assert await texts(connection) == ["reply"]


async def test_calls_that_make_no_message_are_repeated(database: Pool) -> None:
    async with database.acquire() as connection:
        edit = OutgoingMessage("edit", 1, "editMessageText", {"chat_id": 1, "text": "edit"})
        await doubt.mark_in_doubt(connection, await _leave_and_die(connection, edit), "timed out")
        assert await doubt.count(connection) == 0
        await make_due(connection)
        assert await texts(connection) == ["edit"]


async def test_messages_in_doubt_of_the_previous_release_are_sent(database: Pool) -> None:
    """It never repeated a digest, and let the reader have its stories again."""
    async with database.acquire() as connection:
        await _digest_in_two_parts(connection)
        for _ in range(2):  # there and back, and there again
            await connection.execute("UPDATE outbox SET state = 'uncertain', claimed_by = NULL")
            await connection.execute("UPDATE digest_stories SET seen = FALSE")
            assert await take_over(connection) == 2
            assert await connection.fetchval("SELECT seen FROM digest_stories")
            assert len(await texts(connection)) == 2


async def test_waiting_for_other_reasons_does_not_make_a_pause_longer(database: Pool) -> None:
    async with database.acquire() as connection:
        left = await _leave_and_die(connection, outgoing("reply"))
        for _ in range(3):
            await transitions.retry_later(connection, left, 0, "429")
            [left] = await depart(connection)
        await doubt.mark_in_doubt(connection, left, "timed out")
        assert await connection.fetchval("SELECT doubts FROM outbox") == 1


async def test_a_former_leader_can_only_record_acceptance(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        former = await _leave_and_die(connection, outgoing("reply"))
        await take_over(connection)
        await make_due(connection)
        [left] = await depart(connection, who=ANOTHER)
        await transitions.retry_later(connection, former, 0, "no connection")
        await doubt.mark_in_doubt(connection, former, "timed out")
        await transitions.mark_failed(connection, former, "Bad Request")
        assert await texts(connection) == []
        await transitions.mark_sent(connection, {former.id: 5})
        await doubt.mark_in_doubt(connection, left, "timed out")
        assert await outbox.delivery_state(connection, "reply") == outbox.DeliveryState("sent", 5)


async def test_a_message_sent_twice_keeps_its_first_id(database: Pool) -> None:
    async with database.acquire() as connection:
        left = await _leave_and_die(connection, outgoing("reply"))
        await transitions.mark_sent(connection, {left.id: 5})
        await transitions.mark_sent(connection, {left.id: 6})
        assert await outbox.delivery_state(connection, "reply") == outbox.DeliveryState("sent", 5)


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
    parts = [outgoing(f"part {n}", n, digest_id=digest_id) for n in (1, 2)]
    await outbox.enqueue(connection, parts)
    return await depart(connection)


async def test_no_story_is_sent_again_to_a_reader_with_a_part_of_its_digest(database: Pool) -> None:
    seen = "SELECT seen FROM digest_stories"
    async with database.acquire() as connection:
        first, second = await _digest_in_two_parts(connection)
        await doubt.mark_in_doubt(connection, first, "no answer")
        assert await connection.fetchval(seen)  # for the second part may arrive
        await transitions.mark_sent(connection, {second.id: 5})
        assert await connection.fetchval(seen)


async def test_no_story_is_sent_again_to_a_reader_who_may_have_its_digest(database: Pool) -> None:
    async with database.acquire() as connection:
        parts = await _digest_in_two_parts(connection)
        for part in parts:
            await doubt.mark_in_doubt(connection, part, "no answer")
        await transitions.drop_for_chat(connection, 1, "blocked")
        await transitions.drop_for_chat(connection, 2, "blocked")
        assert await connection.fetchval("SELECT seen FROM digest_stories")


async def test_stories_that_arrived_after_all_are_seen(database: Pool) -> None:
    async with database.acquire() as connection:
        parts = await _digest_in_two_parts(connection)
        for part in parts:
            await transitions.mark_failed(connection, part, "Bad Request")
        await transitions.mark_sent(connection, {parts[0].id: 5})
        assert await connection.fetchval("SELECT seen FROM digest_stories")


async def test_the_stories_of_a_digest_that_did_not_arrive_may_come_again(database: Pool) -> None:
    async with database.acquire() as connection:
        for part in await _digest_in_two_parts(connection):
            await transitions.mark_failed(connection, part, "Bad Request")
        assert not await connection.fetchval("SELECT seen FROM digest_stories")


async def test_expired_messages_are_given_up_in_batches(
    database: Pool,
) -> None:
    gone = timedelta(seconds=-1)
    async with database.acquire() as connection:
        old = [outgoing(f"old {n}", n, lifetime=gone) for n in range(1, 6)]
        fresh = outgoing("fresh", 9, lifetime=timedelta(hours=1))
        await outbox.enqueue(connection, [*old, fresh, outgoing("ageless", 10)])
        assert [await transitions.expire(connection, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert await texts(connection) == ["fresh", "ageless"]


async def test_messages_to_former_readers_are_deleted_in_batches(database: Pool) -> None:
    async with database.acquire() as connection:
        await readers.create(
            connection, chat_id=1, kind="private", name="A", language="en", timezone="UTC"
        )
        await outbox.enqueue(connection, [outgoing(f"{n}", n) for n in range(5)])
        await connection.execute("UPDATE outbox SET state = 'sent' WHERE chat_id <> 4")
        assert [await transitions.delete_for_former_readers(connection, 1) for _ in range(3)] == [
            1,
            1,
            0,
        ]
        kept = await connection.fetch("SELECT chat_id FROM outbox ORDER BY chat_id")
    assert [row["chat_id"] for row in kept] == [NO_CHAT, 1, 4]


async def test_messages_being_sent_by_this_process_are_not_in_doubt(database: Pool) -> None:
    async with database.acquire() as connection:
        left = await _leave_and_die(connection, outgoing("reply"))
        async with connection.transaction():
            assert await doubt.take_over(connection, ME, [left.id], [left.id]) == 0
        assert await connection.fetchval("SELECT state FROM outbox") == "sending"


async def test_messages_behind_others_of_their_chat_are_scanned_once(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing(f"flood {n}") for n in range(1200)])
        await outbox.enqueue(connection, [outgoing("a", 2), outgoing("b", 3)])
        found = [text for _ in range(3) for text in await texts(connection)]
        assert found == ["flood 0", "a", "b"]
        blocked = "SELECT count(*) FROM outbox WHERE blocked"
        assert await connection.fetchval(blocked) == 1199
        left = await connection.fetchval("SELECT id FROM outbox WHERE chat_id = 1 AND NOT blocked")
        await transitions.mark_sent(connection, {left: 1})
        assert await connection.fetchval(blocked) == 1198
        assert await texts(connection) == ["flood 1"]


async def test_the_next_message_of_a_chat_follows_any_outcome(database: Pool) -> None:
    async with database.acquire() as connection:
        keys = [f"{n}" for n in range(5)]
        await outbox.enqueue(connection, [outgoing(key) for key in keys])
        assert await texts(connection) == ["0"]
        await connection.execute("UPDATE outbox SET state = 'failed' WHERE key = '0'")
        assert await outbox.withdraw(connection, "1")
        await connection.execute("DELETE FROM outbox WHERE key = '2'")
        assert await texts(connection) == ["3"]
        await outbox.move_chat(connection, 1, -1005)
        await transitions.mark_sent(connection, {(await _id_of(connection, "3")): 1})
        assert await texts(connection) == ["4"]


async def test_messages_in_doubt_do_not_delay_others(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("poison"), outgoing("next"), outgoing("last")])
        for _ in range(claims.MAX_DOUBTS_IN_ORDER):
            await make_due(connection)
            assert await texts(connection) == ["poison"]
            await take_over(connection)
            assert await texts(connection) == []
        await make_due(connection)
        assert await texts(connection) == ["poison"]
        await take_over(connection)
        assert await texts(connection) == ["next"]
        await make_due(connection)
        assert await texts(connection) == []  # nothing else while one is on its way


async def test_urgent_messages_are_sent_first(database: Pool) -> None:
    async with database.acquire() as connection:
        await outbox.enqueue(connection, [outgoing("bulk", priority=Priority.BULK)])
        assert len(await claims.claim(connection, ANOTHER, 1)) == 1
        await outbox.enqueue(connection, [outgoing("reply")])
        assert await texts(connection) == ["reply"]
        await transitions.mark_sent(connection, {(await _id_of(connection, "reply")): 1})
        await connection.execute("UPDATE outbox SET claimed_until = now()")
        assert await texts(connection) == ["bulk"]


async def _id_of(connection: Connection, key: str) -> int:
    row_id: int = await connection.fetchval("SELECT id FROM outbox WHERE key = $1", key)
    return row_id


async def test_the_queue_depth_reads_no_sent_messages(database: Pool) -> None:
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
        await connection.execute("UPDATE outbox SET known_message_id = 7")
        await outbox.move_chat(connection, -5, -1005)
        [message] = await claims.claim(connection, ME, 1)
        assert message.chat_id == message.parameters["chat_id"] == -1005
        # The supergroup's ids have nothing to do with the group's.
        assert await connection.fetchval("SELECT known_message_id FROM outbox") is None


async def _known_when_leaving(connection: Connection, chat_id: int, who: Claimant) -> int | None:
    await outbox.enqueue(connection, [outgoing(f"to {chat_id} of {who}", chat_id)])
    [left] = await depart(connection, who=who)
    known: int | None = await connection.fetchval(
        "SELECT known_message_id FROM outbox WHERE id = $1", left.id
    )
    return known


async def _sent(connection: Connection, chat_id: int, message_id: int, method: str) -> None:
    await outbox.enqueue(
        connection, [OutgoingMessage(f"{method} {message_id}", chat_id, method, {})]
    )
    row_id = await _id_of(connection, f"{method} {message_id}")
    await connection.execute("UPDATE outbox SET state = 'sending' WHERE id = $1", row_id)
    await transitions.mark_sent(connection, {row_id: message_id})


async def test_leaving_messages_record_the_greatest_known_id(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        began = await connection.fetchval("SELECT now()")
        who = Claimant("me", None, began)
        for chat_id, message_id in (1, 50), (-5, 70), (-1_000_000_000_007, 9):
            await _sent(connection, chat_id, message_id, "sendMessage")
        assert await _known_when_leaving(connection, 2, who) == 70
        assert await _known_when_leaving(connection, -1_000_000_000_007, who) == 9
        assert await _known_when_leaving(connection, -1_000_000_000_008, who) is None


async def test_an_id_from_before_the_lead_does_not_count_because_the_database_may_be_restored(
    database: Pool,
) -> None:
    async with database.acquire() as connection:
        await _sent(connection, 1, 50, "sendMessage")
        who = Claimant("me", None, await connection.fetchval("SELECT now()"))
        assert await _known_when_leaving(connection, 2, who) is None
        await _sent(connection, 1, 50, "editMessageText")
        assert await _known_when_leaving(connection, 3, who) is None
        await _sent(connection, 1, 500, "sendMessage")
        assert await _known_when_leaving(connection, 4, who) == 500
