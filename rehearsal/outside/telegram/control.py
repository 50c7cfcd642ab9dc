"""The control API: what a test, a load generator or a person at the chat page does to the
simulated Telegram.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from rehearsal.outside.telegram.flood import Flood, FloodLimits
from rehearsal.outside.telegram.world import BOT_USER, Chat, Json, Trouble, World

GONE = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "kicked": (403, "Forbidden: bot was kicked from the {type} chat"),
    "not_found": (400, "Bad Request: chat not found"),
}
routes = web.RouteTableDef()
WORLD = web.AppKey("world", World)


@routes.post("/control/updates")
async def push_updates(request: web.Request) -> web.Response:
    """A list of bare updates without `update_id`; answers with their ids, null for one that the
    bot does not want.
    """
    world = request.app[WORLD]
    return web.json_response([world.push(content) for content in await request.json()])


@routes.post("/control/say")
async def say(request: web.Request) -> web.Response:
    """`[{chat_id, text, type?, title?, first_name?, user_id?, language_code?, reply_to?}]`:
    people write messages.
    """
    world = request.app[WORLD]
    said: list[Json] = await request.json()
    return web.json_response([_say(world, words) for words in said])


def _say(world: World, words: Json) -> Json:
    chat = world.chat(
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
        replied = world.find_message(chat.id, int(words["reply_to"]))
        if replied:
            content["reply_to_message"] = {
                k: v for k, v in replied.items() if k != "reply_to_message"
            }
    message = world.new_message(chat, content)
    kind = "channel_post" if chat.type == "channel" else "message"
    update_id = world.push({kind: message})
    world.tell("message", message=message)
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
    """`{chat_id, message_id, data, user_id?, language_code?}`: somebody presses an inline
    button.
    """
    world = request.app[WORLD]
    pressed: Json = await request.json()
    chat = world.chat(int(pressed["chat_id"]))
    message = world.find_message(chat.id, int(pressed["message_id"]))
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
    update_id = world.push({"callback_query": query})
    return web.json_response({"update_id": update_id, "query_id": query_id})


@routes.post("/control/delete")
async def delete(request: web.Request) -> web.Response:
    """`{chat_id, message_id}`: somebody deletes a message; bots do not hear of it."""
    world = request.app[WORLD]
    deleted: Json = await request.json()
    message = world.find_message(int(deleted["chat_id"]), int(deleted["message_id"]))
    if message is None:
        raise web.HTTPNotFound(text="no such message")
    world.chat(int(deleted["chat_id"])).messages.remove(message)
    return web.json_response({})


@routes.post("/control/membership")
async def membership(request: web.Request) -> web.Response:
    """`{chat_id, status}`: the bot is added to, removed from or blocked in a chat, and hears of
    it.
    """
    world = request.app[WORLD]
    change: Json = await request.json()
    chat = world.chat(int(change["chat_id"]), type=change.get("type"), title=change.get("title"))
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
    return web.json_response({"update_id": world.push({"my_chat_member": updated})})


@routes.post("/control/chat")
async def change_chat(request: web.Request) -> web.Response:
    """`{chat_id, refuse?: blocked|deactivated|kicked|not_found|null, migrate_to?, type?,
    title?, admins?: [user_id, ..]}`.
    """
    world = request.app[WORLD]
    change: Json = await request.json()
    chat = world.chat(
        int(change["chat_id"]),
        type=change.get("type"),
        title=change.get("title"),
        migrated_to=change.get("migrate_to"),
        admins=change.get("admins"),
    )
    if "refuse" in change:
        chat.refusal = _refusal(chat, change["refuse"]) if change["refuse"] else None
    return web.json_response(chat.as_json())


@routes.post("/control/trouble")
async def make_trouble(request: web.Request) -> web.Response:
    """A `Trouble` as JSON; `for_seconds` instead of `times` makes it last. See `world.Trouble`."""
    trouble: Json = await request.json()
    seconds = trouble.pop("for_seconds", None)
    if seconds is not None:
        trouble |= {"until": time.time() + seconds, "times": None}
    request.app[WORLD].troubles.append(Trouble(**trouble))
    return web.json_response({})


@routes.post("/control/settings")
async def change_settings(request: web.Request) -> web.Response:
    """`{latency?, strict_chats?, token?, limits?: {…FloodLimits}, no_trouble?: true}`."""
    world = request.app[WORLD]
    change: Json = await request.json()
    world.latency = change.get("latency", world.latency)
    world.strict_chats = change.get("strict_chats", world.strict_chats)
    world.token = change.get("token", world.token)
    if "limits" in change:
        world.flood = Flood(FloodLimits(**change["limits"]))
    if change.get("no_trouble"):
        world.troubles.clear()
    return web.json_response({})


@routes.get("/control/state")
async def state(request: web.Request) -> web.Response:
    """Counters: what is pending, confirmed, accepted, and how often each call was made or
    refused.
    """
    world = request.app[WORLD]
    return web.json_response(
        {
            "pending": len(world.queue),
            "confirmed": world.queue.confirmed,
            "next_update_id": world.queue.next_id,
            "accepted": len(world.sent),
            "counts": dict(world.counts),
            "commands": world.commands,
            "menus": world.menus,
            "descriptions": world.descriptions,
        }
    )


@routes.get("/control/sent")
async def sent(request: web.Request) -> web.Response:
    """What the bot sent, oldest first; `?chat_id=` and `?since=<index>` narrow it."""
    since = int(request.query.get("since", 0))
    chat_id = request.query.get("chat_id")
    messages = request.app[WORLD].sent[since:]
    chosen = [one for one in messages if chat_id is None or one["chat_id"] == int(chat_id)]
    return web.json_response(chosen)


@routes.get("/control/polls")
async def polls(request: web.Request) -> web.Response:
    """When each getUpdates began and ended, and what it brought; `?since=<index>` narrows it."""
    return web.json_response(request.app[WORLD].polls[int(request.query.get("since", 0)) :])


@routes.get("/control/chats")
async def chats(request: web.Request) -> web.Response:
    """Every chat with its messages, for the chat page."""
    listed = [
        chat.as_json() | {"messages": chat.messages} for chat in request.app[WORLD].chats.values()
    ]
    return web.json_response(listed)


@routes.get("/control/files/{file_id}")
async def file(request: web.Request) -> web.Response:
    """A document that the bot sent."""
    name, data = request.app[WORLD].files[request.match_info["file_id"]]
    disposition = f'attachment; filename="{name}"'
    return web.Response(body=data, headers={"Content-Disposition": disposition})


@routes.get("/control/events")
async def events(request: web.Request) -> web.StreamResponse:
    """A stream of everything that happens: server-sent events, one JSON object each."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    queue, stop = request.app[WORLD].listen()
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
