"""An HTTP transport that connects only to addresses it has checked itself.

Checking a name and then connecting to it is not enough: the name may resolve differently the
second time (DNS rebinding). So the name is resolved once, every address it has is checked, and the
connection goes to one of these addresses, with the name in `Host` and in the TLS handshake.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeAlias

import httpx

from app.articles.addresses import is_public
from app.articles.reasons import Reason, UnreadableError
from app.settings import HostPort

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

ADDRESSES_TRIED = 3


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system's resolver orders them.

    The resolver also understands what only looks like a name, such as `0x7f.1` or `2130706433`.

    Raises:
        OSError: the host has no address, or the name servers do not answer.
    """
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except Exception as error:
            answer.set_exception(error)

    # Not in the event loop's executor: the process would wait for silent name servers to end.
    answer.set_running_or_notify_cancel()
    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return await asyncio.wrap_future(answer)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses, and to those private hosts that are named.

    Args:
        context: for TLS.
        private_hosts: pairs of host, as addresses spell it, and port that may be private.
        resolve: how a host's addresses are found.
    """

    def __init__(
        self, context: ssl.SSLContext, private_hosts: frozenset[HostPort], resolve: Resolve
    ) -> None:
        # Kept-alive connections are found by address, and another name's TLS would be reused.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(verify=context, limits=limits, trust_env=False)
        self._private_hosts = private_hosts
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *others, last = (await self._checked_addresses(request.url))[:ADDRESSES_TRIED]
        for address in others:
            try:
                return await self._send(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send(request, last)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _checked_addresses(self, url: httpx.URL) -> list[str]:
        host, port = _host_port(url)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise UnreadableError(Reason.UNKNOWN_HOST, f"{host}: {error}") from error
        if not addresses:
            raise UnreadableError(Reason.UNKNOWN_HOST, host)
        refused = [address for address in addresses if not is_public(address)]
        if refused and (host, port) not in self._private_hosts:
            raise UnreadableError(Reason.PRIVATE_ADDRESS, f"{host} is {refused[0]}")
        return addresses

    async def _send(self, request: httpx.Request, address: str) -> httpx.Response:
        host, _ = _host_port(request.url)
        direct = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # with the Host of the original address
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._transport.handle_async_request(direct)


def _host_port(url: httpx.URL) -> HostPort:
    return url.raw_host.decode("ascii").lower(), url.port or (443 if url.scheme == "https" else 80)
