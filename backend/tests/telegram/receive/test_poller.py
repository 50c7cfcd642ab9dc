"""The poller confirms only what is in the inbox, and no update, however odd, stops it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.database.connection import Pool
from app.health import Health
from app.telegram.api.client import POLL_SECONDS, BotApi
from app.telegram.api.outcomes import Accepted, PollConflictError, PollError, UnreadableUpdatesError
from app.telegram.receive import poller as poller_module
from app.telegram.receive.poller import Poller
from simulators.control import TelegramControl
from simulators.processes import service

Answer = list[Any] | PollError


class Telegram:
    """Gives one scripted answer after another, then none; remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[int | None, int]] = []
        self.waits: list[int] = []
        self.done = asyncio.Event()

    async def get_updates(self, offset: int | None, limit: int, seconds: int) -> list[Any]:
        self.asked.append((offset, limit))
        self.waits.append(seconds)
        if not self._answers:
            self.done.set()
            await asyncio.Event().wait()
        answer = self._answers.pop(0)
        if isinstance(answer, PollError):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "UNUSABLE_PAUSE", "CONFLICT_PAUSE", "MAX_PAUSE", "MIN_POLL_SECONDS":
        monkeypatch.setattr(poller_module, name, 0.0)


async def poll(
    database: Pool, *answers: Answer, health: Health | None = None
) -> tuple[Telegram, dict[int, str]]:
    """What was asked, and the states of the updates in the inbox."""
    telegram = Telegram(*answers)
    poller = Poller(database, telegram, health or Health(), lambda: None)  # type: ignore[arg-type]
    polling = asyncio.create_task(poller.run(None))
    await asyncio.wait(
        [polling, asyncio.create_task(telegram.done.wait())], return_when=asyncio.FIRST_COMPLETED
    )
    assert not polling.done(), polling.exception()
    polling.cancel()
    rows = await database.fetch("SELECT update_id, state FROM inbox")
    return telegram, dict(map(tuple, rows))


def message(update_id: int, **more: Any) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": 1}, **more}}


def unreadable(*ids: int) -> UnreadableUpdatesError:
    error = UnreadableUpdatesError("not JSON")
    error.payload = "".join(f'{{"update_id": {number}, "message": [[[' for number in ids)
    return error


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


async def test_gaps_repetitions_and_lower_ids_are_all_taken(database: Pool) -> None:
    telegram, states = await poll(
        database, [message(10), message(90)], [message(90), message(91)], [message(5)], []
    )
    assert [offset for offset, _ in telegram.asked] == [None, 91, 92, 6, 6]
    assert states == dict.fromkeys([5, 10, 90, 91], "pending")


@pytest.mark.parametrize("odd", [float("inf"), nested(20_000), 10**400])
async def test_only_unstorable_updates_of_a_batch_are_parked(database: Pool, odd: object) -> None:
    telegram, states = await poll(database, [message(1), message(2, odd=odd), message(3)])
    assert telegram.asked[-1][0] == 4
    assert states[1] == states[3] == "pending"
    assert states[2] == ("pending" if odd == 10**400 else "parked")


async def test_only_unreadable_updates_are_parked(database: Pool) -> None:
    telegram, states = await poll(
        database, unreadable(1, 2), [message(1)], unreadable(2, 3), unreadable(2), [message(3)]
    )
    assert telegram.asked == [(None, 100), (None, 1), (2, 100), (2, 1), (3, 1), (4, 100)]
    assert states == {1: "pending", 2: "parked", 3: "pending"}


async def test_a_batch_without_ids_confirms_nothing(database: Pool) -> None:
    telegram, states = await poll(database, [{}, None, {"update_id": "x"}], [message(7)])
    assert [offset for offset, _ in telegram.asked] == [None, None, 8]
    assert states == {7: "pending"}


async def test_failed_polls_are_tried_again(database: Pool) -> None:
    conflict = PollConflictError("another program polls")
    _, states = await poll(database, conflict, PollError("502"), [message(7)])
    assert states == {7: "pending"}


async def test_long_polling_begins_after_the_first_answer(database: Pool) -> None:
    conflict = PollConflictError("an instance that starts polls once")
    telegram, _ = await poll(database, conflict, [], [], conflict, [])
    assert telegram.waits == [0, 0, POLL_SECONDS, POLL_SECONDS, 0, POLL_SECONDS]


async def test_only_a_second_conflict_is_another_program(database: Pool) -> None:
    conflict = PollConflictError("another program polls")
    alone, rivalled = Health(), Health()
    await poll(database, conflict, [message(7)], health=alone)
    await poll(database, conflict, [message(7)], conflict, health=rivalled)
    assert alone.conflict_at is None
    assert rivalled.poll_failure == Health.CONFLICT


async def test_the_webhook_of_whatever_ran_the_bot_before_is_deleted(database: Pool) -> None:
    with service("telegram") as address:
        telegram, api = TelegramControl(address), BotApi("42:token", address)
        telegram.say(1001, "before")
        assert isinstance(await api.call("setWebhook", {"url": "https://example.org"}), Accepted)
        stored = asyncio.Event()
        polling = asyncio.create_task(Poller(database, api, Health(), stored.set).run(None))
        await stored.wait()
        assert await database.fetchval("SELECT count(*) FROM inbox") == 1
        polling.cancel()
        await api.close()


async def test_polls_without_new_updates_are_spaced(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def pause(poller: Poller, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(poller_module, "MIN_POLL_SECONDS", 60.0)
    monkeypatch.setattr(Poller, "_pause", pause)
    health, again = Health(), [message(7)]
    await poll(database, again, *[again] * 40, health=health)
    # Not after the first that repeats something, which is usual after a restart.
    assert len(pauses) == 39 and min(pauses) > 50
    assert health.idle_polls == 40


async def test_a_poll_that_brings_something_new_ends_the_pauses(database: Pool) -> None:
    health, again = Health(), [message(7)]
    await poll(database, again, again, again, [message(8)], health=health)
    assert health.idle_polls == 0


async def test_after_a_long_silence_no_offset_hides_lower_ids(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "SILENCE_SECONDS", -1.0)
    telegram, _ = await poll(database, [message(900)], [], [message(3)])
    assert [offset for offset, _ in telegram.asked] == [None, 901, None, 4]
