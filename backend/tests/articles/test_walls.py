"""Every hand-written page is classified correctly (`bench.walls` has the figures)."""

from __future__ import annotations

import pytest

from app.articles.assess.case import Expected
from app.articles.assess.outcomes import PageOutcome
from app.articles.extract import extract
from app.articles.fetch import Page
from bench.walls import SETS, Judged, judge
from tests.articles.conftest import article

PLACES = ("before", "after", "inside")
TELLING = (PageOutcome.ARTICLE, PageOutcome.PARTIAL)
CONSENT = (
    "<p>We and our 812 partners store and access information on a device and process personal"
    " data. You can withdraw your consent at any time.</p><button>Accept all</button>"
)


def wrong(name: str) -> tuple[list[Judged], list[Judged]]:
    """The walls of a set that were told as articles, and the articles that were refused."""
    pages = list(judge(SETS[name]))
    assert len(pages) >= 40
    told = [one for one in pages if one.right not in TELLING and one.found in TELLING]
    refused = [one for one in pages if one.right in TELLING and one.found not in TELLING]
    return told, refused


def test_written_pages_are_classified_correctly() -> None:
    assert wrong("own") == ([], [])
    assert wrong("unseen") == ([], [])
    assert wrong("blind") == ([], [])
    assert wrong("later") == ([], [])
    assert [one for one in judge(SETS["own"]) if one.found is not one.right] == []


def test_hard_pages_are_classified_as_well_as_measured() -> None:
    """The figures in docs/reading.md."""
    told, refused = wrong("hard")
    assert told == []
    assert len(refused) <= 1
    told, refused = wrong("fresh")
    assert len(told) <= 1
    assert len(refused) <= 1
    told, refused = wrong("independent")
    assert len(told) <= 4
    assert len(refused) <= 1, "a drawing"


def test_consent_in_a_page_never_reaches_the_text() -> None:
    for layer in (
        f'<div id="onetrust-banner-sdk">{CONSENT}</div>',
        f'<div id="didomi-host">{CONSENT}</div>',
        f'<aside id="usercentrics-root">{CONSENT}</aside>',
        f'<div role="dialog">{CONSENT}</div>',
        f'<section class="something">{CONSENT}</section>',
    ):
        page = article().replace("<article>", f"{layer}<article>")
        text = extract(Page("https://a.example/a", "text/html", page.encode())).text
        assert "bridge" in text
        assert "partners" not in text
        assert "consent" not in text


def test_an_element_with_the_article_is_not_a_banner() -> None:
    page = article().replace("<article>", '<div role="dialog"><article>')
    assert "bridge" in extract(Page("https://a.example/a", "text/html", page.encode())).text


def test_a_short_title_in_chinese_characters_is_about_what_they_name() -> None:
    text = (
        "町は三月に古い木の橋を石で建て直すことを決めた。工事費は四億円で、県が半分を負担する。"
        "橋は一九一一年に造られ、昨年の台風で流された。新しい橋は二年後に完成する予定である。"
    )
    html = f"<html lang=ja><head><title>町報</title></head><body><p>{text}</p></body></html>"
    page = Page("https://cho.example/3", "text/html; charset=utf-8", html.encode())
    assert text in extract(page, Expected("橋の再建", page.url)).text


@pytest.mark.parametrize("place", PLACES)
def test_a_short_article_with_a_long_request_for_consent_is_an_article(place: str) -> None:
    said = (
        "The old pier was surveyed after the storms of last winter, and divers found that its"
        " foundation was sound, but that the timber above the water had rotted in eleven places."
        " The survey recommends to close the pier to vehicles until then, which fishermen oppose,"
        " since the crane stands at its end and cannot be moved in the summer season."
    )
    asked = {one: f"<div class=xk3>{CONSENT}</div>" if one == place else "" for one in PLACES}
    html = (
        f"<html><head><title>The old pier</title></head><body>{asked['before']}<article>"
        f"<h1>The old pier</h1>{asked['inside']}<p>{said}</p></article>{asked['after']}</body>"
    )
    page = Page("https://port.example/3", "text/html; charset=utf-8", html.encode())
    text = extract(page, Expected("The old pier", page.url)).text
    assert said in text
    assert "partners" not in text
