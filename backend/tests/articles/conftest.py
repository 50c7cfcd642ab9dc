"""A web server whose answers the tests choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PARAGRAPH = (
    "The committee met on Tuesday and agreed that the bridge over the river should be rebuilt in "
    "stone, because the wooden one had been carried away by three floods in as many years. "
)


def article(title: str = "The bridge", paragraphs: int = 5) -> str:
    """A page with navigation around an article."""
    body = "".join(f"<p>{number}. {PARAGRAPH}</p>" for number in range(paragraphs))
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body>"
        "<nav><a href='/a'>Home</a> <a href='/b'>Subscribe to our newsletter</a></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        "<footer>Copyright, all rights reserved</footer></body></html>"
    )


@dataclass
class Website:
    """Handlers by path; anything else is not found."""

    pages: dict[str, Handler] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    host: str = ""
    port: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    def serve(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> str:
        """Answer a path with this body; underscores in header names become dashes."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "text/html; charset=utf-8")

        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(body=content, status=status, headers=named)

        self.pages[path] = answer
        return self.url(path)

    def redirect(self, path: str, location: str) -> str:
        return self.serve(path, b"", status=302, Location=location)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt" and "/robots.txt" not in self.pages:
            return web.Response(status=404)
        self.requests[request.path] += 1
        self.headers.append(dict(request.headers))
        handler = self.pages.get(request.path)
        return await handler(request) if handler else web.Response(status=404)


@pytest.fixture
async def website() -> AsyncIterator[Website]:
    site = Website()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        site.host, site.port = "127.0.0.1", server.port or 0
        yield site
