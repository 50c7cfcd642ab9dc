"""Requests with a latest start: a process that was suspended until then must not send any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aiohttp.client_reqrep import ClientRequest, ClientResponse
from aiohttp.connector import Connection
from telegram.error import NetworkError

# Includes the time of a suspended machine, unlike Linux's monotonic clock.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_leave_before: ContextVar[float | None] = ContextVar("leave_before", default=None)


class NotSentError(NetworkError):
    """The request has certainly not left this machine."""


class TooLateError(NotSentError):
    """The latest start of the request has passed."""


def uptime() -> float:
    """Seconds of a clock that includes the time of a suspended machine."""
    return time.clock_gettime(_CLOCK)


@contextmanager
def start_before(moment: float | None) -> Iterator[None]:
    """Requests in this block start before `moment` of `uptime`, or not at all."""
    token = _leave_before.set(moment)
    try:
        yield
    finally:
        _leave_before.reset(token)


class FencedRequest(ClientRequest):
    """Checks the clock when the connection is established, before anything is written to it."""

    async def send(self, conn: Connection) -> ClientResponse:
        moment = _leave_before.get()
        if moment is not None and uptime() > moment:
            raise TooLateError("too late to send it: the process was suspended or had to wait")
        return await super().send(conn)
