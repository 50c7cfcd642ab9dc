"""Where the operator's chat is a group, its members are no operators."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.database.connection import Pool
from app.telegram.api.client import BotApi
from simulators.control import TelegramControl
from tests.telegram.chat import GROUP, TOKEN, Said, Talk, message, settings

ADMIN, MEMBER, LISTED = 7001, 7002, 7003


@pytest.fixture
async def api(telegram: TelegramControl) -> AsyncIterator[BotApi]:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADMIN]})
    api = BotApi(TOKEN, telegram.address)
    yield api
    await api.close()


async def group(database: Pool, api: BotApi, *listed: int) -> Talk:
    configured = settings(admin_chat_id=GROUP, admin_user_ids=frozenset(listed))
    talk = Talk(database, configured, api)
    await talk.onboarded(GROUP)
    return talk


async def broadcast(talk: Talk, user_id: int) -> list[Said]:
    return await talk.say("/broadcast hello", GROUP, user_id=user_id)


async def drafts(talk: Talk) -> list[str]:
    rows = await talk.pool.fetch("SELECT state FROM broadcasts ORDER BY id")
    return [row["state"] for row in rows]


async def test_commands_are_for_admins(database: Pool, api: BotApi) -> None:
    talk = await group(database, api)
    for command in "/broadcast hello", "/status", "/parked":
        [refused] = await talk.say(command, GROUP, user_id=MEMBER)
        assert "Only admins" in refused.text
    assert await drafts(talk) == []
    await broadcast(talk, ADMIN)
    assert await drafts(talk) == ["draft"]


async def test_buttons_are_for_admins(database: Pool, api: BotApi) -> None:
    talk = await group(database, api)
    *_, question = await broadcast(talk, ADMIN)
    for label in "Send", "Cancel":
        pressed = await talk.press(question, label, chat_id=GROUP, user_id=MEMBER)
        assert [one.method for one in pressed] == ["answerCallbackQuery"]
    assert await drafts(talk) == ["draft"]
    await talk.press(question, "Send", chat_id=GROUP, user_id=ADMIN)
    assert await drafts(talk) == ["sending"]


async def test_a_list_of_ids_counts_instead_of_the_admins(database: Pool, api: BotApi) -> None:
    talk = await group(database, api, LISTED)
    for user_id in ADMIN, MEMBER:
        [refused] = await broadcast(talk, user_id)
        assert "ADMIN_USER_IDS" in refused.text
    anonymous = {**message({"text": "/broadcast hello"}, GROUP), "sender_chat": {"id": GROUP}}
    await talk.update({"message": anonymous})
    assert await drafts(talk) == []
    await broadcast(talk, LISTED)
    assert await drafts(talk) == ["draft"]


async def test_an_unknown_role_is_not_an_admin(
    database: Pool, telegram: TelegramControl, api: BotApi
) -> None:
    telegram.trouble("getChatMember", "status")
    talk = await group(database, api)
    [refused] = await broadcast(talk, ADMIN)
    assert "couldn’t check" in refused.text
    assert await drafts(talk) == []


async def test_the_chat_of_one_person_needs_no_list(database: Pool, api: BotApi) -> None:
    talk = Talk(database, settings(admin_chat_id=ADMIN), api)
    await talk.onboarded(ADMIN)
    await talk.say("/broadcast hello", ADMIN, user_id=ADMIN)
    assert await drafts(talk) == ["draft"]
