"""The methods of the Bot API that a digest bot uses."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import NoReturn

from aiohttp import web

from simulators.telegram.entities import utf16_length
from simulators.telegram.parameters import (
    DOWNLOAD,
    MAX_CAPTION,
    MAX_TEXT,
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
from simulators.telegram.rich import rich_message_of
from simulators.telegram.state import BOT_USER, CallFault, Chat, Json, TelegramState
from simulators.telegram.updates import ConflictError

MAX_NOTICE = 200
# How long Telegram lets a tapped button's query be answered; observed, not documented.
QUERY_SECONDS = 15.0
MAX_UPDATES = 100
MAX_POLL = 50


Handler = Callable[[Json], Awaitable[object]]
# By how many seconds the current call is executed after its caller has given up.
_late_by: ContextVar[float] = ContextVar("late_by", default=0.0)


class BotApi:
    """Handles `/bot<token>/<method>`."""

    def __init__(self, state: TelegramState) -> None:
        self._state = state
        self._late: set[asyncio.Task[None]] = set()
        self._methods: dict[str, Handler] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "editmessagereplymarkup": self._edit_reply_markup,
            "stopmessagelivelocation": self._stop_live_location,
            "editephemeralmessagetext": self._edit_ephemeral_message_text,
            "deletemessage": self._delete_message,
            "senddocument": self._send_document,
            "sendchataction": self._send_chat_action,
            "sendrichmessage": self._send_rich_message,
            "sendmessagedraft": self._send_message_draft,
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
        state = self._state
        method = request.match_info["method"]
        state.counts[method] += 1
        if state.token is not None and request.match_info["token"] != state.token:
            return _error(ApiError(401, "Unauthorized"))
        trouble = state.trouble_for(method)
        if state.latency:
            await asyncio.sleep(state.latency)
        handler = self._methods.get(method.lower())
        if trouble is not None and trouble.kind.startswith("late") and handler is not None:
            self._do_late(handler, await read_parameters(request), trouble)
        if trouble is not None and trouble.kind in ("status", "drop", "late", "late_drop"):
            await request.read()
            return _fail(request, trouble)
        try:
            if handler is None or method in state.unsupported:
                raise ApiError(404, "Not Found: method not found")
            parameters = await read_parameters(request)
            for name in state.unsupported:
                if name in parameters:
                    bad_request(f"{name} is not supported")
            result = await handler(parameters)
        except ApiError as error:
            state.counts[f"{method} {error.status}"] += 1
            state.tell("refused", method=method, status=error.status, error=error.description)
            return _error(error)
        if trouble is not None:
            await _be_late(request, trouble)
        return web.json_response({"ok": True, "result": result})

    def _do_late(self, handler: Handler, parameters: Json, trouble: CallFault) -> None:
        """Execute the call after the caller has given up."""

        async def do() -> None:
            most = trouble.seconds_at_most or trouble.seconds
            seconds = random.uniform(trouble.seconds, most)
            await asyncio.sleep(seconds)
            _late_by.set(seconds)
            try:
                await handler(parameters)
            except ApiError as error:
                self._state.tell("refused", status=error.status, error=error.description)

        task = asyncio.create_task(do())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    # -- updates

    async def _get_updates(self, parameters: Json) -> list[Json]:
        state = self._state
        if state.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset = 0 if state.ignore_offset else number(parameters, "offset")
        poll: Json = {"began": time.time(), "offset": offset}
        state.polls.append(poll)
        state.tell("poll", offset=offset)
        limit = max(1, min(MAX_UPDATES, number(parameters, "limit", MAX_UPDATES)))
        timeout = max(0, min(MAX_POLL, number(parameters, "timeout")))
        if "allowed_updates" in parameters:
            state.queue.allow(frozenset(parameters["allowed_updates"] or ()))
        try:
            updates = await state.queue.get(offset, limit, timeout)
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
        chat = self._chat_to_send_to(parameters, "text")
        if (one_member := parameters.get("ephemeral_message_parameters")) is not None:
            return self._deliver_ephemeral(chat, content, one_member)
        forces_reply = bool((parameters.get("reply_markup") or {}).get("force_reply"))
        replied = self._reply_to(chat, parameters)
        return self._deliver(chat, content | replied, forces_reply=forces_reply)

    async def _send_rich_message(self, parameters: Json) -> Json:
        content = {"rich_message": rich_message_of(parameters)} | markup_of(parameters)
        chat = self._chat_to_send_to(parameters, "text")
        return self._deliver(chat, content | self._reply_to(chat, parameters))

    async def _send_document(self, parameters: Json) -> Json:
        caption, entities = parsed(
            parameters, "caption", MAX_CAPTION, "message caption is too long"
        )
        markup = markup_of(parameters)
        document = parameters.get(DOWNLOAD) or parameters.get("document")
        if not isinstance(document, tuple):
            bad_request("there is no document in the request")
        chat = self._chat_to_send_to(parameters, "documents")
        name, data = document
        file_id = f"file{len(self._state.files) + 1}"
        self._state.files[file_id] = (name, data)
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
        self._state.tell("edited", message=message)
        return message

    async def _edit_reply_markup(self, parameters: Json) -> Json:
        changed = {"reply_markup": None} | markup_of(parameters)
        chat = self._chat_to_send_to(parameters)
        message = self._message_to_edit(chat, parameters)
        _must_differ(message, changed)
        message.update(changed)
        self._state.tell("edited", message=message)
        return message

    async def _stop_live_location(self, parameters: Json) -> Json:
        """Checks in the order of TDLib's `MessagesManager::edit_message_live_location`; no
        simulated message is a live location.
        """
        self._message_to_edit(self._chat_to_send_to(parameters), parameters)
        bad_request("there is no live location in the message to edit")

    async def _delete_message(self, parameters: Json) -> bool:
        chat = self._reachable_chat(parameters)
        message = self._message(chat, parameters, "delete")
        # "Bots can delete incoming messages in private chats"; elsewhere only as administrators.
        if not _by_bot(message) and chat.type != "private":
            bad_request("message can't be deleted")
        chat.messages.remove(message)
        self._state.tell("deleted", chat_id=chat.id, message_id=message["message_id"])
        return True

    async def _send_chat_action(self, parameters: Json) -> bool:
        chat = self._reachable_chat(parameters)
        self._state.tell("action", chat_id=chat.id, action=parameters.get("action"))
        return True

    async def _send_message_draft(self, parameters: Json) -> bool:
        """https://core.telegram.org/bots/api#sendmessagedraft; what it says to mistakes and
        whether drafts count as messages is not documented: here they do.
        """
        draft_id = number(parameters, "draft_id")
        if draft_id == 0:
            bad_request("draft_id must be non-zero")
        text, entities = parsed(parameters, "text", MAX_TEXT, "message is too long")
        chat = self._chat_to_send_to(parameters, "text")
        if chat.type != "private":
            bad_request("drafts can be sent to private chats only")
        draft = {
            "chat_id": chat.id,
            "draft_id": draft_id,
            "text": text,
            "entities": entities,
            "can_stop": is_true(parameters, "can_stop"),
            "at": time.time(),
        }
        self._state.drafts.append(draft)
        self._state.tell("draft", draft=draft)
        return True

    def _deliver_ephemeral(self, chat: Chat, content: Json, one_member: Json) -> Json:
        """https://core.telegram.org/bots/api#ephemeral-messages-and-commands: in groups only, with
        an id of their own; `message_id` is 0.
        """
        receiver = one_member.get("receiver_user_id")
        if not isinstance(receiver, int) or receiver <= 0:
            bad_request("invalid receiver_user_id specified")
        if chat.type not in ("group", "supergroup"):
            bad_request("ephemeral messages can be sent only to groups")
        state = self._state
        message = {
            "message_id": 0,
            "ephemeral_message_id": len(state.ephemeral) + 1,
            "receiver_user": {"id": receiver, "is_bot": False, "first_name": "Reader"},
            "date": int(time.time()),
            "chat": chat.as_json(),
            "from": BOT_USER,
            **content,
        }
        state.ephemeral.append(message)
        state.counts["accepted"] += 1
        state.tell("ephemeral", message=message)
        return message

    async def _edit_ephemeral_message_text(self, parameters: Json) -> bool:
        """https://core.telegram.org/bots/api#editephemeralmessagetext; its errors are not
        documented: here they are those of other edits.
        """
        changed = text_of(parameters) | {"reply_markup": None} | markup_of(parameters)
        chat = self._chat_to_send_to(parameters)
        message = self._state.find_ephemeral(chat.id, number(parameters, "ephemeral_message_id"))
        receiver = number(parameters, "receiver_user_id")
        if message is None or message["receiver_user"]["id"] != receiver:
            bad_request("message to edit not found")
        _must_differ(message, changed)
        message.update(changed, edit_date=int(time.time()))
        self._state.tell("ephemeral", message=message)
        return True

    def _deliver(self, chat: Chat, content: Json, *, forces_reply: bool = False) -> Json:
        state = self._state
        message = state.new_message(chat, {"from": BOT_USER, **content})
        if forces_reply:
            chat.forced_replies.append(message["message_id"])
        late = {"late": seconds} if (seconds := _late_by.get()) else {}
        state.sent.append({"at": time.time(), "chat_id": chat.id, "message": message} | late)
        state.counts["accepted"] += 1
        state.tell("message", message=message)
        return message

    def _reply_to(self, chat: Chat, parameters: Json) -> Json:
        reply = parameters.get("reply_parameters") or {}
        message_id = reply.get("message_id") or parameters.get("reply_to_message_id")
        if not message_id:
            return {}
        replied = self._state.find_message(chat.id, integer(message_id))
        if replied is None:
            if reply.get("allow_sending_without_reply"):
                return {}
            bad_request("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in replied.items() if k != "reply_to_message"}}

    def _message(self, chat: Chat, parameters: Json, verb: str) -> Json:
        message = self._state.find_message(chat.id, number(parameters, "message_id"))
        if message is None:
            bad_request(f"message to {verb} not found")
        return message

    def _message_to_edit(self, chat: Chat, parameters: Json) -> Json:
        message = self._message(chat, parameters, "edit")
        if not _by_bot(message) or message["message_id"] in chat.forced_replies:
            bad_request("message can't be edited")
        return message

    def _known_chat(self, parameters: Json) -> Chat:
        given = str(parameters.get("chat_id") or "")
        if not given:
            bad_request("chat_id is empty")
        chat_id = integer(given)
        if chat_id == 0:
            bad_request("chat not found")
        if self._state.strict_chats and chat_id not in self._state.chats:
            bad_request("chat not found")
        return self._state.chat(chat_id)

    def _reachable_chat(self, parameters: Json) -> Chat:
        chat = self._known_chat(parameters)
        if chat.migrated_to is not None:
            bad_request(
                "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
            )
        if chat.refusal is not None:
            raise ApiError(*chat.refusal)
        return chat

    def _chat_to_send_to(self, parameters: Json, content: str = "") -> Chat:
        """The chat, after one message has been counted; errors in the call are reported before
        that.
        """
        chat = self._reachable_chat(parameters)
        if content in chat.forbidden:
            kind = "text messages" if content == "text" else content
            bad_request(f"not enough rights to send {kind} to the chat")
        if content and chat.direct_messages and "direct_messages_topic_id" not in parameters:
            bad_request("direct messages topic must be specified")
        retry_after = self._state.flood.retry_after(chat.id, time.monotonic())
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
        pressed_at = self._state.queries.get(query_id)
        if pressed_at is None or time.monotonic() > pressed_at + QUERY_SECONDS:
            bad_request("query is too old and response timeout expired or query ID is invalid")
        text = str(parameters.get("text") or "")
        if utf16_length(text) > MAX_NOTICE:
            bad_request("MESSAGE_TOO_LONG")
        alert = is_true(parameters, "show_alert")
        self._state.tell("answered", query_id=query_id, text=text, show_alert=alert)
        return True

    async def _set_my_commands(self, parameters: Json) -> bool:
        menu = menu_of(parameters)
        commands = commands_of(parameters)
        self._state.menus[menu] = commands
        if menu == "default":
            self._state.commands = commands
        self._state.tell("profile")
        return True

    async def _set_my_description(self, parameters: Json) -> bool:
        language = parameters.get("language_code") or ""
        self._state.descriptions[language] = parameters.get("description") or ""
        self._state.tell("profile")
        return True

    async def _get_my_commands(self, parameters: Json) -> list[Json]:
        return self._state.menus.get(menu_of(parameters), [])

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
        self._state.webhook = str(parameters.get("url") or "")
        return True

    async def _delete_webhook(self, parameters: Json) -> bool:
        self._state.webhook = ""
        if is_true(parameters, "drop_pending_updates"):
            self._state.queue.clear()
        return True

    async def _get_webhook_info(self, parameters: Json) -> Json:
        return {
            "url": self._state.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._state.queue),
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


def _fail(request: web.Request, trouble: CallFault) -> web.Response:
    if trouble.kind in ("drop", "late_drop"):
        _cut(request)
    parameters = {"retry_after": trouble.retry_after} if trouble.retry_after else {}
    return _error(ApiError(trouble.status, trouble.description, **parameters))


async def _be_late(request: web.Request, trouble: CallFault) -> None:
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
