"""Fetches a page from an untrusted server: within 10 seconds, 5 MB and 5 redirects; public only."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from app.articles import encoding
from app.articles.guard import GuardedTransport, Resolve, resolve
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.refresh import refresh_target
from app.articles.robots import MAX_BYTES as MAX_ROBOTS_BYTES
from app.articles.robots import NAME, Robots
from app.hackernews.links import ascii_url
from app.settings import HostPort

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0  # leaves time to try a second address
MAX_BYTES = 5 * 1024**2  # after decompression
MAX_FAILURE_BYTES = 256 * 1024  # of the body with a failing status, before decompression
MAX_HEADERS, MAX_HEADER = 60, 500  # stored headers of a response, and characters of each
REDIRECTS = 5
MAX_ADDRESS = 4_000  # characters; some steps of parsing take quadratic time
MAX_PIECES = 20_000  # of a body
LAST_PORT = 65_535
ROBOTS_SECONDS = 3.0  # leaves time for the page itself
HEADERS = {
    "Accept": "text/html, application/xhtml+xml, application/pdf;q=0.9, text/*;q=0.8, */*;q=0.1",
    "Accept-Language": "en, *;q=0.5",
    "Accept-Encoding": encoding.ACCEPTED,
}
_LOCATION = "location"


class Fetcher:
    """Fetches pages; keeps no connections and no cookies between them.

    Args:
        private_hosts: the only hosts that may have private addresses.
        about: the address with information for site owners.
        resolve: returns a host's addresses.
        proxy: the address of a proxy that makes the connections, or None.
        total_seconds: the time limit, including redirects.
    """

    def __init__(
        self,
        private_hosts: frozenset[HostPort] = frozenset(),
        about: str = "",
        *,
        resolve: Resolve = resolve,
        proxy: str | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._proxy = proxy
        # Without "Mozilla": proof-of-work gates challenge clients that call themselves browsers;
        # honest bots need not.
        self._headers = {
            "User-Agent": f"{NAME}/1.0 (+{about})" if about else f"{NAME}/1.0",
            **HEADERS,
        }
        self._total_seconds = total_seconds
        self._context: ssl.SSLContext | None = None
        self._robots = Robots()

    async def fetch(self, url: str) -> Page:
        """Fetch the page at an address, with any status.

        Raises:
            PageUnreadableError: there is no page; it has the reason.
        """
        try:
            async with asyncio.timeout(self._total_seconds), self._client() as client:
                return await self._follow(client, url)
        except TimeoutError as error:
            raise PageUnreadableError(Reason.TIMEOUT, f"{self._total_seconds} s") from error
        except httpx.TimeoutException as error:
            raise PageUnreadableError(Reason.TIMEOUT, type(error).__name__) from error
        except httpx.ConnectError as error:
            reason = Reason.BAD_CERTIFICATE if _is_about_tls(error) else Reason.NO_CONNECTION
            raise PageUnreadableError(reason, str(error)) from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise PageUnreadableError(Reason.BROKEN_ANSWER, str(error)) from error
        except (httpx.InvalidURL, httpx.CookieConflict, UnicodeError, ValueError) as error:
            raise PageUnreadableError(Reason.BAD_ADDRESS, str(error)) from error

    async def _follow(self, client: httpx.AsyncClient, address: str) -> Page:
        url = _checked(address)
        for _ in range(REDIRECTS + 1):
            await self._check_robots(client, url)
            async with client.stream("GET", url, headers=_host(url)) as response:
                if location := response.extensions.get(_LOCATION):
                    url = _joined(url, location)
                    continue
                page = await _read(response)
            target = refresh_target(page.body)
            if target is None:
                return page
            url = _joined(url, target)
        raise PageUnreadableError(Reason.TOO_MANY_REDIRECTS, str(url))

    async def _check_robots(self, client: httpx.AsyncClient, url: httpx.URL) -> None:
        async def fetch(address: str) -> bytes | None:
            try:
                async with asyncio.timeout(ROBOTS_SECONDS):
                    return await _read_robots(client, _checked(address))
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
                return None
            except PageUnreadableError:
                return None

        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if not await self._robots.allow(site, str(url), fetch):
            raise PageUnreadableError(Reason.ROBOTS_TXT, str(url))

    def _client(self) -> httpx.AsyncClient:
        # Created once, because reading the CA certificates is slow. Honours SSL_CERT_FILE, but not
        # proxies from the environment, which would connect to refused addresses.
        if self._context is None:
            self._context = httpx.create_ssl_context()
        return httpx.AsyncClient(
            transport=GuardedTransport(
                self._context, self._private_hosts, self._resolve, self._proxy
            ),
            headers=self._headers,
            timeout=httpx.Timeout(self._total_seconds, connect=CONNECT_SECONDS),
            trust_env=False,
            event_hooks={"response": [_take_location]},
        )


async def _take_location(response: httpx.Response) -> None:
    """Hide a redirect's target from httpx, which would parse it although it does not follow it, and
    rejects names with emoji.
    """
    if response.has_redirect_location:
        response.extensions[_LOCATION] = response.headers.pop("Location")


def _host(url: httpx.URL) -> dict[str, str]:
    """The `Host` header, which httpx would otherwise set in its own spelling."""
    return {"Host": url.netloc.decode("ascii")}


def _joined(url: httpx.URL, target: str) -> httpx.URL:
    """The address of the link `target` on a page at `url`."""
    if len(target) > MAX_ADDRESS:
        raise PageUnreadableError(Reason.BAD_ADDRESS, f"more than {MAX_ADDRESS} characters")
    return _checked(urljoin(str(url), target))


def _checked(address: str) -> httpx.URL:
    url = httpx.URL(ascii_url(address))
    # Not `host`, which httpx cannot decode for names with emoji.
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise PageUnreadableError(Reason.BAD_ADDRESS, f"{url.scheme}: is no web address")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise PageUnreadableError(Reason.BAD_ADDRESS, f"port {url.port}")
    if url.userinfo:
        raise PageUnreadableError(Reason.BAD_ADDRESS, "an address with a user name")
    return url.copy_with(fragment=None)


async def _read(response: httpx.Response) -> Page:
    failed = response.status_code >= HTTPStatus.BAD_REQUEST
    body = bytearray()
    async for chunk in _pieces(response):
        body += chunk
        if failed and len(body) > MAX_FAILURE_BYTES:
            break
        if len(body) > MAX_BYTES:
            raise PageUnreadableError(Reason.TOO_LARGE, f"more than {MAX_BYTES} bytes")
    content = bytes(body)
    if coding := response.headers.get("Content-Encoding"):
        try:
            content = await asyncio.to_thread(encoding.decode, content, coding, MAX_BYTES)
        except PageUnreadableError:
            if not failed:
                raise
            content = b""
    headers = {
        name.lower(): value[:MAX_HEADER]
        for name, value in list(response.headers.items())[:MAX_HEADERS]
    }
    content_type = response.headers.get("Content-Type", "")
    return Page(str(response.url), content_type, content, response.status_code, headers)


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in the pieces received; other tasks run between two pieces."""
    number = 0
    async for piece in response.aiter_raw():
        if (number := number + 1) > MAX_PIECES:
            raise PageUnreadableError(Reason.BROKEN_ANSWER, f"more than {MAX_PIECES} pieces")
        yield piece
        await asyncio.sleep(0)


async def _read_robots(client: httpx.AsyncClient, url: httpx.URL) -> bytes | None:
    """The beginning of a robots.txt, after as many redirects as for a page."""
    for _ in range(REDIRECTS + 1):
        headers = {**_host(url), "Accept-Encoding": "identity"}
        async with client.stream("GET", url, headers=headers) as response:
            if location := response.extensions.get(_LOCATION):
                url = _joined(url, location)
                continue
            if not response.is_success:
                return None
            body = bytearray()
            async for chunk in _pieces(response):
                body += chunk
                if len(body) > MAX_ROBOTS_BYTES:
                    break
            return bytes(body)
    return None


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
