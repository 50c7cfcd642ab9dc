"""The beginning of an article is part of it, however the offer to read on is made."""

from __future__ import annotations

import pytest

from app.articles.assess.case import Expected
from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError

TITLE = "The quiet return of the night train"
LEAD = (
    "At twenty past nine the last passengers climb into the blue cars on platform three, and for"
    " the first time in fifteen years the sleeper to the coast is full. Nobody had expected it,"
    " least of all the railway."
)
GERMAN = "Die stille Rückkehr des Nachtzugs"
GERMAN_LEAD = (
    "Um zwanzig nach neun steigen die letzten Fahrgäste in die blauen Wagen an Gleis drei, und zum"
    " ersten Mal seit fünfzehn Jahren ist der Schlafwagen an die Küste ausgebucht. Niemand hatte"
    " damit gerechnet, am wenigsten die Bahn."
)


def page(title: str, lead: str, offer: str) -> Page:
    html = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{lead}</p>"
        f"</article>{offer}</body></html>"
    )
    return Page("https://paper.example/3", "text/html; charset=utf-8", html.encode())


@pytest.mark.parametrize(
    ("title", "lead", "offer"),
    [
        (TITLE, LEAD, "<p>Become a patron to see the rest.</p>"),
        (TITLE, f"{LEAD} And then, in March …", "<p>Sign up for free to finish this story.</p>"),
        (TITLE, LEAD, "<p>You have read one of your three free articles this month.</p>"),
        (
            *(GERMAN, GERMAN_LEAD),
            "<div><p>Weiterlesen mit Plus</p><p>Jetzt 4 Wochen für 0,99 Euro testen</p></div>",
        ),
    ],
)
def test_a_teaser_is_a_part(title: str, lead: str, offer: str) -> None:
    article = extract(page(title, lead, offer), Expected(title, "https://paper.example/3"))
    assert article.partial
    assert lead[:60] in article.text


def test_an_offer_without_an_article_is_a_wall() -> None:
    offer = (
        "This piece is part of our weekend edition, which is available to supporters. Supporters"
        " pay 4 euros a month and can cancel when they like. We thank you for your interest."
    )
    with pytest.raises(PageUnreadableError):
        extract(page(TITLE, offer, ""), Expected(TITLE, "https://paper.example/3"))


def test_a_price_alone_is_no_offer_to_read_on() -> None:
    sold = f"{LEAD} A bed costs 29 euros, and a compartment for four weeks of travel 400 euros."
    article = extract(page(TITLE, sold, ""), Expected(TITLE, "https://paper.example/3"))
    assert not article.partial
    assert "29 euros" in article.text


def test_other_stories_below_an_offer_are_not_the_article() -> None:
    others = "".join(
        f"<li><a href=/{n}><h3>{title}</h3></a><p>{said}</p></li>"
        for n, (title, said) in enumerate(
            [
                (
                    "Ten rules for labels",
                    "They come from an archive with four kilometres of shelves.",
                ),
                ("A clock for the tide", "A washing machine's timer drives it, wrong by minutes."),
                ("Bread at four", "A bakery keeps its log in a text file that all can read."),
            ]
        )
    )
    offer = f"<p>This article is for members. Join for 40 a year, or log in.</p><ul>{others}</ul>"
    with pytest.raises(PageUnreadableError):
        extract(page(TITLE, "", offer), Expected(TITLE, "https://paper.example/3"))
