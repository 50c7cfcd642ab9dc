"""Fetching stays within its limits for every kind of server."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.articles.fetch import MAX_BYTES, MAX_FAILURE_BYTES, Fetcher
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.refresh import refresh_target
from tests.articles.conftest import Website, article

# Made once by trustme 1.2.1, valid for the names site.example and other.example until the year
# 3000: what makes certificates would be loaded into every process of the app that is measured.
CERTIFICATES = Path(__file__).with_name("certificates")


@pytest.fixture
def fetcher(website: Website) -> Fetcher:
    return Fetcher(frozenset({(website.host, website.port)}), "https://bot.example/about")


async def reason_of(fetcher: Fetcher, url: str) -> Reason:
    with pytest.raises(PageUnreadableError) as caught:
        await fetcher.fetch(url)
    return caught.value.reason


async def test_requests_identify_the_bot(fetcher: Fetcher, website: Website) -> None:
    await fetcher.fetch(website.serve("/", article()))
    agent = website.headers[0]["User-Agent"]
    assert agent == "HNPalBot/1.0 (+https://bot.example/about)"


async def test_the_user_agent_is_not_that_of_a_browser(fetcher: Fetcher, website: Website) -> None:
    """Proof-of-work gates such as Anubis challenge every agent that has "Mozilla" in it."""
    await fetcher.fetch(website.serve("/", article()))
    assert "mozilla" not in website.headers[0]["User-Agent"].lower()


async def test_an_error_response_includes_its_body(fetcher: Fetcher, website: Website) -> None:
    wall = b"<title>Just a moment...</title>" + b"x" * 3 * MAX_FAILURE_BYTES
    page = await fetcher.fetch(website.serve("/", wall, status=403, CF_Mitigated="challenge"))
    assert (page.status, page.headers["cf-mitigated"]) == (403, "challenge")
    assert page.body.startswith(b"<title>Just")
    assert len(page.body) < len(wall)


async def test_an_error_response_with_a_broken_body_has_no_body(
    fetcher: Fetcher, website: Website
) -> None:
    page = await fetcher.fetch(website.serve("/", b"no gzip", status=503, Content_Encoding="gzip"))
    assert (page.status, page.body) == (503, b"")


async def test_follows_redirects_and_says_where_they_led(
    fetcher: Fetcher, website: Website
) -> None:
    website.serve("/5", article())
    for number in range(5):
        website.redirect(f"/{number}", f"/{number + 1}#part")
    page = await fetcher.fetch(website.url("/0#top"))
    assert page.url == website.url("/5")


async def test_gives_up_after_five_redirects(fetcher: Fetcher, website: Website) -> None:
    for number in range(6):
        website.redirect(f"/{number}", f"/{number + 1}")
    assert await reason_of(fetcher, website.url("/0")) is Reason.TOO_MANY_REDIRECTS
    assert website.requests["/6"] == 0


async def test_cookies_last_for_one_page(fetcher: Fetcher, website: Website) -> None:
    website.serve("/", b"", status=302, Location="/page", Set_Cookie="seen=1")
    website.serve("/page", article())
    await fetcher.fetch(website.url())
    await fetcher.fetch(website.url("/page"))
    assert [headers.get("Cookie") for headers in website.headers] == [None, "seen=1", None]


async def test_an_endless_body_is_cut_off(fetcher: Fetcher, website: Website) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)
            sent += 65536

    website.pages["/"] = endless
    assert await reason_of(fetcher, website.url()) is Reason.TOO_LARGE
    assert sent < 4 * MAX_BYTES


async def fetch_from(answer: bytes, *, after: bytes = b"") -> Page:
    """Fetch a page from a server that says `answer`, and then `after` for as long as it is read."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            while after:
                writer.write(after)
                await writer.drain()
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(frozenset({("127.0.0.1", port)}), total_seconds=30)
        return await fetcher.fetch(f"http://127.0.0.1:{port}/")


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.mark.parametrize(
    "flood",
    [b"HTTP/1.1 100 Continue\r\n\r\n" * 100, b"HTTP/1.1 103 Early\n\n" * 100, b"A: b\r\n" * 100,
     b"Set-Cookie: a=b\r\n" * 100, b"HTTP/1.1 102 Wait\r\nA: b\r\n\r\n", b"x" * 1000],
)  # fmt: skip
async def test_an_endless_response_head_is_cut_off(flood: bytes) -> None:
    start = b"" if flood.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n"
    with pytest.raises(PageUnreadableError) as caught:
        await fetch_from(start, after=flood)
    assert caught.value.reason is Reason.BROKEN_ANSWER


async def test_interim_responses_are_skipped() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    assert (await fetch_from(interim * 3 + OK)).body == b"hi"


async def test_a_body_may_be_larger_than_a_head() -> None:
    body = b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (await fetch_from(head + body)).body == body


async def test_a_body_in_too_many_pieces_is_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(PageUnreadableError) as caught:
        await fetch_from(head, after=b"1\r\nx\r\n" * 100)
    assert caught.value.reason is Reason.BROKEN_ANSWER


async def test_a_body_in_a_thousand_pieces_does_not_block_the_loop() -> None:
    pieces = 1000

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"1\r\nx\r\n" * pieces + b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(frozenset({("127.0.0.1", port)}))
        fetching = asyncio.create_task(fetcher.fetch(f"http://127.0.0.1:{port}/"))
        turns = 0
        while not fetching.done():
            await asyncio.sleep(0)
            turns += 1
        # robots.txt is answered in the same way
        assert len((await fetching).body) == pieces
        assert turns > 2 * pieces


async def test_a_slow_body_is_cut_off(website: Website) -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    website.pages["/"] = trickle
    fetcher = Fetcher(frozenset({(website.host, website.port)}), total_seconds=0.5)
    assert await reason_of(fetcher, website.url()) is Reason.TIMEOUT


async def test_the_time_is_for_all_redirects_together(website: Website) -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.Response(status=302, headers={"Location": "/"})

    website.pages["/"] = slow
    fetcher = Fetcher(frozenset({(website.host, website.port)}), total_seconds=0.5)
    assert await reason_of(fetcher, website.url()) is Reason.TIMEOUT


async def test_a_decompression_bomb_is_not_unpacked(fetcher: Fetcher, website: Website) -> None:
    bomb = gzip.compress(bytes(200 * 1024**2), compresslevel=1)
    url = website.serve("/", bomb, Content_Encoding="gzip")
    assert await reason_of(fetcher, url) is Reason.TOO_LARGE


async def test_compressed_pages_are_unpacked(fetcher: Fetcher, website: Website) -> None:
    url = website.serve("/", gzip.compress(article().encode()), Content_Encoding="gzip")
    assert (await fetcher.fetch(url)).body == article().encode()


async def test_five_megabytes_are_allowed_and_one_byte_more_is_not(
    fetcher: Fetcher, website: Website
) -> None:
    page = await fetcher.fetch(website.serve("/", b"x" * MAX_BYTES))
    assert len(page.body) == MAX_BYTES
    url = website.serve("/", b"x" * (MAX_BYTES + 1))
    assert await reason_of(fetcher, url) is Reason.TOO_LARGE


async def test_a_connection_that_ends_early_is_a_broken_answer(
    fetcher: Fetcher, website: Website
) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return response

    website.pages["/"] = cut
    assert await reason_of(fetcher, website.url()) is Reason.BROKEN_ANSWER


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.example/", "http://", "http://[::1", "http://8.8.8.8:99999/", "x" * 100,
     "http://" + "a" * 300 + "/", "http://a\x00b.example/", "https:///path"],
)  # fmt: skip
async def test_an_invalid_web_address_raises_nothing(url: str) -> None:
    assert await reason_of(Fetcher(), url) in (Reason.BAD_ADDRESS, Reason.UNKNOWN_HOST)


async def test_a_refused_connection_is_a_reason(fetcher: Fetcher, website: Website) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    fetcher = Fetcher(frozenset({("127.0.0.1", port)}))
    assert await reason_of(fetcher, f"http://127.0.0.1:{port}/") is Reason.NO_CONNECTION


@pytest.mark.parametrize(
    ("certified", "trusted", "reason"),
    [
        ("site", True, None),
        ("other", True, Reason.BAD_CERTIFICATE),
        ("site", False, Reason.BAD_CERTIFICATE),
    ],
)
async def test_tls_is_checked_for_the_name_not_for_the_address(
    monkeypatch: pytest.MonkeyPatch,
    certified: str,
    trusted: bool,
    reason: Reason | None,
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / f"{certified}.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))

    async def hello(_: web.Request) -> web.StreamResponse:
        return web.Response(text="hello")

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    app = web.Application()
    app.router.add_get("/", hello)
    server = TestServer(app, host="127.0.0.1", scheme="https")
    await server.start_server(ssl=context)
    try:
        fetcher = Fetcher(frozenset({("site.example", server.port or 0)}), resolve=resolve)
        url = f"https://site.example:{server.port}/"
        if reason is None:
            assert (await fetcher.fetch(url)).body == b"hello"
        else:
            assert await reason_of(fetcher, url) is reason
    finally:
        await server.close()


@pytest.mark.parametrize(
    "tag",
    [
        '<meta http-equiv="refresh" content="0; url=/page">',
        "<META HTTP-EQUIV='Refresh' CONTENT='1;URL=/page'>",
        "<meta http-equiv=refresh content=\"0;url='/page'\">",
        '<meta charset="utf-8" http-equiv="refresh" content="0; URL=/page?a=1&amp;b=2">',
        '<meta content="0;url=/page" http-equiv="refresh">',
        "<meta name=a><meta http-equiv=refresh content=\"0; url = '/page'\" />",
    ],
)
async def test_a_page_with_a_meta_refresh_is_a_redirect(
    fetcher: Fetcher, website: Website, tag: str
) -> None:
    website.serve("/", f"<html><head>{tag}</head><body>Moved</body></html>")
    website.serve("/page", article())
    page = await fetcher.fetch(website.url())
    assert page.url.startswith(website.url("/page"))
    assert "amp" not in page.url


async def test_a_page_that_reloads_itself_is_not_a_redirect(
    fetcher: Fetcher, website: Website
) -> None:
    website.serve("/", '<meta http-equiv="refresh" content="300; url=/"><p>The score is 1:0.')
    assert (await fetcher.fetch(website.url())).url == website.url("/")


async def test_meta_refreshes_count_as_redirects(fetcher: Fetcher, website: Website) -> None:
    website.serve("/", '<meta http-equiv="refresh" content="0; url=/">')
    assert await reason_of(fetcher, website.url()) is Reason.TOO_MANY_REDIRECTS
    assert website.requests["/"] == 6


async def test_a_meta_refresh_is_checked_like_a_redirect(
    fetcher: Fetcher, website: Website
) -> None:
    for number, target in enumerate(("file:///etc/passwd", "http://169.254.169.254/")):
        website.serve(f"/{number}", f'<meta http-equiv="refresh" content="0; url={target}">')
    assert await reason_of(fetcher, website.url("/0")) is Reason.BAD_ADDRESS
    assert await reason_of(fetcher, website.url("/1")) is Reason.PRIVATE_ADDRESS


@pytest.mark.parametrize(
    ("host", "ascii_host"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("пример.example", "xn--e1afmkfd.example"),
        ("i❤️.example", "xn--i-7iq.example"),
        ("💩.example", "xn--ls8h.example"),
        ("xn--ls8h.example", "xn--ls8h.example"),
        ("ＢＵＣＨ。example", "buch.example"),
    ],
)
async def test_a_name_in_any_script_is_looked_up_as_browsers_do(
    website: Website, host: str, ascii_host: str
) -> None:
    asked: list[str] = []

    async def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return [website.host]

    website.redirect("/", f"http://{host}:{website.port}/moved")
    website.serve("/moved", article())
    fetcher = Fetcher(frozenset({(ascii_host, website.port)}), resolve=resolve)
    page = await fetcher.fetch(f"http://{host}:{website.port}/")
    assert set(asked) == {ascii_host}
    assert page.url == f"http://{ascii_host}:{website.port}/moved"
    assert website.headers[-1]["Host"] == f"{ascii_host}:{website.port}"


BAD_NAMES = {Reason.BAD_ADDRESS, Reason.UNKNOWN_HOST}


async def test_an_invalid_host_name_is_a_bad_address(fetcher: Fetcher) -> None:
    for host in "a\u202eb.example", "℀.example", "a..example", "😀" * 70 + ".example":
        assert await reason_of(fetcher, f"http://{host}/") in BAD_NAMES


@pytest.mark.parametrize("letter", ["ü", "中", "a", "\u0301", "😀", "\u00ad", "ß.", "xn--"])
async def test_long_addresses_are_handled_quickly(
    fetcher: Fetcher, website: Website, letter: str
) -> None:
    for length in (1000, 5000):
        website.redirect("/", f"http://{letter * length}.example/")
        start = time.process_time()
        assert await reason_of(fetcher, website.url()) in BAD_NAMES
        assert time.process_time() - start < 0.5, "the time grows faster than the name"


@pytest.mark.parametrize(
    "piece",
    ["<meta ", "<meta http-equiv=refresh ", "<meta http-equiv=refresh content=", "<meta a", "a=' ",
     "<meta http-equiv=refresh content='0;url=", "<", '="', "a " * 50, "<meta " + "a" * 500],
)  # fmt: skip
def test_a_page_of_unclosed_tags_is_handled_quickly(piece: str) -> None:
    body = (piece * 4096)[:4096].encode()
    start = time.process_time()
    for _ in range(20):
        refresh_target(body)
        refresh_target(b"<meta " + body[:4080])
    assert time.process_time() - start < 0.5
