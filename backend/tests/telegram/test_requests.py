"""Every request is valid in the Bot API, according to aiogram's types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiogram.methods
import pytest
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, TelegramObject
from pydantic import BaseModel

from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.api.updates import ALLOWED_UPDATES
from app.telegram.handle.commands import COMMANDS, OPERATOR_COMMANDS
from app.telegram.profile import profile_calls
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, PERSON, Said, Talk, message, settings, user

CHANNEL, DIRECT = -1000000000003, -1000000000004
CHATS = {PERSON: "private", GROUP: "supergroup", CHANNEL: "channel", DIRECT: "supergroup"}
PLACES = {
    GROUP: {"is_topic_message": True, "message_thread_id": 5},
    DIRECT: {"direct_messages_topic": {"topic_id": 6, "user": user()}},
}
ARGUMENTS = ("", " 1", " Rust, Go", " hello <b>you</b>")
JUDGED = {
    method.__api_method__: method
    for name in aiogram.methods.__all__
    if isinstance(method := getattr(aiogram.methods, name), type)
    and issubclass(method, TelegramMethod)
    and method is not TelegramMethod
}


def complaints(method: str, parameters: dict[str, Any]) -> list[str]:
    """What the Bot API does not know of a call."""
    given = dict(parameters)
    if isinstance(document := given.get("document"), dict):
        given["document"] = BufferedInputFile(b"", document["filename"])
    return [f"{method}: {place}" for place in unknown(JUDGED[method].model_validate(given), "")]


def unknown(value: object, place: str) -> Iterator[str]:
    """The places of fields that a type does not have."""
    if isinstance(value, BaseModel):
        yield from (f"{place}.{name}" for name in value.model_extra or {})
        for name in value.model_fields_set:
            yield from unknown(getattr(value, name, None), f"{place}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from unknown(one, place)


def test_the_judge_sees_what_is_wrong() -> None:
    button = {"text": "a", "callback_data": "b", "colour": "red"}
    keyboard = {"inline_keyboard": [[button]]}
    said = {"chat_id": 1, "text": "x", "topic": 7, "reply_markup": keyboard}
    assert len(complaints("sendMessage", said)) == 2
    with pytest.raises(ValueError, match="text"):
        complaints("sendMessage", {"chat_id": 1})
    assert issubclass(aiogram.types.Message, TelegramObject)


async def test_all_commands_in_all_kinds_of_chats(database: Pool) -> None:
    await add_stories(database, *(candidate(f"Story {number}") for number in range(1, 4)))
    nobody = BotApi("42:token", "http://127.0.0.1:9")
    talk = Talk(database, settings(admin_chat_id=PERSON, openai_api_key="key"), nobody)
    said: list[Said] = []
    for chat_id, kind in CHATS.items():
        await talk.onboarded(chat_id)
        await database.execute("UPDATE readers SET kind = $2 WHERE chat_id = $1", chat_id, kind)
        for command in [*COMMANDS, *OPERATOR_COMMANDS, "unheard_of"]:
            for argument in ARGUMENTS:
                said += await talk.update(_typed(chat_id, kind, f"/{command}{argument}"))
    pressed = {data for one in said for data in one.buttons.values()}
    for data in sorted(pressed):
        said += await talk.press_data(data)
    await nobody.close()
    assert len(said) > 300
    wrong = {line for one in said for line in complaints(one.method, one.parameters)}
    assert wrong == set()
    assert {one.method for one in said} >= {"sendMessage", "editMessageText", "answerCallbackQuery"}
    file = {"chat_id": 1, "document": {"filename": "a.json"}, "caption": "b", "parse_mode": "HTML"}
    assert complaints("sendDocument", file) == []


def _typed(chat_id: int, kind: str, words: str) -> dict[str, Any]:
    sent = message({"text": words}, chat_id, chat_type=kind) | PLACES.get(chat_id, {})
    if chat_id != PERSON:  # who is known to be an admin without being asked about
        sent["sender_chat"] = sent["chat"]
    if chat_id == DIRECT:
        sent["chat"]["is_direct_messages"] = True
    return {"channel_post" if kind == "channel" else "message": sent}


def test_menus_and_descriptions_are_valid() -> None:
    calls = list(profile_calls(1))
    assert [line for call in calls for line in complaints(call.method, call.parameters)] == []
    polled = {"timeout": 25, "limit": 100, "allowed_updates": ALLOWED_UPDATES, "offset": 7}
    assert complaints("getUpdates", polled) == []
