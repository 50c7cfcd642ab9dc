"""What a text has that its author does not say is not quoted from it."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from app.summaries.extractive import summarise
from tests.articles.conftest import article

SAID = "The town council rebuilt the old stone bridge over the river last year."
OTHER = "Carts with more than two wheels may cross the bridge on every day of summer."
LAST = "A poet who lives nearby walks along the quiet lanes on Sunday mornings."


def told(text: str, title: str = "") -> str:
    return summarise(text, lambda _: True, title=title)


@pytest.mark.parametrize(
    "lines",
    [
        "> {}",
        "> It is said.\n> {}",
        "- > {}",
        "Q: {}",
        "Q1. {}",
        "**Q:** {}",
        "```\n# {}\n```",
        "```\nx = 1\n\n// {}\n```",
        "Figure 3: {}",
        "Fig. 3. {}",
        "Table 2 – {}",
        "Abbildung 4: {}",
        "The following are not supported:\n- {}",
        "The following are NOT supported:\n\n- Nothing.\n\n- {}",
        "What we don't do:\n1. {}",
        "Critics claimed:\n- {}",
        "Es wird nicht unterstützt:\n- {}",
        "Myths\n{}",
        "Common misconceptions about bridges\nIt is said.\n- {}",
        "Non-goals\n- {}",
        "Mythen\n{}",
    ],
)
def test_what_the_author_does_not_say_is_not_told(lines: str) -> None:
    excerpt = told(f"{SAID}\n{lines.format(OTHER)}\nAnother heading\n{LAST}")
    assert OTHER.split(" ", 1)[1] not in excerpt
    assert SAID in excerpt
    assert LAST in excerpt


@pytest.mark.parametrize(
    "lines",
    [
        "{}",
        "It has three parts:\n- {}",
        "A: {}",
        "Why it is not enough\n{}",
        "The many old myths that we still live by\n{}",
        "The following are not supported:\n- Nothing.\n{}",
        "Myths\nIt fell.\nFacts\n{}",
        "`x > 1` holds.\n{}",
    ],
)
def test_what_the_author_says_is_told(lines: str) -> None:
    assert OTHER in told(f"{SAID}\n{lines.format(OTHER)}")


def test_a_title_may_tell_what_is_denied() -> None:
    assert OTHER in told(f"Myths\n{SAID}\n{OTHER}", "Myths about bridges")


def excerpt_of(block: str) -> str:
    markup = article(paragraphs=2).replace("</article>", f"{block}<p>{SAID}</p></article>")
    page = Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())
    return told(extract(page).text)


@pytest.mark.parametrize(
    "block",
    [
        "<blockquote><p>{}</p></blockquote>",
        "<blockquote>{}</blockquote>",
        "<blockquote><p><em>It is said.</em> It is so. {}</p></blockquote>",
        "<blockquote><p>It is said.</p><p>{}</p></blockquote>",
        "<blockquote>It is said.<br>{}</blockquote>",
        "<blockquote><ul><li>{}</li></ul></blockquote>",
        "<pre># It is code\nrun()  # {}\nreturn it;</pre>",
        "<pre><code># {}\nx = [1]\nreturn x;</code></pre>",
        "<figure><figcaption>{}</figcaption></figure>",
        "<p>The bridge is old.<span class=sidenote>{}</span> It stands.</p>",
        "<p>The bridge is old.<small class='marginnote left'>{}</small> It stands.</p>",
        "<aside class=pullquote>{}</aside>",
        "<blockquote class='pull-quote'>{}</blockquote>",
        "<p>It is so.<span class=line-through> {}</span></p>",
        "<p>These are not supported:</p><ul><li>{}</li></ul>",
    ],
)
def test_what_a_page_does_not_say_is_not_told(block: str) -> None:
    excerpt = excerpt_of(block.format(OTHER))
    assert "more than two wheels" not in excerpt
    assert SAID in excerpt


def test_a_page_that_is_one_quotation_is_told() -> None:
    lines = f"<p>{SAID}</p><p>{OTHER}</p><p>{LAST}</p>"
    markup = f"<html><body><article><blockquote>{lines}</blockquote></article></body></html>"
    page = Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())
    assert SAID in told(extract(page).text)


def test_a_list_of_a_readme_is_known_as_one() -> None:
    body = f"# Bridge\n\n{SAID}\n\nNot supported:\n\n- {OTHER}\n- Boats.\n\n{LAST}\n"
    page = Page("https://a.example/a.md", "text/markdown", body.encode())
    excerpt = told(extract(page).text)
    assert OTHER not in excerpt
    assert LAST in excerpt
