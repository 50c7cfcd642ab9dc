"""An OpenAI-compatible `/v1/chat/completions`, whose answers match the requested schema.

It can refuse, cut off or return nonsense or hostile text, be slow, fail, and imitate servers that
only resemble OpenAI's (`simulators.llm_servers`): with a context limit, unknown parameters, and
their own error messages.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from simulators.llm_servers import BOTH_LIMITS, SERVERS, ErrorResponse, Server, TooLong
from simulators.llm_writing import write

Json = dict[str, Any]


_ASKED_LANGUAGE = re.compile(r"\bthe language [^()]{1,40} \((\w\w)\)")


# Errors in responses with status 200, by who reports them so.
INSIDE: dict[str, Callable[[str, int], Json]] = {
    "gateway": lambda text, status: {"id": "gen-1", "error": {"message": text, "code": status}},
    "choice": lambda text, status: {
        "choices": [{"finish_reason": "error", "error": {"message": text, "code": status}}]
    },
    "whole": lambda text, status: {"object": "error", "message": text, "code": status},
    "detail": lambda text, _: {"detail": text},
}


@dataclass(slots=True)
class ModelBehaviour:
    """The behaviour of the next `times` calls; None: of all calls."""

    # answer, refuse, cut, nonsense, silence, flood, nest (endless brackets), boast (about tokens),
    # fail, fail_inside (a response with 200), break_off (finish_reason error), parts (of an answer,
    # instead of a text), filter, hang, or a manner of `llm_writing.write`
    behaviour: str = "answer"
    times: int | None = None
    # The error of `fail` and `fail_inside`, and the latter's shape, of `INSIDE`.
    status: int = 500
    code: str | None = None
    message: str = "simulated failure"
    inside: str = "gateway"
    # The imitated server, and the most tokens of a prompt with its answer.
    server: str = "openai"
    context: int | None = None
    retry_after: float | None = None
    # Seconds before each answer.
    latency: float = 0.0
    # The only accepted key; None: any key.
    key: str | None = None
    # Parameters that are rejected, such as max_completion_tokens or json_schema.
    unsupported: list[str] = field(default_factory=list)
    # Whether answers are streamed on request, and the seconds between the pieces.
    streams: bool = True
    piece_seconds: float = 0.0
    # Whether the token usage is reported, and the reasoning tokens of each answer.
    usage: bool = True
    thinking: int = 0
    # What it says of pages: kinds by words of the prompt, "" for any prompt; otherwise "article".
    # The field is left out for null.
    pages: dict[str, Any] = field(default_factory=dict)
    requests: list[Json] = field(default_factory=list)
    # Bytes of a flood that were read.
    flooded: int = 0


FLOOD_PIECES = 200
# A piece of an answer.
_WORD = re.compile(r"\s*\S+\s*")
SETTINGS = set(ModelBehaviour.__dataclass_fields__) - {"requests", "flooded"}
MODEL = web.AppKey("model", ModelBehaviour)


def make_app() -> web.Application:
    app = web.Application(client_max_size=64 * 1024**2)
    app[MODEL] = ModelBehaviour()
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
    if (complaint := _complaint(model, asked)) is not None:
        return web.json_response(complaint[1], status=complaint[0])
    behaviour = _behaviour(model)
    if model.latency:
        await asyncio.sleep(model.latency)
    if behaviour == "hang":
        await asyncio.sleep(3600)
    if behaviour == "flood":
        return await _flood(request, model, in_pieces=bool(asked.get("stream")))
    if behaviour == "nest":
        return web.Response(text="[" * 200_000, content_type="application/json")
    if behaviour == "fail":
        return _error(model.status, model.message, code=model.code, retry_after=model.retry_after)
    if behaviour == "fail_inside":
        return web.json_response(INSIDE[model.inside](model.message, model.status))
    if behaviour == "filter":
        status, body = SERVERS[model.server].filtered()
        return web.json_response(body, status=status)
    completion = _completion(asked, behaviour, model)
    if asked.get("stream") and model.streams:
        return await _in_pieces(request, asked, completion, model)
    return web.json_response(completion)


async def _in_pieces(
    request: web.Request, asked: Json, completion: Json, model: ModelBehaviour
) -> web.StreamResponse:
    """Send a completion as server-sent events.

    https://platform.openai.com/docs/api-reference/chat-streaming
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    choice = completion["choices"][0]
    message = choice["message"]
    piece = {key: completion[key] for key in ("id", "created", "model")}
    piece["object"] = "chat.completion.chunk"

    async def send(delta: Json, finish: str | None) -> None:
        one = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        await _event(response, piece | {"choices": [one]})

    try:
        await send({"role": "assistant", "content": ""}, None)
        if message["refusal"]:
            await send({"refusal": message["refusal"]}, None)
        for word in _WORD.findall(message["content"] or ""):
            await asyncio.sleep(model.piece_seconds)
            await send({"content": word}, None)
        if "error" in choice:
            await _event(response, {"error": choice["error"]})
            return response
        await send({}, choice["finish_reason"])
        if "usage" in completion and asked.get("stream_options", {}).get("include_usage"):
            await _event(response, piece | {"choices": [], "usage": completion["usage"]})
        await response.write(b"data: [DONE]\n\n")
    except ConnectionError:
        pass  # the client stopped reading
    return response


async def _event(response: web.StreamResponse, content: Json) -> None:
    await response.write(f"data: {json.dumps(content)}\n\n".encode())


async def _flood(
    request: web.Request, model: ModelBehaviour, *, in_pieces: bool
) -> web.StreamResponse:
    """Send a valid answer after 200 MB of white space, unless the client stops reading."""
    kind = "text/event-stream" if in_pieces else "application/json"
    response = web.StreamResponse(headers={"Content-Type": kind})
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


def _complaint(model: ModelBehaviour, asked: Json) -> ErrorResponse | None:
    """The error with which the server rejects a request, or None."""
    server = SERVERS[model.server]
    if server.unknown and (parameter := _refused_parameter(model, server, asked)):
        return server.unknown(parameter)
    if not server.both_limits and {"max_tokens", "max_completion_tokens"} <= asked.keys():
        return BOTH_LIMITS
    if model.context is None or server.too_long is None:
        return None
    request = TooLong(_prompt_tokens(asked), _limit(server, asked), model.context)
    return server.too_long(request) if request.total > model.context else None


def _refused_parameter(model: ModelBehaviour, server: Server, asked: Json) -> str | None:
    """The first parameter that is rejected, as by OpenAI's models or by older servers."""
    if asked.get("temperature", 1) != 1:
        return "temperature"
    wanted = asked.get("response_format", {}).get("type")
    named = {*asked, wanted, *(["response_format"] if wanted else [])}
    return next((name for name in (*server.parameters, *model.unsupported) if name in named), None)


def _prompt_tokens(asked: Json) -> int:
    return sum(len(_text_of(one)) for one in asked["messages"]) // 4


def _limit(server: Server, asked: Json) -> int:
    return int(asked.get(server.limit, 0))


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


def _behaviour(model: ModelBehaviour) -> str:
    if model.times is None:
        return model.behaviour
    if model.times == 0:
        return "answer"
    model.times -= 1
    return model.behaviour


def _language(asked: Json) -> str:
    """The code of the language that the instructions ask for."""
    told = "\n".join(_text_of(one) for one in asked["messages"] if one["role"] != "user")
    found = _ASKED_LANGUAGE.search(told)
    return found[1] if found else "en"


def _completion(asked: Json, behaviour: str, model: ModelBehaviour) -> Json:
    source = "\n".join(
        _text_of(message) for message in asked["messages"] if message["role"] == "user"
    )
    prompt_tokens = _prompt_tokens(asked)
    if model.context is not None and SERVERS[model.server].too_long is None:
        # Ollama silently keeps the end.
        prompt_tokens = min(prompt_tokens, model.context)
        source = source[-4 * model.context :]
    page = next((kind for words, kind in model.pages.items() if words in source), "article")
    content: str | None = write(_schema(asked), source, behaviour, _language(asked), page)
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
    elif behaviour == "break_off":
        message["content"] = (content or "")[: len(content or "") // 3]
        finish = "error"
    completion_tokens = len(message["content"] or "") // 4 + model.thinking
    if behaviour == "parts":
        thought: Json = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
        message["content"] = [thought, {"type": "text", "text": content}]
    if behaviour == "boast":
        prompt_tokens = completion_tokens = 10**30
    choice: Json = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    if behaviour == "break_off":
        choice["error"] = {"code": model.status, "message": model.message}
    completion = {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.get("model", "simulated"),
        "choices": [choice],
    }
    if model.usage:
        completion["usage"] = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        }
    return completion


def _schema(asked: Json) -> Json | None:
    """The requested schema: from a parameter, or from the text of the instructions."""
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
    """Set any fields of `ModelBehaviour` except the requests."""
    model = request.app[MODEL]
    for name, value in (await request.json()).items():
        if name in SETTINGS:
            setattr(model, name, value)
    return web.json_response({})


async def _requests(request: web.Request) -> web.Response:
    """All requests so far, oldest first."""
    return web.json_response(request.app[MODEL].requests)


async def _forget(request: web.Request) -> web.Response:
    """Discard the recorded requests."""
    request.app[MODEL].requests.clear()
    return web.json_response({})
