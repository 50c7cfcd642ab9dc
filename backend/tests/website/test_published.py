"""The published files, judged by others: the feeds by a parser, the pages by axe in a browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import atoma
import axe_core_python
import pytest

from app.website.build import build
from app.website.days import SiteDay
from demo.browser import NAMES, Screen, Tab, browser_tab
from tests.website.test_website import DAY, NOW, PLACE, days, story

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
AXE_RUN = "axe.run().then(found => found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"
# What says that a page is as wide as the screen: nothing has to be scrolled sideways.
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
PHONE, DESKTOP = 390, 1280


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


async def judged(tab: Tab, page: str, screen: Screen) -> list[str]:
    """The findings of axe on a page, and whether it is wider than the screen."""
    await tab.show(page, screen)
    await tab.wait_for(f"document.readyState === 'complete' && location.href === '{page}'")
    await tab.evaluate(f"{AXE.read_text('utf-8')}; 0")
    found: list[str] = await tab.evaluate(AXE_RUN)
    too_wide = await tab.evaluate(OVERFLOW)
    return found + ([f"{too_wide} pixels too wide"] if too_wide > 0 else [])


@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium here")
def test_every_kind_of_page_passes_axe(address: str) -> None:
    pages = [
        "",
        "archive.html",
        "search.html",
        f"day/{DAY.isoformat()}.html",
        *(f"story/{number}.html" for number in (1, 900, 901, 902, 903)),
    ]

    async def judge_all() -> dict[str, list[str]]:
        async with browser_tab() as tab:
            await tab.call("Page.setBypassCSP", enabled=True)
            return {
                f"{page} {width} dark={dark}": found
                for page in pages
                for width, dark in ((PHONE, False), (PHONE, True), (DESKTOP, False))
                if (found := await judged(tab, address + page, Screen(width, 900, dark, 1.0)))
            }

    assert asyncio.run(judge_all()) == {}
