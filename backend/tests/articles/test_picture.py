"""The picture of a page: an https address that Telegram can load, and never that of a wall."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from app.articles.picture import MAX_ADDRESS, picture_of
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.workers import ExtractionWorkers
from tests.articles.conftest import article
from tests.articles.test_extract import JSON_LD

URL = "https://a.example/news/1"
PICTURE = "https://cdn.a.example/bridge.jpg"
META = f'<meta property="og:image" content="{PICTURE}">'


def page(head: str, body: str = "", status: int = 200) -> Page:
    markup = (body or article()).replace("<head>", f"<head>{head}", 1)
    return Page(URL, "text/html; charset=utf-8", markup.encode(), status)


def test_an_article_has_the_picture_that_it_declares() -> None:
    assert extract(page(META)).picture == PICTURE
    assert extract(page("")).picture == ""
    second = META.replace("bridge", "another")
    assert extract(page(META + second)).picture == PICTURE


async def test_a_worker_returns_the_picture() -> None:
    workers = ExtractionWorkers()
    try:
        assert (await workers.extract(page(META))).picture == PICTURE
    finally:
        await workers.close()


def test_the_beginning_of_an_article_and_a_wall_have_none() -> None:
    teaser = page(META + JSON_LD, article(paragraphs=1))
    try:
        read = extract(teaser)
    except PageUnreadableError as error:
        assert error.reason is Reason.PAYWALL
    else:
        assert read.partial and read.picture == ""
    with pytest.raises(PageUnreadableError):
        extract(page(META, status=403))


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        (PICTURE, PICTURE),
        (f"  {PICTURE}\n", PICTURE),
        ("/bridge.jpg", "https://a.example/bridge.jpg"),
        (
            "//cdn.a.example/bridge.jpg?w=1200&h=630",
            "https://cdn.a.example/bridge.jpg?w=1200&h=630",
        ),
        ("http://cdn.a.example/bridge.jpg", ""),
        ("data:image/png;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
        ("https://user:secret@a.example/bridge.jpg", ""),
        ("https://a.example:8443/bridge.jpg", ""),
        ("https://a.example:99999/bridge.jpg", ""),
        ("https://localhost/bridge.jpg", ""),
        ("https://127.0.0.1/bridge.jpg", ""),
        ("https://127.1/bridge.jpg", ""),
        ("https://0x7f.1/bridge.jpg", ""),
        ("https://[::1]/bridge.jpg", ""),
        ("https://router.local/bridge.jpg", ""),
        ("https://db.internal./bridge.jpg", ""),
        ("https://a.example/logo.svg", ""),
        ("https://a.example/a b.jpg", ""),
        ("https://a.example/\u202egpj.exe", ""),
        ("https://[", ""),
        ("https://a.example/" + "a" * MAX_ADDRESS, ""),
        ("", ""),
    ],
)
def test_only_what_telegram_can_load_from_the_public_internet(declared: str, found: str) -> None:
    assert picture_of({"og:image": declared}, URL) == found


@pytest.mark.parametrize(
    ("width", "height", "is_photo"),
    [
        ("1200", "630", True),
        ("1200px", "630px", True),
        ("", "", True),
        ("wide", "-1", True),
        ("64", "64", False),
        ("9000", "1001", False),
        ("5000", "201", False),
    ],
)
def test_declared_sizes_are_within_the_limits_of_photos(
    width: str, height: str, is_photo: bool
) -> None:
    declared = {"og:image": PICTURE, "og:image:width": width, "og:image:height": height}
    assert picture_of(declared, URL) == (PICTURE if is_photo else "")


def test_the_secure_address_comes_first_and_others_stand_in() -> None:
    http = PICTURE.replace("https", "http")
    assert picture_of({"og:image": http, "og:image:secure_url": PICTURE}, URL) == PICTURE
    assert picture_of({"og:image": http, "twitter:image": PICTURE}, URL) == PICTURE
