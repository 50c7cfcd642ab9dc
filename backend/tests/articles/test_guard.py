"""Server-side request forgery: no submitted link reaches anything private.

Each test runs a real server on loopback, which must not hear of it.
"""

from __future__ import annotations

import asyncio
import socket
import threading

import httpx
import pytest

from app.articles.fetch import Fetcher
from app.articles.reasons import PageUnreadableError, Reason
from tests.articles.conftest import Website, article

PUBLIC = "93.184.215.14"


async def reason_of(fetcher: Fetcher, url: str) -> Reason:
    with pytest.raises(PageUnreadableError) as caught:
        await fetcher.fetch(url)
    return caught.value.reason


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_a_private_host_in_any_spelling_is_refused(website: Website, host: str) -> None:
    url = f"http://{host}:{website.port}/"
    assert await reason_of(Fetcher(), url) in (Reason.PRIVATE_ADDRESS, Reason.BAD_ADDRESS)
    assert not website.requests


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://0x7f.1:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
    ],
)
async def test_a_redirect_to_a_private_host_is_refused(website: Website, target: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [website.host] if host == "site.example" else [host.strip("[]")]

    website.redirect("/", target.format(port=website.port))
    fetcher = Fetcher(frozenset({("site.example", website.port)}), resolve=resolve)
    reason = await reason_of(fetcher, f"http://site.example:{website.port}/")
    assert reason is Reason.PRIVATE_ADDRESS
    assert website.requests["/secret"] == 0


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "javascript:1"]
)
async def test_a_redirect_to_another_protocol_is_refused(website: Website, target: str) -> None:
    website.redirect("/", target)
    fetcher = Fetcher(frozenset({(website.host, website.port)}))
    assert await reason_of(fetcher, website.url()) is Reason.BAD_ADDRESS


async def test_a_name_that_resolves_differently_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the address that was checked is the one that is connected to."""
    # Asked once for robots.txt, once for the page; the answer to a further question would be bad.
    answers = iter([[PUBLIC], [PUBLIC], ["127.0.0.1"], [PUBLIC], ["127.0.0.1"]])
    connected: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    async def connect(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        connected.append(request.url.host)
        return httpx.Response(200, stream=httpx.ByteStream(b"hello"))

    # Tests connect to nothing public.
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", connect)
    url = "http://rebinding.example:8080/"
    fetcher = Fetcher(resolve=rebinding)
    await fetcher.fetch(url)
    assert connected == [PUBLIC, PUBLIC]
    # Its robots.txt is known now, so the third answer is that for the page.
    assert await reason_of(fetcher, url) is Reason.PRIVATE_ADDRESS
    # And one that was public for the robots.txt is checked again for the page.
    assert await reason_of(Fetcher(resolve=rebinding), url) is Reason.PRIVATE_ADDRESS
    assert connected == [PUBLIC, PUBLIC, PUBLIC]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::ffff:127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        [PUBLIC, "::1"],
        ["2606:4700::6810:84e5", "10.0.0.1"],
    ],
)
async def test_a_name_with_one_private_address_is_refused(
    website: Website, addresses: list[str]
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    fetcher = Fetcher(resolve=resolve)
    url = f"http://mixed.example:{website.port}/"
    assert await reason_of(fetcher, url) is Reason.PRIVATE_ADDRESS
    assert not website.requests


async def test_only_the_named_port_of_a_private_host_is_open(website: Website) -> None:
    fetcher = Fetcher(frozenset({(website.host, website.port + 1)}))
    assert await reason_of(fetcher, website.url()) is Reason.PRIVATE_ADDRESS


@pytest.mark.parametrize("port", [1, 22, 25, 110, 143, 3306, 5432, 6379, 7999, 9000, 9200, 27017])
async def test_other_ports_are_refused(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [PUBLIC]

    async def connect(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"connects to {request.url}")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", connect)
    assert await reason_of(Fetcher(resolve=resolve), f"http://site.example:{port}/") is (
        Reason.BAD_ADDRESS
    )


async def test_an_exception_for_an_address_does_not_apply_to_a_name(website: Website) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [website.host]

    fetcher = Fetcher(frozenset({(website.host, website.port)}), resolve=resolve)
    url = f"http://evil.example:{website.port}/"
    assert await reason_of(fetcher, url) is Reason.PRIVATE_ADDRESS


async def test_a_user_name_in_the_address_is_refused(website: Website) -> None:
    fetcher = Fetcher(frozenset({(website.host, website.port)}))
    url = f"http://site.example@{website.host}:{website.port}/"
    assert await reason_of(fetcher, url) is Reason.BAD_ADDRESS


async def test_proxies_from_the_environment_are_not_used(
    website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, website.url())

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    fetcher = Fetcher(resolve=resolve)
    assert await reason_of(fetcher, "http://site.example/") is Reason.PRIVATE_ADDRESS
    assert not website.requests


async def test_the_server_gets_the_requested_host_name(website: Website) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [website.host]

    website.serve("/", article())
    fetcher = Fetcher(frozenset({("site.example", website.port)}), resolve=resolve)
    page = await fetcher.fetch(f"http://site.example:{website.port}/")
    assert page.url == f"http://site.example:{website.port}/"
    assert website.headers[0]["Host"] == f"site.example:{website.port}"


async def test_the_next_address_is_tried_when_one_does_not_answer(website: Website) -> None:
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.2", website.port)
    closed.close()
    await closed.wait_closed()

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", website.host]

    website.serve("/", article())
    fetcher = Fetcher(frozenset({("site.example", website.port)}), resolve=resolve)
    await fetcher.fetch(f"http://site.example:{website.port}/")
    assert website.requests["/"] == 1


async def test_a_name_without_addresses_is_unknown() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert await reason_of(Fetcher(resolve=unknown), "http://x.example/") is Reason.UNKNOWN_HOST


async def test_a_silent_name_server_does_not_delay_other_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait())
    try:
        reason = await reason_of(Fetcher(total_seconds=0.1), "http://x.example/")
        assert reason is Reason.TIMEOUT
        (waiting,) = [one for one in threading.enumerate() if one.name == "look up x.example"]
        assert waiting.daemon
    finally:
        answer.set()


async def test_a_proxy_is_asked_for_whatever_has_a_name(website: Website) -> None:
    website.serve("/story", article())
    fetcher = Fetcher(proxy=website.url(""))
    page = await fetcher.fetch("http://nowhere.example/story")
    assert b"bridge" in page.body
    assert website.headers[-1]["Host"] == "nowhere.example"
    assert await reason_of(fetcher, "http://nowhere.example:22/") is Reason.BAD_ADDRESS


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "0x7f.1", "2130706433", "[::1]", "169.254.169.254", "localhost"],
)
async def test_a_proxy_is_not_asked_for_what_is_private_at_sight(
    website: Website, host: str
) -> None:
    fetcher = Fetcher(proxy=website.url(""))
    assert await reason_of(fetcher, f"http://{host}/") is Reason.PRIVATE_ADDRESS
    assert not website.requests
