"""A server that takes the place of a service: it never answers, refuses, or answers late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Manner = Literal["hang", "503", "nonsense", "slow"]
ANSWERS = {
    "503": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "nonsense": b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nConnection: close\r\n\r\n<html>{",
}
SLOW_SECONDS = 3.0
CHUNK = 65536


@contextmanager
def serving(address: str, manner: Manner, original: str) -> Iterator[str]:
    """Serve on a free port of `address`; yields `address:port`.

    `hang` accepts connections and never answers; `503` answers every request with that status;
    `nonsense` sends a part of an answer and closes; `slow` forwards to `original` after
    `SLOW_SECONDS`.
    """
    connections: list[socket.socket] = []
    with socket.create_server((address, 0), backlog=128) as listener:
        accepting = threading.Thread(
            target=_accept, args=(listener, manner, original, connections), daemon=True
        )
        accepting.start()
        try:
            yield f"{address}:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in connections:
                connection.close()


def _accept(
    listener: socket.socket, manner: Manner, original: str, connections: list[socket.socket]
) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connections.append(connection)
            if manner != "hang":
                threading.Thread(
                    target=_answer, args=(connection, manner, original), daemon=True
                ).start()


def _answer(connection: socket.socket, manner: Manner, original: str) -> None:
    with connection, suppress(OSError):
        if manner in ANSWERS:
            connection.recv(CHUNK)
            connection.sendall(ANSWERS[manner])
            return
        time.sleep(SLOW_SECONDS)
        address, _, port = original.partition(":")
        with socket.create_connection((address, int(port))) as onward:
            back = threading.Thread(target=_copy, args=(onward, connection), daemon=True)
            back.start()
            _copy(connection, onward)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
