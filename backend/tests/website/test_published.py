"""The published files, judged by others: the feeds by a parser, the pages by axe in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import atoma
import pytest

from app.website.build import build
from app.website.days import SiteDay
from demo.browser import Screen, Tab, browser_tab
from demo.tests.axe import SCREENS, findings, needs_chromium, show
from tests.website.test_website import DAY, NOW, PLACE, days, story


@pytest.fixture
def website(tmp_path: Path) -> Path:
    """A website with a full day, a day of excerpts and walls, and the longest words."""
    excerpts = [
        story(900, excerpt=True, voices=[{"text": "mira: “It is.”", "comments": []}]),
        story(901, summary="", unread="Page not read: paywall."),
        story(902, title="W" * 200, site="a-very-long-name-of-a-site." * 5 + "example"),
        story(903, beginning_only=True, discussion="", agreements=[], disagreements=[]),
    ]
    full, second = days(20, 0)
    build(PLACE, [full, SiteDay(day=second.day, updated=NOW, stories=excerpts)], tmp_path)
    return tmp_path


def test_the_atom_feed_has_what_the_standard_requires(website: Path) -> None:
    feed = atoma.parse_atom_bytes((website / "feed.xml").read_bytes())
    assert feed.id_.startswith("urn:uuid:") and feed.title.value == PLACE.title
    assert feed.updated == NOW and feed.authors
    assert {link.rel: link.href for link in feed.links} == {
        "self": "https://news.example.com/hn/feed.xml",
        "alternate": PLACE.address,
    }
    assert len(feed.entries) == len({entry.id_ for entry in feed.entries}) == 24
    for entry in feed.entries:
        assert entry.id_.startswith("urn:uuid:") and entry.updated and entry.published
        assert all(link.href.startswith("https://") for link in entry.links)
        assert entry.content is not None and entry.content.text_type.value == "html"


def test_the_json_feed_has_what_the_standard_requires(website: Path) -> None:
    feed = atoma.parse_json_feed_bytes((website / "feed.json").read_bytes())
    assert feed.version == "https://jsonfeed.org/version/1.1"
    assert feed.feed_url == "https://news.example.com/hn/feed.json"
    assert len({item.id_ for item in feed.items}) == len(feed.items) == 24
    for item in feed.items:
        assert item.url and item.content_html and item.date_published


@pytest.fixture
def address(website: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(website)))
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    serving.join()
    server.server_close()


@needs_chromium
def test_every_kind_of_page_passes_axe(address: str) -> None:
    pages = [
        "",
        "archive.html",
        "search.html",
        f"day/{DAY.isoformat()}.html",
        *(f"story/{number}.html" for number in (1, 900, 901, 902, 903)),
    ]

    async def judge(tab: Tab, page: str, screen: Screen) -> list[str]:
        await show(tab, address + page, screen)
        return await findings(tab)

    async def judge_all() -> dict[str, list[str]]:
        async with browser_tab() as tab:
            return {
                f"{page} {screen}": found
                for page in pages
                for screen in SCREENS
                if (found := await judge(tab, page, screen))
            }

    assert asyncio.run(judge_all()) == {}
