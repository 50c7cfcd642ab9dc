"""Reads and validates the parameters of a call."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from aiohttp import web

from simulators.telegram.entities import EntityError, parse_html, utf16_length
from simulators.telegram.state import Json

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_DATA = 64
MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
_NUMBER = re.compile(r"\s*(-?[0-9]{1,19})")
_COMMAND = re.compile(r"/?([a-z0-9_]{1,32})")
DOWNLOAD = "file_data"
# Parameters that are JSON when sent in a form.
SERIALIZED = frozenset(
    {
        "allowed_updates",
        "commands",
        "entities",
        "ephemeral_message_parameters",
        "link_preview_options",
        "reply_markup",
        "reply_parameters",
        "rich_message",
        "scope",
    }
)


class ApiError(Exception):
    """A response with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad_request(description: str, **parameters: Any) -> NoReturn:
    raise ApiError(400, f"Bad Request: {description}", **parameters)


async def read_parameters(request: web.Request) -> Json:
    """The parameters of a call in any encoding; in forms, nested parameters are JSON."""
    if request.content_type == "application/json":
        body = await request.read()
        given = _from_json("request", body) if body else {}
        if not isinstance(given, dict):
            bad_request("can't parse request as JSON object")
        return {
            name: _from_json(name, value)
            if name in SERIALIZED and isinstance(value, str)
            else value
            for name, value in given.items()
        }
    parameters: Json = {}
    for name, value in [*request.query.items(), *(await request.post()).items()]:
        if isinstance(value, web.FileField):
            parameters[DOWNLOAD] = (value.filename, value.file.read())
        elif name in SERIALIZED:
            parameters[name] = _from_json(name, str(value))
        else:
            parameters[name] = value
    return parameters


def _from_json(name: str, value: str | bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        bad_request(f"can't parse {name} as JSON object")


def integer(value: Any) -> int:
    """The leading digits of `value` as a number, as in the original; 0 if there are none."""
    match = _NUMBER.match(str(value))
    return int(match[1]) if match else 0


def number(parameters: Json, name: str, default: int = 0) -> int:
    given = parameters.get(name)
    return default if given in (None, "") else integer(given)


def is_true(parameters: Json, name: str) -> bool:
    return str(parameters.get(name)).lower() in ("true", "yes", "1")


def menu_of(parameters: Json) -> str:
    """The key of a command menu: its scope, and its language if it has one."""
    scope = (parameters.get("scope") or {}).get("type") or "default"
    return f"{scope} {parameters.get('language_code') or ''}".strip()


def commands_of(parameters: Json) -> list[Json]:
    """The commands as the menu shows them: the later one of two with the same name."""
    given = parameters.get("commands") or []
    if len(given) > MAX_COMMANDS:
        bad_request("BOT_COMMANDS_TOO_MUCH")
    menu = {}
    for one in given:
        name = _COMMAND.fullmatch(str(one.get("command") or ""))
        if name is None:
            bad_request("BOT_COMMAND_INVALID")
        description = str(one.get("description") or "")
        if not 1 <= utf16_length(description) <= MAX_COMMAND_DESCRIPTION:
            bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        menu[name[1]] = {"command": name[1], "description": description}
    return list(menu.values())


def text_of(parameters: Json) -> Json:
    if not parameters.get("text"):
        bad_request("message text is empty")
    text, entities = parsed(parameters, "text", MAX_TEXT, "message is too long")
    if not text.strip():
        bad_request("text must be non-empty")
    return {"text": text, "entities": entities}


def parsed(parameters: Json, name: str, most: int, too_long: str) -> tuple[str, list[Json]]:
    markup = str(parameters.get(name) or "")
    mode = str(parameters.get("parse_mode") or "")
    if mode and mode.lower() != "html":
        bad_request(f"parse mode {mode} is not simulated; use HTML")
    text, entities = markup, list(parameters.get("entities") or [])
    if mode:
        try:
            text, entities = parse_html(markup)
        except EntityError as error:
            bad_request(f"can't parse entities: {error}")
    if utf16_length(text) > most:
        bad_request(too_long)
    return text, entities


def markup_of(parameters: Json) -> Json:
    markup = parameters.get("reply_markup")
    if not markup:
        return {}
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if "text" not in button:
                bad_request("can't parse inline keyboard button: Can't find field \"text\"")
            data = button.get("callback_data", "")
            if not data and not button.get("url"):
                bad_request(
                    "can't parse inline keyboard button: "
                    "Text buttons are unallowed in the inline keyboard"
                )
            if len(data.encode()) > MAX_CALLBACK_DATA:
                bad_request("BUTTON_DATA_INVALID")
    # Only an inline keyboard is part of the message; other markup concerns the client.
    return {"reply_markup": markup} if "inline_keyboard" in markup else {}
