"""Blocks of the event loop caused by hostile pages."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine

from app.articles.fetch import Fetcher
from app.articles.reasons import PageUnreadableError
from app.articles.refresh import MAX_PAGE
from app.hackernews.links import canonical_url
from simulators.figures import Figure

MAX_STALL_SECONDS, MAX_SECONDS = 0.1, 2.0
FLOOD = b"HTTP/1.1 100 Continue\r\n\r\n" * 500
_NAME = "".join(chr(0x4E00 + 7 * number) for number in range(1000))
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
_MOVED = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://{_NAME}.example/\r\n\r\n"
_HALF_TAGS = (b"<meta http-equiv=refresh " * MAX_PAGE)[:MAX_PAGE]
# What a server sends first, and then repeats for as long as the client reads.
PAGES = {
    "a flood of 1xx answers": (b"", FLOOD),
    "a flood of headers": (b"HTTP/1.1 200 OK\r\n", b"Set-Cookie: a=b\r\n" * 500),
    "a body of single bytes": (
        *(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500),
    ),
    "a redirect to a name of 1,000 characters": (_MOVED.encode(), b""),
    "4 KB of half tags": (_OK % (len(_HALF_TAGS), _HALF_TAGS), b""),
}


async def measure() -> list[Figure]:
    """The CPU time that such a page takes from other work: at a stretch, and in total."""
    async with await asyncio.start_server(_serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(frozenset({("127.0.0.1", port)}))
        address = f"http://127.0.0.1:{port}/"
        # The first page loads the certificates, once for all.
        with contextlib.suppress(PageUnreadableError):
            await fetcher.fetch(f"{address}{len(PAGES) - 1}")
        figures = [
            figure
            for number, what in enumerate(PAGES)
            for figure in await _figures(what, fetcher.fetch(f"{address}{number}"))
        ]
    return [*figures, *await _figures("the same name submitted", _submitted())]


async def _submitted() -> None:
    canonical_url(f"http://{_NAME}.example/")


async def _figures(what: str, work: Coroutine[None, None, object]) -> list[Figure]:
    start = last = time.thread_time()
    longest = 0.0
    working = asyncio.create_task(work)
    while not working.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    with contextlib.suppress(PageUnreadableError):
        await working
    return [
        Figure(f"{what}: the longest stall", longest, "s", MAX_STALL_SECONDS, "lower"),
        Figure(f"{what}: in all", last - start, "s", MAX_SECONDS, "lower"),
    ]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().strip("/")
        said, then = PAGES[list(PAGES)[int(path)]] if path.isdigit() else (_OK % (0, b""), b"")
        writer.write(said)
        while then:
            writer.write(then)
            await writer.drain()
        await writer.drain()
    writer.close()
