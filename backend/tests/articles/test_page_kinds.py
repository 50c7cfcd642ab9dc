"""Kinds of pages that earlier detectors took for what they are not."""

from __future__ import annotations

import pytest

from app.articles.assess.case import Expected
from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError

URL = "https://paper.example/2024/how-the-ferry-was-saved"
TITLE = "How the ferry to the island was saved"
STORY = (
    "The ferry to the island was saved by four people and a bank that had forgotten it. In May they"
    " bought the hull for one crown, and in June the engine ran for the first time since the war."
)
OTHER_NEWS = "".join(
    f"<article><h3><a href=/n{n}>News number {n}</a></h3><p>The council of the town met on Friday"
    f" and put off its decision about road {n} until the spring, as both families had asked.</p>"
    "</article>"
    for n in range(6)
)


def read(html: str, title: str = TITLE, url: str = URL) -> str:
    page = f"<!doctype html><html lang=en>{html}</html>".encode()
    return extract(Page(url, "text/html; charset=utf-8", page), Expected(title, url)).text


def refused(html: str, title: str = TITLE, url: str = URL) -> bool:
    try:
        read(html, title, url)
    except PageUnreadableError:
        return True
    return False


def test_the_first_page_of_the_site_is_not_the_story() -> None:
    page = (
        "<title>Paper: news from the valley</title><link rel=canonical href=https://paper.example/>"
        f"<body><h1>Paper</h1>{OTHER_NEWS}</body>"
    )
    assert refused(page)
    assert "council" in read(page.replace("News number 0", TITLE), url="https://paper.example/")


@pytest.mark.parametrize(
    "heads",
    [
        f"<title>Paper</title><meta property=og:title content='{TITLE}'>",
        f"<title>Paper</title><meta name=twitter:title content='{TITLE}'>",
    ],
)
def test_a_title_for_sharing_does_not_make_a_captcha_an_article(heads: str) -> None:
    form = (
        "<h1>Unusual traffic</h1><p>Your network sent many requests in a short time. To go on, type"
        " the letters that you see below, so that we know that a person is asking.</p>"
        "<form action=/captcha/confirm><input name=answer><button>OK</button>"
        "<input type=hidden name=next value=/2024/how-the-ferry-was-saved></form>"
        "<p>Why do I see this? Several people may share the address of your network. Delete your"
        " cookies and try again, or write to our support.</p>"
    )
    assert refused(f"{heads}<body class=captcha>{form}</body>")
    assert "four people" in read(f"{heads}<body><h1>Saved</h1><p>{STORY}</p></body>")


def test_an_offer_in_place_of_the_text_is_no_beginning_of_it() -> None:
    offer = (
        "<section class=gh-post-upgrade-cta><h1>The archive is for members</h1><p>Since 2014 we"
        " have written about ferries without advertising, because those who would advertise are"
        " whom we write about. Members read everything and come on four journeys a year.</p>"
        "<p>You can cancel at any time. Choose your membership: £4 a month.</p></section>"
    )
    heads = f"<title>Become a member</title><meta property=og:title content='{TITLE}'>"
    assert refused(f"{heads}<body>{offer}</body>")
    assert "advertising" not in read(f"<title>{TITLE}</title><body><p>{STORY}</p>{offer}</body>")


def test_messages_of_programs_are_no_article() -> None:
    failed = (
        "<p>WordPress database error: [Table './wp/wp_posts' is marked as crashed]</p>"
        "<p>Warning: Undefined array key 0 in /home/paper/wp-includes/query.php on line 38</p>"
        "<p>Warning: Attempt to read property ID on null in /home/paper/single.php on line 14</p>"
    )
    about = "<p>I am Ada and write about boats from a house with bad electricity and a view.</p>"
    assert refused(f"<title>Boats</title><body><h1>Boats</h1>{failed}{about}</body>")
    title = "Undefined array key: a warning explained"
    page = f"<title>{title}</title><body><h1>{title}</h1>{failed}<p>{STORY}</p></body>"
    assert "Undefined" in read(page, title)


def test_a_domain_with_a_long_offer_is_parked() -> None:
    offer = (
        "<p>This domain is for sale! Price: 1,890 euros.</p><p>After your order you receive an"
        " invoice. As soon as your money is in our account we ask the seller to release the name,"
        " which takes two to five working days. The old pages are not part of the sale.</p>"
        "<p>A short name is remembered, looks trustworthy and suits clubs, blogs and shops that are"
        " about paper, ferries, islands and the history of printing in small towns.</p>"
    )
    assert refused(f"<title>paper.example</title><body><h1>paper.example</h1>{offer}</body>")


def test_incidents_and_documentation_may_speak_of_errors() -> None:
    notice = (
        "<title>Parcels Status</title><body><h1>Scheduled maintenance</h1><p>On Sunday we replace"
        " the last cluster. During the window requests return 503 Service Unavailable, and webhooks"
        " are queued and delivered afterwards in order. We chose a copy over an upgrade in place,"
        " because the order of the index changes between the two.</p></body>"
    )
    title = "Parcels replaces its last database cluster at night"
    assert "webhooks" in read(notice, title, "https://status.parcels.example/incidents/7")
    assert refused(notice, title, "https://www.parcels.example/blog/read-only")


def test_a_short_farewell_under_another_title_is_read() -> None:
    page = (
        "<title>Nine good years</title><body><h1>Nine good years</h1><p>We have decided to stop."
        " Everything stays open until March; after that the data is deleted, including backups."
        " Two of us have small children, and the third wants to build boats. Anybody who paid for a"
        " year will be refunded for what is left of it.</p></body>"
    )
    assert "boats" in read(page, "Quill is shutting down", "https://quill.example/blog/thank-you")
