"""An OpenAI-compatible `/v1/chat/completions`, whose answers fit the schema they are asked for.

What it writes is taken from the request itself, so that a test can tell whose text became whose
summary. It can be told to refuse, to cut off, to answer nonsense, to be slow, and to fail.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass(slots=True)
class Model:
    """How the next `times` calls behave; None is for ever."""

    behaviour: str = "answer"  # answer, refuse, cut, nonsense, fail, hang
    times: int | None = None
    status: int = 500
    latency: float = 0.0
    requests: list[Json] = field(default_factory=list)


MODEL = web.AppKey("model", Model)


def make_app() -> web.Application:
    app = web.Application(client_max_size=64 * 1024**2)
    app[MODEL] = Model()
    app.router.add_post("/v1/chat/completions", _complete)
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/control/settings", _change)
    app.router.add_get("/control/requests", _requests)
    return app


async def _complete(request: web.Request) -> web.Response:
    model = request.app[MODEL]
    asked: Json = await request.json()
    model.requests.append(asked)
    behaviour = _behaviour(model)
    if model.latency:
        await asyncio.sleep(model.latency)
    if behaviour == "hang":
        await asyncio.sleep(3600)
    if behaviour == "fail":
        error = {"message": "simulated failure", "type": "server_error", "code": None}
        return web.json_response({"error": error}, status=model.status)
    return web.json_response(_completion(asked, behaviour))


def _behaviour(model: Model) -> str:
    if model.times is None:
        return model.behaviour
    if model.times == 0:
        return "answer"
    model.times -= 1
    return model.behaviour


def _completion(asked: Json, behaviour: str) -> Json:
    source = "\n".join(
        _text_of(message) for message in asked["messages"] if message["role"] == "user"
    )
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    content: str | None = json.dumps(_fill(schema, source)) if schema else _words(source, 40)
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    finish = "stop"
    if behaviour == "refuse":
        message |= {"content": None, "refusal": "I cannot help with that."}
    elif behaviour == "cut":
        message["content"] = (content or "")[: len(content or "") // 2]
        finish = "length"
    elif behaviour == "nonsense":
        message["content"] = "this is } not what was asked for"
    prompt_tokens = sum(len(_text_of(one)) for one in asked["messages"]) // 4
    completion_tokens = len(message["content"] or "") // 4
    return {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.get("model", "simulated"),
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    }


def _text_of(message: Json) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def _words(source: str, count: int) -> str:
    return " ".join(source.split()[-count:])


def _fill(schema: Json, source: str, name: str = "") -> Any:
    """A value that fits `schema`, written with words of `source`."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _fill(schema["anyOf"][0], source, name)
    match schema.get("type"):
        case "object":
            return {
                key: _fill(value, source, key)
                for key, value in schema.get("properties", {}).items()
            }
        case "array":
            return [_fill(schema.get("items", {"type": "string"}), source, name)]
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case _:
            return _words(source, 25)


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "simulated", "object": "model"}]})


async def _change(request: web.Request) -> web.Response:
    """`{behaviour?, times?, status?, latency?}`."""
    model = request.app[MODEL]
    for name, value in (await request.json()).items():
        if name in ("behaviour", "times", "status", "latency"):
            setattr(model, name, value)
    return web.json_response({})


async def _requests(request: web.Request) -> web.Response:
    """Every request so far, oldest first."""
    return web.json_response(request.app[MODEL].requests)
