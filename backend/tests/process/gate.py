"""A port between two processes that forwards, hangs or is closed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Gate:
    """A port on loopback in front of a server; begins open.

    A hanging one is like a network that swallows every packet: connections are made and nothing
    comes back, until it opens and what was sent meanwhile arrives after all.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gate", daemon=True)
        self._thread.start()
        self.open()

    def open(self) -> None:
        """Pass on whatever comes and whatever has come."""
        self._do(self._open())

    def hang(self) -> None:
        """Accept connections, and say nothing on any of them."""
        self._do(self._hang())

    def shut(self) -> None:
        """Break all connections and refuse new ones."""
        self._do(self._shut())

    def close(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _do(self, order: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(order, self._loop).result(10)

    async def _open(self) -> None:
        await self._listen()
        self._passing.set()

    async def _hang(self) -> None:
        self._passing.clear()
        await self._listen()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _close(self) -> None:
        await self._shut()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._passing.wait()
            there = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(there[1])
            await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
            self._writers.discard(there[1])
        except (OSError, asyncio.CancelledError):  # cancelled only when the gate is closed
            writer.transport.abort()
        finally:
            self._writers.discard(writer)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._passing.wait()
                target.write(data)
                await target.drain()
        target.close()


@contextmanager
def gate(port: int) -> Iterator[Gate]:
    """A gate in front of `port` on loopback."""
    made = Gate(port)
    try:
        yield made
    finally:
        made.close()
