"""Drafts are shown while there is room, and never stand in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from time import monotonic
from typing import Any

import pytest

from app.telegram.api.client import BotApi
from app.telegram.send.breaker import Breaker
from app.telegram.send.capabilities import Capabilities
from app.telegram.send.drafts import METHOD, Drafts
from app.telegram.send.limits import Limits, Rates
from simulators.control import TelegramControl
from simulators.processes import service

TOKEN = "42:drafts"
READER, OTHER = 5001, 5002


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with service("telegram", "--token", TOKEN) as address:
        yield TelegramControl(address)


@pytest.fixture
async def api(telegram: TelegramControl) -> AsyncIterator[BotApi]:
    api = BotApi(TOKEN, telegram.address)
    yield api
    await api.close()


def make(api: BotApi, *, leads: bool = True, limits: Limits | None = None) -> Drafts:
    return Drafts(api, limits or Limits(Rates(30, 1, 20)), Breaker(), Capabilities(), lambda: leads)


def shown(telegram: TelegramControl) -> list[Any]:
    return [(one["chat_id"], one["draft_id"], one["text"]) for one in telegram.get("drafts")]


async def test_a_draft_is_shown_and_can_be_stopped(api: BotApi, telegram: TelegramControl) -> None:
    drafts = make(api)
    await drafts.show(READER, 7, "")
    await drafts.show(OTHER, 8, "It is <b>fast</b>")
    assert shown(telegram) == [(READER, 7, ""), (OTHER, 8, "It is fast")]
    assert all(one["can_stop"] for one in telegram.get("drafts"))
    assert telegram.messages() == []


async def test_the_next_one_in_a_chat_waits_for_its_turn(
    api: BotApi, telegram: TelegramControl
) -> None:
    limits = Limits(Rates(30, 1, 20))
    drafts = make(api, limits=limits)
    for number in range(3):
        await drafts.show(READER, 7, f"{number}")
    assert shown(telegram) == [(READER, 7, "0")]
    assert READER in limits.busy_chats(monotonic())


async def test_nothing_is_shown_when_half_of_the_rate_is_used(
    api: BotApi, telegram: TelegramControl
) -> None:
    limits = Limits(Rates(10, 1, 20))
    now = monotonic()
    for chat_id in range(5):
        limits.restore(chat_id, now)
    await make(api, limits=limits).show(READER, 7, "x")
    assert shown(telegram) == []


async def test_only_the_leader_shows_drafts(api: BotApi, telegram: TelegramControl) -> None:
    drafts = make(api, leads=False)
    assert not drafts.available
    await drafts.show(READER, 7, "x")
    assert shown(telegram) == []


async def test_a_server_without_drafts_is_asked_once(
    api: BotApi, telegram: TelegramControl
) -> None:
    telegram.post("settings", {"unsupported": [METHOD]})
    drafts = make(api)
    assert drafts.available
    for chat_id in READER, OTHER:
        await drafts.show(chat_id, 7, "x")
    assert not drafts.available
    assert telegram.get("state")["counts"][METHOD] == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "retry_after": 7},
        {"kind": "status", "status": 403, "description": "Forbidden: bot was blocked by the user"},
        {"kind": "drop"},
        {"kind": "status", "status": 400, "description": "Bad Request: whatever it is"},
    ],
)
async def test_errors_of_drafts_are_ignored(
    api: BotApi, telegram: TelegramControl, trouble: dict[str, Any]
) -> None:
    telegram.post("trouble", {"method": METHOD, "times": 1, **trouble})
    limits = Limits(Rates(30, 0, 20))
    drafts = make(api, limits=limits)
    await drafts.show(READER, 7, "x")
    assert shown(telegram) == []
    assert drafts.available
    if "retry_after" in trouble:
        assert READER in limits.busy_chats(monotonic())


async def test_groups_get_no_drafts(api: BotApi, telegram: TelegramControl) -> None:
    await make(api).show(-1000000000001, 7, "x")
    assert shown(telegram) == []
