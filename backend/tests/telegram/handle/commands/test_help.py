"""/help and the menus: every command explained, in every language."""

from __future__ import annotations

import pytest

from app.database.connection import Pool
from app.telegram.handle.commands import COMMANDS, OPERATOR_COMMANDS
from app.telegram.profile import profile_calls
from app.wording import FALLBACK, LANGUAGES, text
from tests.digests.stories import add_reader
from tests.telegram.chat import PERSON, Chat, Talk, settings

OPERATOR = 7


async def test_help_lists_and_explains(talk: Talk) -> None:
    await talk.onboarded()
    [listed] = await talk.say("/help")
    [explained] = await talk.say("/help /Settings")
    assert "/settings zone Berlin" in explained.text
    [unknown] = await talk.say("/help <cheese>")
    assert "&lt;cheese&gt;" in unknown.text
    for name, command in COMMANDS.items():
        if command.in_menu and name not in ("start", "help"):
            assert f"/{name}" in listed.text


@pytest.mark.parametrize("name", OPERATOR_COMMANDS)
async def test_only_the_operator_sees_operator_commands(database: Pool, name: str) -> None:
    told = []
    for chat_id in OPERATOR, PERSON:
        await add_reader(database, chat_id)
        chat = Chat(database, chat_id, settings(admin_chat_id=OPERATOR))
        asked = "/help", f"/help {name}", f"/{name}s"
        told.append([said.text for words in asked for said in await chat.say(words)])
    (listed, explained, misspelled), others = told
    assert f"/{name}" in listed and f"<b>/{name}</b>" in explained and f"/{name}?" in misspelled
    assert "no command" in others[1]
    assert f"/{name} " not in others[0] and f"/{name}?" not in others[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_usage_and_its_line(name: str, language: str) -> None:
    assert f"/{name}" in text(f"usage.{name}", language, style="")
    assert 3 <= len(text(f"command.{name}", language)) <= 256


def test_menus_and_descriptions_respect_telegrams_limits() -> None:
    calls = list(profile_calls(42))
    assert len({call.name for call in calls}) == len(calls)
    for call in calls:
        assert len(call.parameters.get("description", "")) <= 512
        assert len(call.parameters.get("short_description", "")) <= 120
        assert len(call.parameters.get("commands", [])) <= 100
    menus = {
        (call.parameters.get("language_code"), call.parameters.get("scope", {}).get("type"))
        for call in calls
        if call.method == "setMyCommands"
    }
    others = [language for language in LANGUAGES if language != FALLBACK]
    scopes = (None, "all_group_chats", "all_chat_administrators")
    assert menus == {(code, scope) for code in (None, *others) for scope in scopes}
