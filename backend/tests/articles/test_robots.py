"""Sites that ask programs to stay away are left alone; all others are read."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from app.articles.fetch import Fetcher
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.robots import MAX_BYTES
from tests.articles.conftest import Website, article


@pytest.fixture
def fetcher(website: Website) -> Fetcher:
    website.serve("/a", article())
    return Fetcher(frozenset({(website.host, website.port)}))


async def is_read(fetcher: Fetcher, url: str) -> bool:
    try:
        await fetcher.fetch(url)
    except PageUnreadableError as error:
        assert error.reason is Reason.ROBOTS_TXT
        return False
    return True


@pytest.mark.parametrize(
    ("rules", "read"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*a$", False),
        ("User-agent: HNPalBot\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: HNPalBot\nDisallow: /b", True),
        ("User-agent: *\nDisallow: /\nAllow: /a", True),
        ("User-agent: GPTBot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /admin", True),
        ("", True),
        ("<html><body>Not found", True),
        ("\x00\xff" * 1000, True),
        ("User-agent: *\n" + "Disallow: /x\n" * MAX_BYTES, True),
    ],
)
async def test_robots_txt_is_obeyed(
    fetcher: Fetcher, website: Website, rules: str, read: bool
) -> None:
    website.serve("/robots.txt", rules, Content_Type="text/plain")
    assert await is_read(fetcher, website.url("/a")) is read
    assert website.requests["/a"] == int(read)


@pytest.mark.parametrize("status", [301, 401, 403, 404, 429, 500, 503])
async def test_an_unavailable_robots_txt_allows_everything(
    fetcher: Fetcher, website: Website, status: int
) -> None:
    website.serve("/robots.txt", "User-agent: *\nDisallow: /", status)
    assert await is_read(fetcher, website.url("/a"))


async def test_a_site_is_asked_once_for_all_its_pages(fetcher: Fetcher, website: Website) -> None:
    website.serve("/robots.txt", "User-agent: *\nDisallow: /b")
    website.serve("/b", article())
    assert await is_read(fetcher, website.url("/a"))
    assert await is_read(fetcher, website.url("/a"))
    assert not await is_read(fetcher, website.url("/b"))
    assert website.requests["/robots.txt"] == 1


async def test_redirects_to_disallowed_pages_are_not_followed(
    fetcher: Fetcher, website: Website
) -> None:
    website.serve("/robots.txt", "User-agent: *\nDisallow: /private")
    website.redirect("/b", "/private")
    website.serve("/private", article())
    assert not await is_read(fetcher, website.url("/b"))
    assert website.requests["/private"] == 0


async def test_redirects_of_robots_txt_are_checked(fetcher: Fetcher, website: Website) -> None:
    for target in ("http://169.254.169.254/", "file:///etc/passwd", "/robots.txt"):
        website.redirect("/robots.txt", target)
        assert await is_read(Fetcher(frozenset({(website.host, website.port)})), website.url("/a"))


async def test_an_endless_or_missing_robots_txt_is_bounded(
    fetcher: Fetcher, website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.articles.fetch.ROBOTS_SECONDS", 0.2)

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"Disallow: /x\n" * 1000)

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    for handler in endless, silent:
        website.pages["/robots.txt"] = handler
        assert await is_read(Fetcher(frozenset({(website.host, website.port)})), website.url("/a"))
