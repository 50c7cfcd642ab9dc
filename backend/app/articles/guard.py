"""An HTTP transport that connects only to addresses that it has checked, on the web's ports.

Checking a name before connecting is not enough, because it may resolve differently the second time
(DNS rebinding). The name is therefore resolved once, all its addresses are checked, and the
connection goes to one of them, with the name in `Host` and in the TLS handshake.

A proxy resolves names itself, and must check the addresses.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeAlias

import httpx

from app.articles.addresses import is_public
from app.articles.network import BoundedTransport
from app.articles.reasons import PageUnreadableError, Reason
from app.settings import HostPort

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

ADDRESSES_TRIED = 3
# Names that resolvers treat as addresses: 10.0.0.1, 0x7f.1, 2130706433, ::1.
_LITERAL = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*|localhost)\.?$|:")
# Other ports could make the bot connect to SSH, mail or database servers.
WEB_PORTS = frozenset((80, 443, *range(8000, 9000)))


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the order of the system's resolver.

    The resolver also accepts addresses that look like names, such as `0x7f.1` or `2130706433`.

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

    # Not in the event loop's executor: the process would wait at exit for silent name servers.
    answer.set_running_or_notify_cancel()
    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return await asyncio.wrap_future(answer)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses, and to the given private hosts.

    Args:
        context: for TLS.
        private_hosts: pairs of host and port that may be private and on any port; the host is
        spelled as
            in addresses.
        resolve: returns a host's addresses.
        proxy: the address of a proxy that makes the connections, or None.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        private_hosts: frozenset[HostPort],
        resolve: Resolve,
        proxy: str | None = None,
    ) -> None:
        self._transport = BoundedTransport(context, proxy)
        self._has_proxy = proxy is not None
        self._private_hosts = private_hosts
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._has_proxy:
            self._check_literally(request.url)
            return await self._transport.handle_async_request(request)
        *others, last = (await self._checked_addresses(request.url))[:ADDRESSES_TRIED]
        for address in others:
            try:
                return await self._send(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send(request, last)

    async def aclose(self) -> None:
        await self._transport.aclose()

    def _check_literally(self, url: httpx.URL) -> None:
        """Reject addresses that are private without a lookup, and unusual ports."""
        host, port = _host_port(url)
        if (host, port) in self._private_hosts:
            return
        if _LITERAL.search(host) and not is_public(host.strip("[]")):
            raise PageUnreadableError(Reason.PRIVATE_ADDRESS, host)
        _check_port(port)

    async def _checked_addresses(self, url: httpx.URL) -> list[str]:
        host, port = _host_port(url)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise PageUnreadableError(Reason.UNKNOWN_HOST, f"{host}: {error}") from error
        if not addresses:
            raise PageUnreadableError(Reason.UNKNOWN_HOST, host)
        refused = [address for address in addresses if not is_public(address)]
        if refused and (host, port) not in self._private_hosts:
            raise PageUnreadableError(Reason.PRIVATE_ADDRESS, f"{host} is {refused[0]}")
        if (host, port) not in self._private_hosts:
            _check_port(port)
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


def _check_port(port: int) -> None:
    if port not in WEB_PORTS:
        raise PageUnreadableError(Reason.BAD_ADDRESS, f"port {port} is not the web's")


def _host_port(url: httpx.URL) -> HostPort:
    return url.raw_host.decode("ascii").lower(), url.port or (443 if url.scheme == "https" else 80)
