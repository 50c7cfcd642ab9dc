"""One page from a stranger's server: within 10 seconds, 5 MB, 5 redirects, and nothing private."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from app.articles import encoding
from app.articles.guard import GuardedTransport, Resolve, resolve
from app.articles.reasons import Reason, UnreadableError
from app.articles.robots import LARGEST_BYTES as LARGEST_ROBOTS_BYTES
from app.articles.robots import NAME, Robots
from app.hackernews import retry_after
from app.hackernews.links import ascii_url
from app.settings import HostPort

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0  # so that a second address still has its chance
LARGEST_BYTES = 5 * 1024**2  # after decompression
REDIRECTS = 5
LAST_PORT = 65_535
ROBOTS_SECONDS = 3.0  # so that the page itself still has its chance
HEADERS = {
    "User-Agent": f"Mozilla/5.0 (compatible; {NAME}/1.0; +https://github.com/hnpal/hnpal)",
    "Accept": "text/html, application/xhtml+xml, application/pdf;q=0.9, text/*;q=0.8, */*;q=0.1",
    "Accept-Language": "en, *;q=0.5",
    "Accept-Encoding": encoding.ACCEPTED,
}
_LOCATION = "location"
# A page that sends its visitors on at once is a redirect too, and has little else on it.
_REFRESHES_BYTES = 4096
_REFRESH = re.compile(
    rb"""<meta\s[^>]*?http-equiv\s*=\s*["']?refresh\b[^>]*?content\s*=\s*
        (?:"\s*[0-3]\s*;\s*url\s*=\s*'?([^"']+)|'\s*[0-3]\s*;\s*url\s*=\s*"?([^"']+))""",
    re.IGNORECASE | re.VERBOSE,
)
_REASONS: dict[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: Reason.FORBIDDEN,
    HTTPStatus.PAYMENT_REQUIRED: Reason.PAYWALL,
    HTTPStatus.FORBIDDEN: Reason.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Reason.NOT_FOUND,
    HTTPStatus.GONE: Reason.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.TOO_EARLY: Reason.SERVER_ERROR,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.TOO_MANY_REQUESTS,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: Reason.UNAVAILABLE_FOR_LEGAL_REASONS,
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered: `url` after redirects, `body` without `Content-Encoding`."""

    url: str
    content_type: str
    body: bytes


class Fetcher:
    """Fetches pages; holds no connections and no cookies from one to the next.

    Args:
        private_hosts: the only hosts that may have private addresses.
        resolve: how a host's addresses are found.
        total_seconds: for everything, redirects included.
    """

    def __init__(
        self,
        private_hosts: frozenset[HostPort] = frozenset(),
        *,
        resolve: Resolve = resolve,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._total_seconds = total_seconds
        self._context: ssl.SSLContext | None = None
        self._robots = Robots()

    async def fetch(self, url: str) -> Page:
        """Fetch what an address leads to.

        Raises:
            UnreadableError: with the reason why there is no page.
        """
        try:
            async with asyncio.timeout(self._total_seconds), self._client() as client:
                return await self._follow(client, url)
        except TimeoutError as error:
            raise UnreadableError(Reason.TIMEOUT, f"{self._total_seconds} s") from error
        except httpx.TimeoutException as error:
            raise UnreadableError(Reason.TIMEOUT, type(error).__name__) from error
        except httpx.ConnectError as error:
            reason = Reason.BAD_CERTIFICATE if _is_about_tls(error) else Reason.NO_CONNECTION
            raise UnreadableError(reason, str(error)) from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise UnreadableError(Reason.BROKEN_ANSWER, str(error)) from error
        except (httpx.InvalidURL, httpx.CookieConflict, UnicodeError, ValueError) as error:
            raise UnreadableError(Reason.BAD_ADDRESS, str(error)) from error

    async def _follow(self, client: httpx.AsyncClient, address: str) -> Page:
        url = _checked(address)
        for _ in range(REDIRECTS + 1):
            await self._check_robots(client, url)
            async with client.stream("GET", url, headers=_host(url)) as response:
                if location := response.extensions.get(_LOCATION):
                    url = _checked(urljoin(str(url), location))
                    continue
                page = await _read(response)
            target = _refresh_target(page)
            if target is None:
                return page
            url = _checked(urljoin(str(url), target))
        raise UnreadableError(Reason.TOO_MANY_REDIRECTS, str(url))

    async def _check_robots(self, client: httpx.AsyncClient, url: httpx.URL) -> None:
        async def fetch(address: str) -> bytes | None:
            try:
                async with asyncio.timeout(ROBOTS_SECONDS):
                    return await _read_robots(client, _checked(address))
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
                return None
            except UnreadableError:
                return None

        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if not await self._robots.allow(site, str(url), fetch):
            raise UnreadableError(Reason.ROBOTS_TXT, str(url))

    def _client(self) -> httpx.AsyncClient:
        # Reading the CA certificates takes a while, so once. Honours SSL_CERT_FILE, unlike proxies
        # from the environment, which would connect for us to what we refuse.
        if self._context is None:
            self._context = httpx.create_ssl_context()
        return httpx.AsyncClient(
            transport=GuardedTransport(self._context, self._private_hosts, self._resolve),
            headers=HEADERS,
            timeout=httpx.Timeout(self._total_seconds, connect=CONNECT_SECONDS),
            trust_env=False,
            event_hooks={"response": [_take_location]},
        )


async def _take_location(response: httpx.Response) -> None:
    """Keep where a redirect leads from httpx, which would parse it though it is not to follow it,
    and refuses names with emoji.
    """
    if response.has_redirect_location:
        response.extensions[_LOCATION] = response.headers.pop("Location")


def _host(url: httpx.URL) -> dict[str, str]:
    """The header, which httpx would take from its own spelling of the name."""
    return {"Host": url.netloc.decode("ascii")}


def _checked(address: str) -> httpx.URL:
    url = httpx.URL(ascii_url(address))
    # Not `host`, which httpx cannot tell of names with emoji.
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise UnreadableError(Reason.BAD_ADDRESS, f"{url.scheme}: is no web address")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise UnreadableError(Reason.BAD_ADDRESS, f"port {url.port}")
    if url.userinfo:
        raise UnreadableError(Reason.BAD_ADDRESS, "an address with a user name")
    return url.copy_with(fragment=None)


async def _read(response: httpx.Response) -> Page:
    _check_status(response)
    body = bytearray()
    async for chunk in _pieces(response):
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise UnreadableError(Reason.TOO_LARGE, f"more than {LARGEST_BYTES} bytes")
    content = bytes(body)
    if coding := response.headers.get("Content-Encoding"):
        content = await asyncio.to_thread(encoding.decode, content, coding, LARGEST_BYTES)
    return Page(str(response.url), response.headers.get("Content-Type", ""), content)


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it is sent, perhaps byte by byte; others have their turn between two pieces."""
    async for piece in response.aiter_raw():
        yield piece
        await asyncio.sleep(0)


async def _read_robots(client: httpx.AsyncClient, url: httpx.URL) -> bytes | None:
    """The beginning of a robots.txt, after as many redirects as a page may have."""
    for _ in range(REDIRECTS + 1):
        headers = {**_host(url), "Accept-Encoding": "identity"}
        async with client.stream("GET", url, headers=headers) as response:
            if location := response.extensions.get(_LOCATION):
                url = _checked(urljoin(str(url), location))
                continue
            if not response.is_success:
                return None
            body = bytearray()
            async for chunk in _pieces(response):
                body += chunk
                if len(body) > LARGEST_ROBOTS_BYTES:
                    break
            return bytes(body)
    return None


def _refresh_target(page: Page) -> str | None:
    if len(page.body) > _REFRESHES_BYTES or not (found := _REFRESH.search(page.body)):
        return None
    return unescape((found[1] or found[2]).decode("utf-8", "replace")).strip()


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    server_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    reason = Reason.SERVER_ERROR if server_error else _REASONS.get(status, Reason.REFUSED)
    after = retry_after.seconds(response.headers.get("Retry-After"), datetime.now(UTC))
    raise UnreadableError(reason, f"status {status}", after)


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
