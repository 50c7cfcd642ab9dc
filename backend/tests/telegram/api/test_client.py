"""Every way a call can end is told apart: taken, refused, to be tried again, or in doubt."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.telegram.api import client as bot_api
from app.telegram.api.client import BotApi
from app.telegram.api.outcomes import (
    Accepted,
    CallOutcome,
    ChatGone,
    ChatRefuses,
    InDoubt,
    Migrated,
    NotAccepted,
    PollConflictError,
    PollError,
    Refused,
    TokenRejectedError,
    TooManyRequests,
    Unparsable,
    UnreadableUpdatesError,
)
from simulators.embedded import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
MESSAGE = {"chat_id": 1, "text": "hello"}


class Telegram:
    """A Bot API server that answers what it is told to."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.address = ""

    def answers(self, status: int, body: object) -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            if isinstance(body, str):
                return web.Response(status=status, text=body, content_type="text/html")
            return web.json_response(body, status=status)

        self.answer = answer

    def fails(self, status: int, description: str, **parameters: Any) -> None:
        self.answers(
            status,
            {
                "ok": False,
                "error_code": status,
                "description": description,
                **({"parameters": parameters} if parameters else {}),
            },
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert self.answer is not None
        return await self.answer(request)


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    telegram = Telegram()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", telegram.handle)
    async with TestServer(app) as server:
        telegram.address = str(server.make_url("")).rstrip("/")
        yield telegram


@pytest.fixture
async def api(telegram: Telegram) -> AsyncIterator[BotApi]:
    api = BotApi("42:token", telegram.address)
    yield api
    await api.close()


@pytest.mark.parametrize(
    ("status", "description", "parameters", "expected"),
    [
        (403, "Forbidden: bot was blocked by the user", {}, ChatGone),
        (400, "Bad Request: chat not found", {}, ChatGone),
        (403, "Forbidden: user is deactivated", {}, ChatGone),
        (403, "Forbidden: bot was kicked from the supergroup chat", {}, ChatGone),
        (403, "Forbidden: bot is not a member of the channel chat", {}, ChatGone),
        (403, "Forbidden: bot can't initiate conversation with a user", {}, ChatGone),
        (403, "Forbidden: the group chat was deleted", {}, ChatGone),
        (400, "Bad Request: group chat was deactivated", {}, ChatGone),
        (400, "Bad Request: PEER_ID_INVALID", {}, ChatGone),
        (400, "Bad Request: not enough rights to send text messages to the chat", {}, ChatRefuses),
        (403, "Forbidden: not enough rights to send text messages to the chat", {}, ChatRefuses),
        (400, "Bad Request: have no rights to send a message", {}, ChatRefuses),
        (400, "Bad Request: need administrator rights in the channel chat", {}, ChatRefuses),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", {}, ChatRefuses),
        (403, "Forbidden: CHAT_SEND_PLAIN_FORBIDDEN", {}, ChatRefuses),
        (400, "Bad Request: CHAT_RESTRICTED", {}, ChatRefuses),
        (400, "Bad Request: TOPIC_CLOSED", {}, ChatRefuses),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", {}, ChatRefuses),
        (403, "Forbidden: words that nobody here knows", {}, ChatRefuses),
        (400, "Bad Request: not enough rights to send documents to the chat", {}, Refused),
        (403, "Forbidden: not enough rights to send documents to the chat", {}, Refused),
        (403, "Forbidden: CHAT_SEND_DOCS_FORBIDDEN", {}, Refused),
        (400, "Bad Request: not enough rights to manage pinned messages in the chat", {}, Refused),
        (400, "Bad Request: link_preview_options is not supported", {}, Refused),
        (400, "Bad Request: words that nobody here knows", {}, Refused),
        (400, "Bad Request: message is too long", {}, Refused),
        (400, "Bad Request: can't parse entities: unsupported start tag", {}, Unparsable),
        (400, "Bad Request: message is not modified: it is the same", {}, Accepted),
        (401, "Unauthorized", {}, NotAccepted),
        (404, "Not Found", {}, NotAccepted),
        (404, "Not Found: method not found", {}, Refused),
        (500, "Internal Server Error", {}, InDoubt),
        (502, "Bad Gateway", {}, InDoubt),
        (504, "Gateway Timeout", {}, InDoubt),
    ],
)
async def test_refusals(
    telegram: Telegram,
    api: BotApi,
    status: int,
    description: str,
    parameters: dict[str, Any],
    expected: type[CallOutcome],
) -> None:
    telegram.fails(status, description, **parameters)
    assert isinstance(await api.call("sendMessage", MESSAGE), expected)


async def test_how_long_to_wait(telegram: Telegram, api: BotApi) -> None:
    telegram.fails(429, "Too Many Requests: retry after 17", retry_after=17)
    assert await api.call("sendMessage", MESSAGE) == TooManyRequests(17)
    telegram.fails(429, "Too Many Requests: retry after 9")
    assert await api.call("sendMessage", MESSAGE) == TooManyRequests(9)
    telegram.answers(429, "<html>429 Too Many Requests</html>")
    assert await api.call("sendMessage", MESSAGE) == TooManyRequests(bot_api.DEFAULT_RETRY_AFTER)


async def test_a_migrated_group(telegram: Telegram, api: BotApi) -> None:
    telegram.fails(400, "Bad Request: group upgraded", migrate_to_chat_id=-1009007199254740)
    assert await api.call("sendMessage", MESSAGE) == Migrated(-1009007199254740)


async def test_an_accepted_message(telegram: Telegram, api: BotApi) -> None:
    telegram.answers(200, {"ok": True, "result": {"message_id": 5}})
    assert await api.call("sendMessage", MESSAGE) == Accepted(5)


# What TDLib says of each kind of content that a member may not send.
KINDS = (
    "animations",
    "checklists",
    "contacts",
    "dice",
    "documents",
    "games",
    "invoices",
    "locations",
    "music",
    "paid media",
    "photos",
    "polls",
    "stickers",
    "stories",
    "the rich message",
    "venues",
    "video notes",
    "videos",
    "voice notes",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status, words", [(400, "Bad Request"), (403, "Forbidden")])
async def test_a_refused_kind_of_content_says_nothing_about_the_chat(
    telegram: Telegram, api: BotApi, kind: str, status: int, words: str
) -> None:
    telegram.fails(status, f"{words}: not enough rights to send {kind} to the chat")
    assert isinstance(await api.call("sendDocument", MESSAGE), Refused)


@pytest.mark.parametrize("kind", ["text messages", "messages", "message"])
async def test_a_refused_text_is_a_refusal_by_the_chat(
    telegram: Telegram, api: BotApi, kind: str
) -> None:
    telegram.fails(400, f"Bad Request: not enough rights to send {kind} to the chat")
    assert isinstance(await api.call("sendMessage", MESSAGE), ChatRefuses)


@pytest.mark.parametrize("message_id", [0, -1, "7", 2**63, None, 1.5])
async def test_an_invalid_id_is_not_stored(
    telegram: Telegram, api: BotApi, message_id: object
) -> None:
    """0 is that of a message which Telegram sends later."""
    telegram.answers(200, {"ok": True, "result": {"message_id": message_id}})
    assert await api.call("sendMessage", MESSAGE) == Accepted(None)


@pytest.mark.parametrize("status", [302, 400, 403, 405, 408, 409])
async def test_the_page_of_a_proxy_says_nothing_about_chat_or_message(
    telegram: Telegram, api: BotApi, status: int
) -> None:
    telegram.answers(status, "<html>bot was blocked by the firewall</html>")
    assert isinstance(await api.call("sendMessage", MESSAGE), InDoubt)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_a_server_error_leaves_a_message_in_doubt(
    telegram: Telegram, api: BotApi, status: int
) -> None:
    telegram.answers(status, "<html>we are sorry</html>")
    assert isinstance(await api.call("sendMessage", MESSAGE), InDoubt)


@pytest.mark.parametrize("body", ["<html>fine</html>", [], {"ok": True}, {}, "[" * 5000])
async def test_a_malformed_answer_leaves_a_message_in_doubt(
    telegram: Telegram, api: BotApi, body: object
) -> None:
    telegram.answers(200, body)
    assert isinstance(await api.call("sendMessage", MESSAGE), InDoubt)
    with pytest.raises(PollError):
        await api.get_updates(None)


async def test_a_refused_connection_leaves_no_doubt() -> None:
    api = BotApi("42:token", f"http://127.0.0.1:{free_port()}")
    assert isinstance(await api.call("sendMessage", MESSAGE), NotAccepted)
    await api.close()


async def test_a_connection_cut_before_the_answer_leaves_a_message_in_doubt(
    telegram: Telegram, api: BotApi
) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise web.HTTPServiceUnavailable

    telegram.answer = cut
    assert isinstance(await api.call("sendMessage", MESSAGE), InDoubt)


async def test_no_answer_in_time_leaves_a_message_in_doubt(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_api, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(bot_api, "CONNECT_SECONDS", 0.05)
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    telegram.answer = hang
    api = BotApi("42:token", telegram.address)
    assert isinstance(await api.call("sendMessage", MESSAGE), InDoubt)
    never.set()
    await api.close()


async def test_a_document_is_uploaded(telegram: Telegram, api: BotApi) -> None:
    async def take(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        document = form["document"]
        assert isinstance(document, web.FileField)
        said = [document.filename, document.file.read().decode(), form["caption"]]
        assert said == ["digest.html", "<p>é</p>", "here"]
        return web.json_response({"ok": True, "result": {"message_id": 6}})

    telegram.answer = take
    document = {"filename": "digest.html", "text": "<p>é</p>"}
    parameters = {"chat_id": 1, "document": document, "caption": "here"}
    assert await api.call("sendDocument", parameters) == Accepted(6)


async def test_failures_of_polls(telegram: Telegram, api: BotApi) -> None:
    telegram.fails(409, "Conflict: terminated by other getUpdates request")
    with pytest.raises(PollConflictError):
        await api.get_updates(None)
    telegram.fails(401, "Unauthorized")
    with pytest.raises(TokenRejectedError, match="@BotFather"):
        await api.get_updates(None)
    telegram.fails(429, "Too Many Requests: retry after 7", retry_after=7)
    with pytest.raises(PollError) as caught:
        await api.get_updates(None)
    assert caught.value.retry_after == 7
    nested = "[" * 3000 + "]" * 3000
    telegram.answers(200, json.dumps({"ok": True, "result": [{"update_id": 8}]})[:-2] + nested)
    with pytest.raises(UnreadableUpdatesError) as unreadable:
        await api.get_updates(None)
    assert '"update_id": 8' in unreadable.value.payload
