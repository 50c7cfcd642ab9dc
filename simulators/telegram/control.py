"""The control API, through which tests, load generators and the chat page act on the simulated
Telegram.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from simulators.telegram.flood import Flood, FloodLimits
from simulators.telegram.state import BOT_USER, CallFault, Chat, Json, TelegramState

GONE = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "kicked": (403, "Forbidden: bot was kicked from the {type} chat"),
    "not_found": (400, "Bad Request: chat not found"),
    "group_deactivated": (403, "Forbidden: the group chat was deactivated"),
    "group_deleted": (403, "Forbidden: the group chat was deleted"),
    "restricted": (400, "Bad Request: CHAT_RESTRICTED"),
    "no_rights": (400, "Bad Request: have no rights to send a message"),
    "no_admin": (400, "Bad Request: need administrator rights in the channel chat"),
    "topic_closed": (400, "Bad Request: TOPIC_CLOSED"),
}
routes = web.RouteTableDef()
STATE = web.AppKey("state", TelegramState)


@routes.post("/control/updates")
async def push_updates(request: web.Request) -> web.Response:
    """A list of updates without `update_id`; returns their ids, null for an update that the bot
    does not receive.
    """
    state = request.app[STATE]
    return web.json_response([state.push(content) for content in await request.json()])


@routes.post("/control/say")
async def say(request: web.Request) -> web.Response:
    """`[{chat_id, text, type?, title?, first_name?, user_id?, language_code?, reply_to?}]`: send
    messages as people.
    """
    state = request.app[STATE]
    said: list[Json] = await request.json()
    return web.json_response([_say(state, words) for words in said])


def _say(state: TelegramState, words: Json) -> Json:
    chat = state.chat(
        int(words["chat_id"]),
        type=words.get("type"),
        title=words.get("title"),
        first_name=words.get("first_name"),
    )
    text = str(words["text"])
    content: Json = {"text": text}
    if chat.type != "channel":
        content["from"] = _user(chat, words)
    if text.startswith("/"):
        length = len(text.split(maxsplit=1)[0])
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    if words.get("reply_to"):
        replied = state.find_message(chat.id, int(words["reply_to"]))
        if replied:
            content["reply_to_message"] = {
                k: v for k, v in replied.items() if k != "reply_to_message"
            }
    message = state.new_message(chat, content)
    kind = "channel_post" if chat.type == "channel" else "message"
    update_id = state.push({kind: message})
    state.tell("message", message=message)
    return {"update_id": update_id, "message_id": message["message_id"]}


def _refusal(chat: Chat, reason: str) -> tuple[int, str]:
    status, description = GONE[reason]
    return status, description.format(type=chat.type)


def _user(chat: Chat, words: Json) -> Json:
    return {
        "id": int(words.get("user_id") or abs(chat.id)),
        "is_bot": False,
        "first_name": chat.first_name or "Reader",
        "language_code": words.get("language_code", "en"),
    }


@routes.post("/control/press")
async def press(request: web.Request) -> web.Response:
    """`{chat_id, message_id | ephemeral_message_id, data, user_id?, language_code?}`: tap an inline
    button as a person.
    """
    state = request.app[STATE]
    pressed: Json = await request.json()
    chat = state.chat(int(pressed["chat_id"]))
    if ephemeral_id := pressed.get("ephemeral_message_id"):
        message = state.find_ephemeral(chat.id, int(ephemeral_id))
    else:
        message = state.find_message(chat.id, int(pressed["message_id"]))
    if message is None:
        raise web.HTTPNotFound(text="no such message")
    query_id = f"{time.time_ns()}"
    query = {
        "id": query_id,
        "from": _user(chat, pressed),
        "message": message,
        "chat_instance": str(chat.id),
        "data": pressed["data"],
    }
    update_id = state.push({"callback_query": query})
    return web.json_response({"update_id": update_id, "query_id": query_id})


@routes.post("/control/stop")
async def stop(request: web.Request) -> web.Response:
    """`{chat_id, draft_id}`: somebody stops a message that is being written."""
    state = request.app[STATE]
    wanted: Json = await request.json()
    chat = state.chat(int(wanted["chat_id"]))
    stopped = {"chat": chat.as_json(), "draft_id": int(wanted["draft_id"])}
    return web.json_response({"update_id": state.push({"stopped_message_generation": stopped})})


@routes.get("/control/drafts")
async def drafts(request: web.Request) -> web.Response:
    """Every draft that was shown, oldest first."""
    return web.json_response(request.app[STATE].drafts)


@routes.get("/control/ephemeral")
async def ephemeral(request: web.Request) -> web.Response:
    """Every message that one member of a group saw, oldest first."""
    return web.json_response(request.app[STATE].ephemeral)


@routes.post("/control/delete")
async def delete(request: web.Request) -> web.Response:
    """`{chat_id, message_id}`: delete a message as a person; the bot gets no update."""
    state = request.app[STATE]
    deleted: Json = await request.json()
    message = state.find_message(int(deleted["chat_id"]), int(deleted["message_id"]))
    if message is None:
        raise web.HTTPNotFound(text="no such message")
    state.chat(int(deleted["chat_id"])).messages.remove(message)
    return web.json_response({})


@routes.post("/control/membership")
async def membership(request: web.Request) -> web.Response:
    """`{chat_id, status}`: add the bot to a chat, remove it or block it; the bot gets an update."""
    state = request.app[STATE]
    change: Json = await request.json()
    chat = state.chat(int(change["chat_id"]), type=change.get("type"), title=change.get("title"))
    gone = change["status"] in ("kicked", "left")
    chat.refusal = None
    if gone:
        chat.refusal = _refusal(chat, "blocked" if chat.type == "private" else "kicked")
    old = {"user": BOT_USER, "status": "member" if gone else "left"}
    new = {"user": BOT_USER, "status": change["status"]} | ({"until_date": 0} if gone else {})
    updated = {
        "chat": chat.as_json(),
        "from": _user(chat, change),
        "date": int(time.time()),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    return web.json_response({"update_id": state.push({"my_chat_member": updated})})


@routes.post("/control/chat")
async def change_chat(request: web.Request) -> web.Response:
    """`{chat_id, refuse?: <key of GONE>|null, forbidden?: [text, documents], direct_messages?,
    migrate_to?, type?, title?, admins?: [user_id, ..]}`.
    """
    state = request.app[STATE]
    change: Json = await request.json()
    chat = state.chat(
        int(change["chat_id"]),
        type=change.get("type"),
        title=change.get("title"),
        migrated_to=change.get("migrate_to"),
        admins=change.get("admins"),
        forbidden=change.get("forbidden"),
        direct_messages=change.get("direct_messages"),
    )
    if "refuse" in change:
        chat.refusal = _refusal(chat, change["refuse"]) if change["refuse"] else None
    return web.json_response(chat.as_json())


@routes.post("/control/trouble")
async def make_trouble(request: web.Request) -> web.Response:
    """A `CallFault` as JSON; `for_seconds` limits it by time instead of `times`. See
    `state.CallFault`.
    """
    trouble: Json = await request.json()
    seconds = trouble.pop("for_seconds", None)
    if seconds is not None:
        trouble |= {"until": time.time() + seconds, "times": None}
    request.app[STATE].troubles.append(CallFault(**trouble))
    return web.json_response({})


@routes.post("/control/settings")
async def change_settings(request: web.Request) -> web.Response:
    """`{latency?, strict_chats?, token?, limits?: {…FloodLimits}, no_trouble?: true,
    ignore_offset?: bool, unsupported?: [parameter or method, ..]}`.
    """
    state = request.app[STATE]
    change: Json = await request.json()
    state.latency = change.get("latency", state.latency)
    state.strict_chats = change.get("strict_chats", state.strict_chats)
    state.token = change.get("token", state.token)
    state.ignore_offset = change.get("ignore_offset", state.ignore_offset)
    state.unsupported = change.get("unsupported", state.unsupported)
    if "limits" in change:
        state.flood = Flood(FloodLimits(**change["limits"]))
    if change.get("no_trouble"):
        state.troubles.clear()
    return web.json_response({})


@routes.get("/control/state")
async def show_state(request: web.Request) -> web.Response:
    """Counters: pending, confirmed and accepted updates, and how often each call was made or
    rejected.
    """
    state = request.app[STATE]
    return web.json_response(
        {
            "pending": len(state.queue),
            "confirmed": state.queue.confirmed,
            "next_update_id": state.queue.next_id,
            "accepted": len(state.sent),
            "counts": dict(state.counts),
            "commands": state.commands,
            "menus": state.menus,
            "descriptions": state.descriptions,
        }
    )


@routes.get("/control/sent")
async def sent(request: web.Request) -> web.Response:
    """The messages that the bot sent, oldest first; filters: `?chat_id=` and `?since=<index>`."""
    since = int(request.query.get("since", 0))
    chat_id = request.query.get("chat_id")
    messages = request.app[STATE].sent[since:]
    chosen = [one for one in messages if chat_id is None or one["chat_id"] == int(chat_id)]
    return web.json_response(chosen)


@routes.get("/control/polls")
async def polls(request: web.Request) -> web.Response:
    """Start, end and result of each getUpdates call; filter: `?since=<index>`."""
    return web.json_response(request.app[STATE].polls[int(request.query.get("since", 0)) :])


@routes.get("/control/chats")
async def chats(request: web.Request) -> web.Response:
    """All chats with their messages, for the chat page."""
    listed = [
        chat.as_json() | {"messages": chat.messages} for chat in request.app[STATE].chats.values()
    ]
    return web.json_response(listed)


@routes.get("/control/files/{file_id}")
async def file(request: web.Request) -> web.Response:
    """A document that the bot sent."""
    name, data = request.app[STATE].files[request.match_info["file_id"]]
    disposition = f'attachment; filename="{name}"'
    return web.Response(body=data, headers={"Content-Disposition": disposition})


@routes.get("/control/events")
async def events(request: web.Request) -> web.StreamResponse:
    """All events, as a stream of server-sent events with one JSON object each."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    queue, stop = request.app[STATE].listen()
    try:
        while True:
            await response.write(f"data: {json.dumps(await _next(queue))}\n\n".encode())
    except ConnectionError:
        pass
    finally:
        stop()
    return response


async def _next(queue: asyncio.Queue[Json]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(15):
            return await queue.get()
    except TimeoutError:
        return {"event": "alive", "at": time.time()}
