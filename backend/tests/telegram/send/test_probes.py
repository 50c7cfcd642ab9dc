"""Doubt is resolved by looking whether the message exists, and looking changes nothing."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.concurrency import Signal
from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.api.outcomes import Accepted, InDoubt
from app.telegram.api.probe import ProbeAnswer, ProbesRefusedError, probe
from app.telegram.send import probes
from app.telegram.send.breaker import Breaker
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.message_ids import MAX_BEYOND
from app.telegram.send.probes import MAX_GUESSES, DoubtProbes
from simulators.telegram.control import STATE
from simulators.telegram.flood import FloodLimits
from simulators.telegram.server import make_app
from simulators.telegram.state import BOT_USER, CallFault, TelegramState

ADA, BOB, CAROL, OPERATOR = 11, 12, 14, 13
NONE = FloodLimits(0, 0, 0, 0)


@dataclass(slots=True)
class ProbedTelegram:
    """The simulated Telegram, what the outbox knows of it, and the probes."""

    state: TelegramState
    api: BotApi
    database: Pool
    breaker: Breaker = field(default_factory=Breaker)

    async def send(self, chat_id: int) -> int:
        """A message that the outbox does not know."""
        taken = await self.api.call("sendMessage", {"chat_id": chat_id, "text": "words"})
        assert isinstance(taken, Accepted) and taken.message_id is not None
        return taken.message_id

    async def send_known(self, chat_id: int) -> int:
        """A message that was sent and recorded just now."""
        message_id = await self.send(chat_id)
        await self.database.execute(
            """
            INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state,
                                sending_at, sent_at, message_id)
            VALUES ($1, $2, 'sendMessage', '{}', 0, TRUE, 'sent', now(), now(), $3)
            """,
            f"known:{message_id}",
            chat_id,
            message_id,
        )
        return message_id

    async def doubt(
        self, chat_id: int, known: int, seconds_ago: float = 31, key: str = "doubtful"
    ) -> None:
        """A message that left after the id `known` was given, and whose answer was lost."""
        await self.database.execute(
            """
            INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, doubts,
                                doubt_since, attempts, sending_at, known_message_id)
            VALUES ($4, $1, 'sendMessage', '{}', 2, TRUE, 1, now(), 1,
                    now() - make_interval(secs => $3), $2)
            """,
            chat_id,
            known,
            seconds_ago,
            key,
        )

    async def change(self, assignment: str) -> None:
        """Change the row of the message in doubt."""
        await self.database.execute(f"UPDATE outbox SET {assignment} WHERE key = 'doubtful'")

    def probes(self) -> DoubtProbes:
        limits = Limits(Rates(0, 0, 0))
        return DoubtProbes(self.database, self.api, limits, self.breaker, OPERATOR)

    async def look(self, looking: DoubtProbes) -> None:
        for doubt in await looking.hold():
            await looking.resolve(doubt)

    async def outcome(self, key: str = "doubtful") -> tuple[str, int | None]:
        """What is decided: `sent` and the message's id, `repeated`, or `held`."""
        await self.look(self.probes())
        return await self.became(key)

    async def became(self, key: str = "doubtful") -> tuple[str, int | None]:
        row = await self.database.fetchrow(
            """
            SELECT CASE WHEN state = 'sent' THEN 'sent'
                        WHEN due_at <= now() THEN 'repeated' ELSE 'held' END, message_id
            FROM outbox WHERE key = $1
            """,
            key,
        )
        assert row is not None
        return row[0], row[1]


@pytest.fixture
async def probed(database: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProbedTelegram]:
    monkeypatch.setattr(probes, "CHAT_SECONDS", 0.0)
    monkeypatch.setattr(probes, "OVERALL_SECONDS", 0.0)
    async with TestServer(make_app(limits=NONE)) as server:
        api = BotApi("42:token", str(server.make_url("")).rstrip("/"))
        yield ProbedTelegram(server.app[STATE], api, database)
        await api.close()


def messages(state: TelegramState) -> dict[int, list[dict[str, object]]]:
    return {chat.id: copy.deepcopy(chat.messages) for chat in state.chats.values()}


async def test_a_message_that_arrived_is_not_sent_again(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(BOB)  # another doubt's, or the host's
    arrived = await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    before = messages(probed.state)
    assert await probed.outcome() == ("sent", arrived)
    assert messages(probed.state) == before


@pytest.mark.parametrize("count", [15, 30])
async def test_many_in_doubt_together_take_few_probes(probed: ProbedTelegram, count: int) -> None:
    """They have a minute, and two probes a second."""
    known = await probed.send_known(ADA)
    arrived = {}
    for number in range(count):
        arrived[number] = await probed.send(100 + number)
        await probed.doubt(100 + number, known, 40 - number / 10, key=f"doubtful {number}")
    await probed.send_known(ADA)
    looking = probed.probes()
    doubts = await looking.hold()
    await asyncio.gather(*(looking.resolve(doubt) for doubt in doubts))
    for number, message_id in arrived.items():
        assert await probed.became(f"doubtful {number}") == ("sent", message_id)
    assert probed.state.counts["stopMessageLiveLocation"] <= 4 * len(arrived)


async def test_an_id_from_another_sequence_excludes_nothing(probed: ProbedTelegram) -> None:
    """A supergroup counts its messages itself, so both have the same ids."""
    group = -1_000_000_000_011
    await probed.send_known(BOB)
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    while (in_group := await probed.send(group)) < arrived:
        pass
    await probed.doubt(group, in_group - 1, 32, key="in the group")
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    await probed.send_known(BOB)
    await probed.database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state,
                            sending_at, sent_at, message_id)
        VALUES ('later', $1, 'sendMessage', '{}', 0, TRUE, 'sent', now(), now(), $2)
        """,
        group,
        await probed.send(group),
    )
    looking = probed.probes()
    await probed.look(looking)
    assert await probed.became("in the group") == ("sent", in_group)
    assert await probed.became() == ("sent", arrived)


async def test_a_message_that_never_arrived_is_sent_again(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(BOB)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)


async def test_no_probe_is_made_if_every_id_is_known(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


async def test_two_unknown_messages_leave_the_doubt(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)


async def test_a_tap_proves_a_message_without_a_probe(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    tap = {"callback_query": {"message": {"message_id": arrived, "chat": {"id": ADA}}}}
    await probed.database.execute(
        "INSERT INTO inbox (update_id, chat_id, payload) VALUES (1, $1, $2)", ADA, tap
    )
    assert await probed.outcome() == ("sent", arrived)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


async def test_a_message_is_found_before_all_of_them_must_have_arrived(
    probed: ProbedTelegram,
) -> None:
    known = await probed.send_known(ADA)
    message_id = await probed.send(ADA)
    await probed.send_known(BOB)
    await probed.doubt(ADA, known, 1)
    assert await probed.outcome() == ("sent", message_id)


async def test_a_message_that_may_still_arrive_costs_few_probes_and_is_looked_for_later(
    probed: ProbedTelegram,
) -> None:
    known = await probed.send_known(ADA)
    for chat in range(100, 112):
        await probed.send(chat)  # unknown ids
    await probed.send_known(BOB)
    await probed.doubt(ADA, known, 1)
    probes = probed.probes()
    for _ in range(3):
        await probed.look(probes)
    assert (await probed.became())[0] == "held"
    assert probed.state.counts["stopMessageLiveLocation"] <= MAX_GUESSES


async def test_a_message_that_left_while_the_clock_was_ahead_is_left_to_the_rule(
    probed: ProbedTelegram,
) -> None:
    """Held until a minute after it left, it would wait as long as the clock was ahead."""
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, -50 * 3600)
    assert await probed.probes().hold() == []
    assert await probed.became() == ("repeated", None)


async def test_a_decided_message_is_not_held_again(probed: ProbedTelegram) -> None:
    """Otherwise one that the sender has not repeated at once would wait another minute."""
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, 40)
    await probed.send_known(ADA)
    probes = probed.probes()
    await probed.look(probes)
    for _ in range(2):
        assert await probes.hold() == []
    assert await probed.became() == ("repeated", None)


async def test_absence_is_not_decided_before_a_request_must_have_arrived(
    probed: ProbedTelegram,
) -> None:
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, seconds_ago=20)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("held", None)


async def test_without_a_later_id_a_message_can_only_be_found(probed: ProbedTelegram) -> None:
    await probed.send_known(BOB)
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, seconds_ago=40)
    await probed.change("due_at = now()")
    looking = probed.probes()
    for _ in range(3):
        await probed.look(looking)
        assert await probed.became() == ("held", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 2 + MAX_BEYOND + 1  # once
    arrived = await probed.send(ADA)
    assert await probed.outcome() == ("sent", arrived)


async def test_without_a_later_id_the_rule_decides(probed: ProbedTelegram) -> None:
    await probed.send_known(BOB)
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, seconds_ago=40)
    await probed.change("sending_at = sending_at - interval '30 s', due_at = now()")
    assert await probed.outcome() == ("repeated", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


async def test_no_probe_is_made_while_the_breaker_is_open(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    for _ in range(3):
        probed.breaker.record_outcome(InDoubt("504"), 0)
    assert await probed.outcome() == ("held", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


async def test_an_opening_breaker_ends_probing(
    probed: ProbedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)

    async def silent(api: BotApi, chat_id: int, message_id: int) -> ProbeAnswer:
        for _ in range(3):
            probed.breaker.record_outcome(InDoubt("504"), 0)
        return await probe(api, chat_id, message_id)

    with monkeypatch.context() as patched:
        patched.setattr(probes, "probe", silent)
        assert await probed.outcome() == ("held", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 1
    probed.breaker.record_outcome(Accepted(1), 0)
    assert await probed.outcome() == ("sent", arrived)


async def test_pauses_of_sending_do_not_count(
    probed: ProbedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    await probed.doubt(ADA, known, seconds_ago=1)
    looking, now = probed.probes(), 1000.0
    monkeypatch.setattr(probes, "monotonic", lambda: now)
    for _ in range(3):
        probed.breaker.record_outcome(InDoubt("504"), 0)
    for _ in range(5):
        await probed.look(looking)
        now += 59
        await probed.change("sending_at = sending_at - interval '59 s', due_at = now()")
    await probed.look(looking)
    assert await probed.became() == ("held", None)
    probed.breaker.record_outcome(Accepted(1), 0)
    await probed.send_known(BOB)
    await probed.look(looking)
    assert await probed.became() == ("sent", arrived)


async def test_the_rule_decides_some_time_after_sending_resumes(
    probed: ProbedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await probed.send_known(ADA)
    await probed.doubt(ADA, known, seconds_ago=1)
    looking, now = probed.probes(), 1000.0
    monkeypatch.setattr(probes, "monotonic", lambda: now)
    for _ in range(3):
        probed.breaker.record_outcome(InDoubt("504"), 0)
    await probed.look(looking)
    probed.breaker.record_outcome(Accepted(1), 0)
    now += 61
    await probed.change("sending_at = sending_at - interval '61 s', due_at = now()")
    await probed.look(looking)
    assert await probed.became() == ("repeated", None)


async def test_a_new_leader_looks_for_what_left_long_before(probed: ProbedTelegram) -> None:
    """Processes that were killed soon after their start had no time for it."""
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    await probed.doubt(ADA, known, seconds_ago=300)
    await probed.send_known(BOB)
    looking = probed.probes()
    decided = asyncio.Event()
    running = asyncio.create_task(looking.run(Signal(), decided.set))
    async with asyncio.timeout(10):
        await decided.wait()
    running.cancel()
    await asyncio.wait([running])
    assert await probed.became() == ("sent", arrived)


async def test_possible_copies_of_other_messages_leave_the_doubt(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known, key="another")
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)
    assert await probed.became("another") == ("repeated", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


async def test_two_copies_of_one_message_that_left_twice_are_enough(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.change("attempts = 2")
    await probed.send_known(BOB)
    assert await probed.outcome() == ("sent", arrived)


@pytest.mark.parametrize(
    "assignment",
    [
        "method = 'sendDocument'",
        """parameters = '{"reply_markup": {"force_reply": true}}'""",
        "known_message_id = NULL",
        "doubts = 6",
    ],
)
async def test_methods_without_probes_are_left_to_the_rule(
    probed: ProbedTelegram, assignment: str
) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.change(assignment)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 0


@pytest.mark.parametrize("others", [20, 40, 80])
async def test_at_most_twenty_ids_are_probed(probed: ProbedTelegram, others: int) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    for _ in range(others):
        await probed.send(BOB)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    looking = probed.probes()
    for _ in range(3):
        await probed.look(looking)
    assert await probed.became() == ("held", None)
    assert probed.state.counts["stopMessageLiveLocation"] <= 20
    await probed.change("sending_at = sending_at - interval '30 s', due_at = now()")
    await probed.look(looking)
    assert await probed.became() == ("repeated", None)


@pytest.mark.parametrize("others", [30, 300])
async def test_a_message_is_found_once_people_s_messages_are_received(
    probed: ProbedTelegram, others: int
) -> None:
    """After an outage, polling resumes up to half a minute after sending."""
    known = await probed.send_known(ADA)
    arrived = await probed.send(ADA)
    chat = probed.state.chat(BOB)
    said = [
        probed.state.new_message(chat, {"from": {"id": BOB}, "text": "x"}) for _ in range(others)
    ]
    await probed.doubt(ADA, known, 32)
    await probed.send_known(CAROL)
    looking = probed.probes()
    for _ in range(2):
        await probed.look(looking)
    assert await probed.became() == ("held", None)
    await probed.database.executemany(
        "INSERT INTO inbox (update_id, chat_id, payload) VALUES ($1, $2, $3)",
        [(one["message_id"], BOB, {"message": one}) for one in said],
    )
    await probed.look(looking)
    assert await probed.became() == ("sent", arrived)


async def test_a_reply_to_another_bot_in_a_group_proves_nothing(probed: ProbedTelegram) -> None:
    group = -5
    probed.state.chat(group, type="group")
    known = await probed.send_known(group)
    other = probed.state.new_message(probed.state.chat(group), {"from": {"id": 7, "is_bot": True}})
    await probed.doubt(group, known)
    await probed.send_known(BOB)
    reply = {"message": {"chat": {"id": group}, "reply_to_message": other}}
    await probed.database.execute(
        "INSERT INTO inbox (update_id, chat_id, payload) VALUES (1, $1, $2)", group, reply
    )
    assert await probed.outcome() == ("repeated", None)


async def test_a_supergroup_counts_for_itself(probed: ProbedTelegram) -> None:
    group = -1_000_000_000_007
    known = await probed.send_known(group)
    arrived = await probed.send(group)
    for _ in range(30):
        await probed.send(BOB)
    await probed.doubt(group, known)
    await probed.send_known(ADA)
    assert await probed.outcome() == ("held", None)
    await probed.send_known(group)
    assert await probed.outcome() == ("sent", arrived)


async def test_a_429_ends_probing(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.send(BOB)
    await probed.doubt(ADA, known)
    await probed.doubt(BOB, known, key="another")
    await probed.send_known(BOB)
    probed.state.troubles.append(
        CallFault("stopMessageLiveLocation", "status", status=429, retry_after=30)
    )
    assert await probed.outcome() == ("repeated", None)
    assert await probed.became("another") == ("repeated", None)
    assert probed.state.counts["stopMessageLiveLocation"] == 1


async def test_probes_are_spaced(probed: ProbedTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a second, and one in each chat."""
    monkeypatch.setattr(probes, "CHAT_SECONDS", 1.0)
    monkeypatch.setattr(probes, "OVERALL_SECONDS", 0.5)
    now, asked = 1000.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def ask(api: BotApi, chat_id: int, message_id: int) -> ProbeAnswer:
        asked.append((now, chat_id))
        return ProbeAnswer.NONE

    monkeypatch.setattr(probes, "monotonic", lambda: now)
    monkeypatch.setattr(probes.asyncio, "sleep", sleep)
    monkeypatch.setattr(probes, "probe", ask)
    looking = probed.probes()
    for chat_id in (ADA, BOB, ADA, ADA, BOB, 14, 15, ADA):
        await looking._ask(chat_id, 1)
    assert all(later - earlier >= 0.5 for (earlier, _), (later, _) in pairwise(asked))
    for chat in (ADA, BOB):
        in_chat = [at for at, chat_id in asked if chat_id == chat]
        assert all(later - earlier >= 1.0 for earlier, later in pairwise(in_chat))


async def test_the_operators_chat_is_left_to_the_rule(probed: ProbedTelegram) -> None:
    known = await probed.send_known(OPERATOR)
    await probed.send(OPERATOR)
    await probed.doubt(OPERATOR, known)
    await probed.send_known(BOB)
    assert await probed.outcome() == ("repeated", None)


@pytest.mark.parametrize(
    "trouble",
    [
        CallFault("stopMessageLiveLocation", "status", status=429, retry_after=3),
        CallFault("stopMessageLiveLocation", "status", status=400, description="Bad Request: no"),
        CallFault("stopMessageLiveLocation", "drop"),
    ],
)
async def test_other_answers_leave_the_doubt(probed: ProbedTelegram, trouble: CallFault) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    probed.state.troubles.append(trouble)
    assert await probed.outcome() == ("repeated", None)


async def test_unknown_error_texts_leave_the_doubt(probed: ProbedTelegram) -> None:
    known = await probed.send_known(ADA)
    await probed.send(ADA)
    await probed.doubt(ADA, known)
    await probed.send_known(BOB)
    probed.state.chats[ADA].forced_replies.append(known)  # the control answers as another's
    assert await probed.outcome() == ("repeated", None)


async def test_probe_answers_are_classified(probed: ProbedTelegram) -> None:
    ours = await probed.send(ADA)
    theirs = probed.state.new_message(probed.state.chat(ADA), {"from": {"id": ADA}, "text": "x"})
    assert await probe(probed.api, ADA, ours) is ProbeAnswer.OURS
    assert await probe(probed.api, ADA, theirs["message_id"]) is ProbeAnswer.ANOTHERS
    assert await probe(probed.api, BOB, ours) is ProbeAnswer.NONE
    probed.state.troubles.append(CallFault("*", "status", status=429, retry_after=3))
    with pytest.raises(ProbesRefusedError):
        await probe(probed.api, ADA, ours)


MESSAGE = st.tuples(
    st.sampled_from((ADA, BOB, -5, -1000000000007)),
    st.sampled_from(("ours", "theirs", "forced", "deleted", "document")),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.lists(MESSAGE, max_size=12))
async def test_no_probe_changes_a_message(
    probed: ProbedTelegram, said: list[tuple[int, str]]
) -> None:
    state = probed.state
    for chat_id, kind in said:
        chat = state.chat(chat_id)
        sender = {"id": ADA} if kind == "theirs" else BOT_USER
        content = {"document": {"file_id": "f"}} if kind == "document" else {"text": kind}
        message = state.new_message(chat, {"from": sender, **content})
        if kind == "forced":
            chat.forced_replies.append(message["message_id"])
        elif kind == "deleted":
            chat.messages.remove(message)
    before = messages(state)
    ids = {one["message_id"] for chat in state.chats.values() for one in chat.messages}
    for chat_id in state.chats:
        for message_id in [*ids, 10**9]:
            await probe(probed.api, chat_id, int(str(message_id)))
    assert messages(state) == before


HAPPENING = st.tuples(
    st.sampled_from((ADA, BOB, -5)),
    st.sampled_from(("known", "unknown", "received", "forced", "deleted")),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.lists(HAPPENING, max_size=4),
    after=st.lists(HAPPENING, max_size=6),
    fate=st.sampled_from(("arrived", "late", "never")),
)
async def test_only_existing_messages_are_recorded_as_sent(
    probed: ProbedTelegram, before: list[tuple[int, str]], after: list[tuple[int, str]], fate: str
) -> None:
    """Whatever else was said around it, and whether it arrived in time, late or never."""
    await probed.database.execute("TRUNCATE outbox, inbox CASCADE")
    for chat_id, kind in before:
        await happen(probed, chat_id, kind)
    await probed.send_known(ADA)
    await probed.doubt(ADA, await probed.send_known(BOB))
    arrived = await probed.send(ADA) if fate == "arrived" else None
    for chat_id, kind in after:
        await happen(probed, chat_id, kind)
    await probed.send_known(BOB)
    messages_before = messages(probed.state)
    became, message_id = await probed.outcome()
    assert messages(probed.state) == messages_before
    if fate == "late":
        await probed.send(ADA)
    assert (became, message_id) == (("repeated", None) if arrived is None else ("sent", arrived))


async def happen(probed: ProbedTelegram, chat_id: int, kind: str) -> None:
    """Somebody says something."""
    chat = probed.state.chat(chat_id, type="group" if chat_id < 0 else "private")
    match kind:
        case "known":
            await probed.send_known(chat_id)
        case "received":
            said = probed.state.new_message(chat, {"from": {"id": ADA}, "text": "x"})
            await probed.database.execute(
                "INSERT INTO inbox (update_id, chat_id, payload) VALUES ($1, $2, $3)",
                said["message_id"],
                chat_id,
                {"message": said},
            )
        case "unknown" if chat_id == ADA:
            # Nothing of the bot's own is unknown in a chat, unless it was in doubt as well.
            await probed.send_known(chat_id)
        case _:
            message_id = await probed.send(chat_id)
            if kind == "forced":
                chat.forced_replies.append(message_id)
            elif kind == "deleted":
                chat.messages.pop()
