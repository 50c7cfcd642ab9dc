"""What a page says of its article outside of its text."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from tests.articles.conftest import article

NOTICE = "This article has been retracted."


def read(box: str, title: str = "The bridge") -> str:
    markup = article(title).replace("<h1>", f"{box}<h1>")
    return extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text


@pytest.mark.parametrize(
    "box",
    [
        "<aside>{}</aside>",
        "<aside><h2>Note</h2><p>It matters. {}</p></aside>",
        "<div class='alert banner'>{}</div>",
        "<div class=message-container><p>{}</p></div>",
        "<p class=editors-note>{}</p>",
    ],
)
def test_a_notice_in_a_box_is_read(box: str) -> None:
    text = read(box.format(NOTICE))
    assert text.startswith(NOTICE)
    assert text.count(NOTICE) == 1


@pytest.mark.parametrize(
    "box",
    [
        "<aside class=comments>{}</aside>",
        "<aside class=related-stories>{}</aside>",
        "<footer><aside>{}</aside></footer>",
        "<nav class=notice>{}</nav>",
        "<aside hidden>{}</aside>",
    ],
)
def test_a_notice_of_something_else_is_not_read(box: str) -> None:
    assert NOTICE not in read(box.format(NOTICE))


def test_a_title_that_is_marked_is_read() -> None:
    assert read("", "RETRACTED: The bridge").startswith("RETRACTED: The bridge\n")
