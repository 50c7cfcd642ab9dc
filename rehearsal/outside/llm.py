"""An OpenAI-compatible `/v1/chat/completions`, whose answers fit the schema they are asked for.

It can be told to refuse, to cut off, to answer nonsense or with hostility, to be slow, to fail, and
not to know parameters, as servers do that only resemble OpenAI's.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from rehearsal.outside.llm_writing import write

Json = dict[str, Any]


@dataclass(slots=True)
class Model:
    """How the next `times` calls behave; None is for ever."""

    # answer, refuse, cut, nonsense, silence, flood, nest (no end of brackets), boast (of tokens),
    # fail, hang, or a manner of `llm_writing.write`
    behaviour: str = "answer"
    times: int | None = None
    # What `fail` says.
    status: int = 500
    code: str | None = None
    retry_after: float | None = None
    # Seconds before each answer.
    latency: float = 0.0
    # The only key that is accepted; any, when not given.
    key: str | None = None
    # Parameters that are not known here, such as max_completion_tokens or json_schema.
    unsupported: list[str] = field(default_factory=list)
    # Whether the tokens are told, and how many more of them each answer takes to think about.
    usage: bool = True
    thinking: int = 0
    requests: list[Json] = field(default_factory=list)
    # Bytes of a flood that its reader took.
    flooded: int = 0


FLOOD_PIECES = 200
SETTINGS = set(Model.__dataclass_fields__) - {"requests", "flooded"}
MODEL = web.AppKey("model", Model)


def make_app() -> web.Application:
    app = web.Application(client_max_size=64 * 1024**2)
    app[MODEL] = Model()
    app.router.add_post("/v1/chat/completions", _complete)
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/control/settings", _change)
    app.router.add_get("/control/requests", _requests)
    app.router.add_post("/control/forget", _forget)
    return app


async def _complete(request: web.Request) -> web.StreamResponse:
    model = request.app[MODEL]
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not key or (model.key and key != model.key):
        return _error(401, "Incorrect API key provided.", code="invalid_api_key")
    asked: Json = await request.json()
    model.requests.append(asked)
    if (parameter := _refused_parameter(model, asked)) is not None:
        return _error(
            400,
            f"Unsupported parameter: '{parameter}' is not supported with this model.",
            param=parameter,
            code="unsupported_parameter",
        )
    behaviour = _behaviour(model)
    if model.latency:
        await asyncio.sleep(model.latency)
    if behaviour == "hang":
        await asyncio.sleep(3600)
    if behaviour == "flood":
        return await _flood(request, model)
    if behaviour == "nest":
        return web.Response(text="[" * 200_000, content_type="application/json")
    if behaviour == "fail":
        return _error(
            model.status, "simulated failure", code=model.code, retry_after=model.retry_after
        )
    return web.json_response(_completion(asked, behaviour, model))


async def _flood(request: web.Request, model: Model) -> web.StreamResponse:
    """A valid answer behind 200 MB of white space, for as long as somebody reads."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    piece = b" " * 1024**2
    try:
        for _ in range(FLOOD_PIECES):
            await response.write(piece)
            model.flooded += len(piece)
    except ConnectionError:
        pass
    else:
        await response.write(b"{}")
    return response


def _refused_parameter(model: Model, asked: Json) -> str | None:
    """The first parameter that is not taken, as OpenAI's models and older servers do it."""
    if asked.get("temperature", 1) != 1:
        return "temperature"
    wanted = asked.get("response_format", {}).get("type")
    named = {*asked, wanted, *(["response_format"] if wanted else [])}
    return next((name for name in model.unsupported if name in named), None)


def _error(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    retry_after: float | None = None,
) -> web.Response:
    kind = "invalid_request_error" if status < 429 else (code or "server_error")
    error = {"message": message, "type": kind, "param": param, "code": code}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return web.json_response({"error": error}, status=status, headers=headers)


def _behaviour(model: Model) -> str:
    if model.times is None:
        return model.behaviour
    if model.times == 0:
        return "answer"
    model.times -= 1
    return model.behaviour


def _completion(asked: Json, behaviour: str, model: Model) -> Json:
    source = "\n".join(
        _text_of(message) for message in asked["messages"] if message["role"] == "user"
    )
    content: str | None = write(_schema(asked), source, behaviour)
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    finish = "stop"
    if behaviour == "refuse":
        message |= {"content": None, "refusal": "I cannot help with that."}
    elif behaviour == "silence":
        message["content"] = None
    elif behaviour == "cut":
        message["content"] = (content or "")[: len(content or "") // 2]
        finish = "length"
    elif behaviour == "nonsense":
        message["content"] = "this is } not what was asked for"
    prompt_tokens = sum(len(_text_of(one)) for one in asked["messages"]) // 4
    completion_tokens = len(message["content"] or "") // 4 + model.thinking
    if behaviour == "boast":
        prompt_tokens = completion_tokens = 10**30
    completion = {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.get("model", "simulated"),
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    if model.usage:
        completion["usage"] = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        }
    return completion


def _schema(asked: Json) -> Json | None:
    """The schema to keep to: a parameter, or in the words of the instructions."""
    if schema := asked.get("response_format", {}).get("json_schema", {}).get("schema"):
        return dict(schema)
    instructions = " ".join(
        _text_of(message) for message in asked["messages"] if message["role"] == "system"
    )
    described = re.search(r"JSON schema: (\{.*\})", instructions)
    return dict(json.loads(described[1])) if described else None


def _text_of(message: Json) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "simulated", "object": "model"}]})


async def _change(request: web.Request) -> web.Response:
    """Any fields of `Model` but the requests."""
    model = request.app[MODEL]
    for name, value in (await request.json()).items():
        if name in SETTINGS:
            setattr(model, name, value)
    return web.json_response({})


async def _requests(request: web.Request) -> web.Response:
    """Every request so far, oldest first."""
    return web.json_response(request.app[MODEL].requests)


async def _forget(request: web.Request) -> web.Response:
    """Forget the requests."""
    request.app[MODEL].requests.clear()
    return web.json_response({})
