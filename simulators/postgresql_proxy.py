"""A TCP proxy for PostgreSQL that loses answers: the statement is executed, but the client gets no
reply.

It parses only as much of the protocol as is needed to find statements and the ends of replies
(https://www.postgresql.org/docs/current/protocol-message-formats.html).
"""

from __future__ import annotations

import asyncio
import re
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_SSL_REQUEST, _GSS_REQUEST = 80877103, 80877104


class LossyProxy:
    """Forwards everything; once `lose` is called, closes the connection instead of replying."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.lost = 0
        self._target = port
        self._pattern: re.Pattern[str] | None = None
        self._remaining = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._listen())

    def lose(self, pattern: str, times: int = 1) -> None:
        """Lose the replies to the next `times` statements that match `pattern`."""
        self._pattern, self._remaining = re.compile(pattern, re.DOTALL), times

    def close(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, order: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(order, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        conversation = _Conversation(self, (reader, writer), server)
        try:
            await conversation.run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
            server[1].transport.abort()

    def takes(self, statement: str) -> bool:
        """Whether the reply to this statement is lost; if so, it is counted."""
        if self._remaining < 1 or self._pattern is None or not self._pattern.search(statement):
            return False
        self._remaining -= 1
        self.lost += 1
        return True


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Conversation:
    """The connection of one client."""

    def __init__(self, proxy: LossyProxy, client: _Streams, server: _Streams) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._statements: dict[bytes, str] = {}
        self._losing = False

    async def run(self) -> None:
        await self._greet()
        passing = [
            asyncio.create_task(self._to_server()),
            asyncio.create_task(self._to_client()),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in passing:
                task.cancel()
            for task in passing:
                with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await task

    async def _greet(self) -> None:
        while True:
            head = await self._client[0].readexactly(8)
            length, code = struct.unpack("!ii", head)
            self._server[1].write(head + await self._client[0].readexactly(length - 8))
            if code not in (_SSL_REQUEST, _GSS_REQUEST):
                return
            self._client[1].write(await self._server[0].readexactly(1))

    async def _to_server(self) -> None:
        while True:
            kind, body = await _message(self._client[0])
            if kind == b"P":
                name, statement, _ = body.split(b"\0", 2)
                self._statements[name] = statement.decode()
            elif kind == b"B":
                name = body.split(b"\0", 2)[1]
                self._losing |= self._proxy.takes(self._statements.get(name, ""))
            elif kind == b"Q":
                self._losing |= self._proxy.takes(body.rstrip(b"\0").decode())
            self._server[1].write(_packed(kind, body))
            await self._server[1].drain()

    async def _to_client(self) -> None:
        while True:
            kind, body = await _message(self._server[0])
            if not self._losing:
                self._client[1].write(_packed(kind, body))
                await self._client[1].drain()
            elif kind == b"Z":  # the transaction has been committed
                return


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


@contextmanager
def lossy_proxy(port: int) -> Iterator[LossyProxy]:
    """Run a proxy for the PostgreSQL on loopback port `port`."""
    proxy = LossyProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
