"""The Bot API's methods, as far as a bot that sends digests uses them."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, NoReturn

from aiohttp import web

from rehearsal.outside.telegram.entities import EntityError, parse_html, utf16_length
from rehearsal.outside.telegram.updates import ConflictError
from rehearsal.outside.telegram.world import BOT_USER, Chat, Json, Trouble, World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_DATA = 64
MAX_NOTICE = 200
MOST_UPDATES = 100
LONGEST_POLL = 50
DOWNLOAD = "file_data"
# Parameters that forms carry as JSON.
SERIALIZED = frozenset(
    {
        "allowed_updates",
        "commands",
        "entities",
        "link_preview_options",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad_request(description: str, **parameters: Any) -> NoReturn:
    raise ApiError(400, f"Bad Request: {description}", **parameters)


class BotApi:
    """Answers `/bot<token>/<method>`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._methods = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "editmessagereplymarkup": self._edit_reply_markup,
            "deletemessage": self._delete_message,
            "senddocument": self._send_document,
            "sendchataction": self._send_chat_action,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "setmydescription": self._set_my_description,
            "setmyshortdescription": self._true,
            "getmycommands": self._get_my_commands,
            "getchat": self._get_chat,
            "getchatmember": self._get_chat_member,
            "getchatadministrators": self._get_chat_administrators,
            "deletewebhook": self._true,
            "getwebhookinfo": self._get_webhook_info,
            "leavechat": self._true,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        world = self._world
        method = request.match_info["method"]
        world.counts[method] += 1
        if world.token is not None and request.match_info["token"] != world.token:
            return _error(ApiError(401, "Unauthorized"))
        trouble = world.trouble_for(method)
        if world.latency:
            await asyncio.sleep(world.latency)
        if trouble is not None and trouble.kind in ("status", "drop"):
            return _fail(request, trouble)
        handler = self._methods.get(method.lower())
        try:
            if handler is None:
                raise ApiError(404, "Not Found")
            result = await handler(await _parameters(request))
        except ApiError as error:
            world.counts[f"{method} {error.status}"] += 1
            world.tell("refused", method=method, status=error.status, error=error.description)
            return _error(error)
        if trouble is not None:
            await _be_late(request, trouble)
        return web.json_response({"ok": True, "result": result})

    # -- updates

    async def _get_updates(self, parameters: Json) -> list[Json]:
        world = self._world
        offset = int(parameters.get("offset") or 0)
        poll: Json = {"began": time.time(), "offset": offset}
        world.polls.append(poll)
        world.tell("poll", offset=offset)
        limit = max(1, min(MOST_UPDATES, int(parameters.get("limit") or MOST_UPDATES)))
        timeout = max(0, min(LONGEST_POLL, float(parameters.get("timeout") or 0)))
        try:
            updates = await world.queue.get(offset, limit, timeout)
        except ConflictError:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            ) from None
        finally:
            poll["ended"] = time.time()
        poll["updates"] = len(updates)
        return updates

    # -- messages

    async def _send_message(self, parameters: Json) -> Json:
        chat = self._chat_to_send_to(parameters)
        text, entities = _parsed(parameters, "text", MAX_TEXT, "message is too long")
        if not text.strip():
            bad_request("message text is empty")
        content: Json = {"text": text, "entities": entities, **_markup(parameters)}
        return self._deliver(chat, content | self._reply_to(chat, parameters))

    async def _send_document(self, parameters: Json) -> Json:
        chat = self._chat_to_send_to(parameters)
        caption, entities = _parsed(
            parameters, "caption", MAX_CAPTION, "message caption is too long"
        )
        document = parameters.get(DOWNLOAD) or parameters.get("document")
        if not isinstance(document, tuple):
            bad_request("there is no document in the request")
        name, data = document
        file_id = f"file{len(self._world.files) + 1}"
        self._world.files[file_id] = (name, data)
        described = {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_name": name,
            "file_size": len(data),
        }
        content: Json = {"document": described, "caption": caption, "caption_entities": entities}
        return self._deliver(chat, content | _markup(parameters))

    async def _edit_message_text(self, parameters: Json) -> Json:
        chat = self._chat_to_send_to(parameters)
        message = self._message_of_bot(chat, parameters, "edit")
        text, entities = _parsed(parameters, "text", MAX_TEXT, "message is too long")
        if not text.strip():
            bad_request("message text is empty")
        changed = {"text": text, "entities": entities, "reply_markup": None} | _markup(parameters)
        if all(message.get(name) == value for name, value in changed.items()):
            bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.update(changed, edit_date=int(time.time()))
        self._world.tell("edited", message=message)
        return message

    async def _edit_reply_markup(self, parameters: Json) -> Json:
        chat = self._chat_to_send_to(parameters)
        message = self._message_of_bot(chat, parameters, "edit")
        markup = _markup(parameters).get("reply_markup")
        if message.get("reply_markup") == markup:
            bad_request("message is not modified")
        message["reply_markup"] = markup
        self._world.tell("edited", message=message)
        return message

    async def _delete_message(self, parameters: Json) -> bool:
        chat = self._known_chat(parameters)
        message = self._message_of_bot(chat, parameters, "delete")
        chat.messages.remove(message)
        self._world.tell("deleted", chat_id=chat.id, message_id=message["message_id"])
        return True

    async def _send_chat_action(self, parameters: Json) -> bool:
        chat = self._known_chat(parameters)
        self._world.tell("action", chat_id=chat.id, action=parameters.get("action"))
        return True

    def _deliver(self, chat: Chat, content: Json) -> Json:
        world = self._world
        message = world.new_message(chat, {"from": BOT_USER, **content})
        world.sent.append({"at": time.time(), "chat_id": chat.id, "message": message})
        world.counts["accepted"] += 1
        world.tell("message", message=message)
        return message

    def _reply_to(self, chat: Chat, parameters: Json) -> Json:
        reply = parameters.get("reply_parameters") or {}
        message_id = reply.get("message_id") or parameters.get("reply_to_message_id")
        if not message_id:
            return {}
        replied = self._world.find_message(chat.id, int(message_id))
        if replied is None:
            if reply.get("allow_sending_without_reply"):
                return {}
            bad_request("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in replied.items() if k != "reply_to_message"}}

    def _message_of_bot(self, chat: Chat, parameters: Json, verb: str) -> Json:
        message = self._world.find_message(chat.id, int(parameters.get("message_id") or 0))
        if message is None:
            bad_request(f"message to {verb} not found")
        if message["from"]["id"] != BOT_USER["id"]:
            bad_request(f"message can't be {verb.rstrip('e')}ed")
        return message

    def _known_chat(self, parameters: Json) -> Chat:
        try:
            chat_id = int(parameters.get("chat_id") or 0)
        except ValueError:
            bad_request("chat not found")
        if chat_id == 0:
            bad_request("chat_id is empty")
        if self._world.strict_chats and chat_id not in self._world.chats:
            bad_request("chat not found")
        return self._world.chat(chat_id)

    def _chat_to_send_to(self, parameters: Json) -> Chat:
        chat = self._known_chat(parameters)
        if chat.migrated_to is not None:
            bad_request(
                "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
            )
        if chat.refusal is not None:
            raise ApiError(*chat.refusal)
        retry_after = self._world.flood.retry_after(chat.id, time.monotonic())
        if retry_after:
            raise ApiError(
                429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after
            )
        return chat

    # -- the rest

    async def _get_me(self, parameters: Json) -> Json:
        return BOT_USER

    async def _true(self, parameters: Json) -> bool:
        return True

    async def _answer_callback_query(self, parameters: Json) -> bool:
        query_id = str(parameters.get("callback_query_id") or "")
        if not query_id:
            bad_request("query is too old and response timeout expired or query ID is invalid")
        text = str(parameters.get("text") or "")
        if utf16_length(text) > MAX_NOTICE:
            bad_request("MESSAGE_TOO_LONG")
        alert = str(parameters.get("show_alert")).lower() == "true"
        self._world.tell("answered", query_id=query_id, text=text, show_alert=alert)
        return True

    async def _set_my_commands(self, parameters: Json) -> bool:
        commands = parameters.get("commands") or []
        scope = (parameters.get("scope") or {}).get("type") or "default"
        language = parameters.get("language_code") or ""
        self._world.menus[f"{scope} {language}".strip()] = commands
        if scope == "default" and not language:
            self._world.commands = commands
        self._world.tell("profile")
        return True

    async def _set_my_description(self, parameters: Json) -> bool:
        language = parameters.get("language_code") or ""
        self._world.descriptions[language] = parameters.get("description") or ""
        self._world.tell("profile")
        return True

    async def _get_my_commands(self, parameters: Json) -> list[Json]:
        return self._world.commands

    async def _get_chat(self, parameters: Json) -> Json:
        return self._known_chat(parameters).as_json() | {
            "accent_color_id": 0,
            "max_reaction_count": 1,
        }

    async def _get_chat_member(self, parameters: Json) -> Json:
        user_id = int(parameters.get("user_id") or 0)
        chat = self._known_chat(parameters)
        if chat.type == "private":
            status = "member"
        elif chat.admins is None:
            status = "creator"
        else:
            status = "administrator" if user_id in chat.admins else "member"
        user = {"id": user_id, "is_bot": False, "first_name": "Reader"}
        return {"status": status, "user": user}

    async def _get_chat_administrators(self, parameters: Json) -> list[Json]:
        self._known_chat(parameters)
        return []

    async def _get_webhook_info(self, parameters: Json) -> Json:
        return {
            "url": "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.queue),
        }


async def _parameters(request: web.Request) -> Json:
    """The parameters of a call, however they were sent; nested ones come as JSON in forms."""
    if request.content_type == "application/json":
        body = await request.read()
        parameters: Json = json.loads(body) if body else {}
        return parameters
    parameters = {}
    for name, value in [*request.query.items(), *(await request.post()).items()]:
        if isinstance(value, web.FileField):
            parameters[DOWNLOAD] = (value.filename, value.file.read())
        elif name in SERIALIZED:
            parameters[name] = _from_json(name, str(value))
        else:
            parameters[name] = value
    return parameters


def _from_json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        bad_request(f"can't parse {name} as JSON object")


def _parsed(parameters: Json, name: str, most: int, too_long: str) -> tuple[str, list[Json]]:
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


def _markup(parameters: Json) -> Json:
    markup = parameters.get("reply_markup")
    if not markup:
        return {}
    for row in markup.get("inline_keyboard", []):
        for button in row:
            data = button.get("callback_data", "")
            if len(data.encode()) > MAX_CALLBACK_DATA:
                bad_request("BUTTON_DATA_INVALID")
            if not button.get("text"):
                bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    # A message shows its inline keyboard; what else a bot may ask of a client is not part of it.
    return {"reply_markup": markup} if "inline_keyboard" in markup else {}


def _error(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.status)


def _fail(request: web.Request, trouble: Trouble) -> web.Response:
    if trouble.kind == "drop":
        _cut(request)
    parameters = {"retry_after": trouble.retry_after} if trouble.retry_after else {}
    return _error(ApiError(trouble.status, trouble.description, **parameters))


async def _be_late(request: web.Request, trouble: Trouble) -> None:
    if trouble.kind == "drop_after":
        _cut(request)
    elif trouble.kind == "hang":
        await asyncio.sleep(trouble.seconds or 3600)
    elif trouble.kind == "delay":
        await asyncio.sleep(trouble.seconds)


def _cut(request: web.Request) -> NoReturn:
    if request.transport is not None:
        request.transport.abort()
    raise web.HTTPServiceUnavailable
