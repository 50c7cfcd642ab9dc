"""The Bot API's methods, as far as a bot that sends digests uses them."""

from __future__ import annotations

import asyncio
import time
from typing import NoReturn

from aiohttp import web

from rehearsal.outside.telegram.entities import utf16_length
from rehearsal.outside.telegram.parameters import (
    DOWNLOAD,
    MAX_CAPTION,
    ApiError,
    bad_request,
    commands_of,
    integer,
    is_true,
    markup_of,
    menu_of,
    number,
    parsed,
    read_parameters,
    text_of,
)
from rehearsal.outside.telegram.updates import ConflictError
from rehearsal.outside.telegram.world import BOT_USER, Chat, Json, Trouble, World

MAX_NOTICE = 200
# How long the one who pressed a button waits for an answer, as it was seen; it is not documented.
QUERY_SECONDS = 15.0
MOST_UPDATES = 100
LONGEST_POLL = 50


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
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
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
                raise ApiError(404, "Not Found: method not found")
            result = await handler(await read_parameters(request))
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
        if world.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset = number(parameters, "offset")
        poll: Json = {"began": time.time(), "offset": offset}
        world.polls.append(poll)
        world.tell("poll", offset=offset)
        limit = max(1, min(MOST_UPDATES, number(parameters, "limit", MOST_UPDATES)))
        timeout = max(0, min(LONGEST_POLL, number(parameters, "timeout")))
        if "allowed_updates" in parameters:
            world.queue.allow(frozenset(parameters["allowed_updates"] or ()))
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
        content = text_of(parameters) | markup_of(parameters)
        chat = self._chat_to_send_to(parameters)
        return self._deliver(chat, content | self._reply_to(chat, parameters))

    async def _send_document(self, parameters: Json) -> Json:
        caption, entities = parsed(
            parameters, "caption", MAX_CAPTION, "message caption is too long"
        )
        markup = markup_of(parameters)
        document = parameters.get(DOWNLOAD) or parameters.get("document")
        if not isinstance(document, tuple):
            bad_request("there is no document in the request")
        chat = self._chat_to_send_to(parameters)
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
        return self._deliver(chat, content | markup)

    async def _edit_message_text(self, parameters: Json) -> Json:
        changed = text_of(parameters) | {"reply_markup": None} | markup_of(parameters)
        chat = self._chat_to_send_to(parameters)
        message = self._message_to_edit(chat, parameters)
        if "text" not in message:
            bad_request("there is no text in the message to edit")
        _must_differ(message, changed)
        message.update(changed, edit_date=int(time.time()))
        self._world.tell("edited", message=message)
        return message

    async def _edit_reply_markup(self, parameters: Json) -> Json:
        changed = {"reply_markup": None} | markup_of(parameters)
        chat = self._chat_to_send_to(parameters)
        message = self._message_to_edit(chat, parameters)
        _must_differ(message, changed)
        message.update(changed)
        self._world.tell("edited", message=message)
        return message

    async def _delete_message(self, parameters: Json) -> bool:
        chat = self._reachable_chat(parameters)
        message = self._message(chat, parameters, "delete")
        # "Bots can delete incoming messages in private chats", elsewhere as administrators only.
        if not _by_bot(message) and chat.type != "private":
            bad_request("message can't be deleted")
        chat.messages.remove(message)
        self._world.tell("deleted", chat_id=chat.id, message_id=message["message_id"])
        return True

    async def _send_chat_action(self, parameters: Json) -> bool:
        chat = self._reachable_chat(parameters)
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
        replied = self._world.find_message(chat.id, integer(message_id))
        if replied is None:
            if reply.get("allow_sending_without_reply"):
                return {}
            bad_request("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in replied.items() if k != "reply_to_message"}}

    def _message(self, chat: Chat, parameters: Json, verb: str) -> Json:
        message = self._world.find_message(chat.id, number(parameters, "message_id"))
        if message is None:
            bad_request(f"message to {verb} not found")
        return message

    def _message_to_edit(self, chat: Chat, parameters: Json) -> Json:
        message = self._message(chat, parameters, "edit")
        if not _by_bot(message):
            bad_request("message can't be edited")
        return message

    def _known_chat(self, parameters: Json) -> Chat:
        given = str(parameters.get("chat_id") or "")
        if not given:
            bad_request("chat_id is empty")
        chat_id = integer(given)
        if chat_id == 0:
            bad_request("chat not found")
        if self._world.strict_chats and chat_id not in self._world.chats:
            bad_request("chat not found")
        return self._world.chat(chat_id)

    def _reachable_chat(self, parameters: Json) -> Chat:
        chat = self._known_chat(parameters)
        if chat.migrated_to is not None:
            bad_request(
                "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
            )
        if chat.refusal is not None:
            raise ApiError(*chat.refusal)
        return chat

    def _chat_to_send_to(self, parameters: Json) -> Chat:
        """The chat, with one message of it counted; what is wrong with a call comes before that."""
        chat = self._reachable_chat(parameters)
        retry_after = self._world.flood.retry_after(chat.id, time.monotonic())
        if retry_after:
            raise ApiError(
                429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after
            )
        return chat

    # -- the rest

    async def _get_me(self, parameters: Json) -> Json:
        return BOT_USER | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    async def _true(self, parameters: Json) -> bool:
        return True

    async def _answer_callback_query(self, parameters: Json) -> bool:
        query_id = str(parameters.get("callback_query_id") or "")
        pressed_at = self._world.queries.get(query_id)
        if pressed_at is None or time.monotonic() > pressed_at + QUERY_SECONDS:
            bad_request("query is too old and response timeout expired or query ID is invalid")
        text = str(parameters.get("text") or "")
        if utf16_length(text) > MAX_NOTICE:
            bad_request("MESSAGE_TOO_LONG")
        alert = is_true(parameters, "show_alert")
        self._world.tell("answered", query_id=query_id, text=text, show_alert=alert)
        return True

    async def _set_my_commands(self, parameters: Json) -> bool:
        menu = menu_of(parameters)
        commands = commands_of(parameters)
        self._world.menus[menu] = commands
        if menu == "default":
            self._world.commands = commands
        self._world.tell("profile")
        return True

    async def _set_my_description(self, parameters: Json) -> bool:
        language = parameters.get("language_code") or ""
        self._world.descriptions[language] = parameters.get("description") or ""
        self._world.tell("profile")
        return True

    async def _get_my_commands(self, parameters: Json) -> list[Json]:
        return self._world.menus.get(menu_of(parameters), [])

    async def _get_chat(self, parameters: Json) -> Json:
        return self._known_chat(parameters).as_json() | {
            "accent_color_id": 0,
            "max_reaction_count": 1,
        }

    async def _get_chat_member(self, parameters: Json) -> Json:
        user_id = number(parameters, "user_id")
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

    async def _set_webhook(self, parameters: Json) -> bool:
        self._world.webhook = str(parameters.get("url") or "")
        return True

    async def _delete_webhook(self, parameters: Json) -> bool:
        self._world.webhook = ""
        if is_true(parameters, "drop_pending_updates"):
            self._world.queue.clear()
        return True

    async def _get_webhook_info(self, parameters: Json) -> Json:
        return {
            "url": self._world.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.queue),
        }


def _by_bot(message: Json) -> bool:
    return bool(message.get("from", {}).get("id") == BOT_USER["id"])


def _must_differ(message: Json, changed: Json) -> None:
    if all(message.get(name) == value for name, value in changed.items()):
        bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )


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
