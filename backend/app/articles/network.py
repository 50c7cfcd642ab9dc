"""Connections with a limit on the size of a response's head.

A server may send any number of interim responses (1xx) before its response, and the HTTP library
parses all of them without yielding.
"""

from __future__ import annotations

import re
import ssl
from typing import Any

import httpcore
import httpx
from httpcore import AsyncNetworkStream

MAX_HEAD_BYTES = 32 * 1024  # of everything before the body, including interim responses
_BLANK_LINE = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/\d\.\d 1")


class BoundedTransport(httpx.AsyncHTTPTransport):
    """Opens a connection for each request, optionally to a proxy, and reads at most
    `MAX_HEAD_BYTES` of a head.
    """

    def __init__(self, context: ssl.SSLContext, proxy: str | None = None) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx has no parameter for its pool's backend. Connections are not kept alive: they are
        # found by address, and the TLS session of another name would be reused.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_keepalive_connections=0,
            network_backend=_Backend(),
            proxy=httpcore.Proxy(proxy) if proxy else None,
        )


class _Backend(httpcore.AnyIOBackend):
    async def connect_tcp(self, *where: Any, **options: Any) -> AsyncNetworkStream:
        return _BoundedStream(await super().connect_tcp(*where, **options))


class _BoundedStream(AsyncNetworkStream):
    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        self._head: bytearray | None = bytearray()  # None: the head has ended
        self._bytes = 0

    async def read(self, *bounds: Any, **options: Any) -> bytes:
        data = await self._stream.read(*bounds, **options)
        if self._head is not None:
            self._look_for_its_end(self._head, data)
        return data

    def _look_for_its_end(self, head: bytearray, data: bytes) -> None:
        self._bytes += len(data)
        start = max(0, len(head) - 2)  # the blank line may have begun earlier
        head += data
        while blank := _BLANK_LINE.search(head, start):
            if not _INTERIM.match(head):
                self._bytes -= len(head) - blank.end()
                self._head = None
                break
            del head[: blank.end()]
            start = 0
        if self._bytes > MAX_HEAD_BYTES:
            raise httpcore.RemoteProtocolError(f"a head of more than {MAX_HEAD_BYTES} bytes")

    async def write(self, *what: Any, **options: Any) -> None:
        await self._stream.write(*what, **options)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *how: Any, **options: Any) -> AsyncNetworkStream:
        return _BoundedStream(await self._stream.start_tls(*how, **options))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
