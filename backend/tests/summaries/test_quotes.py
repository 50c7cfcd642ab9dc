"""A quotation of a comment says something by itself, in the author's own words."""

from __future__ import annotations

import pytest

from app.summaries.quotes import quote

TELLING = "The bridge should never have been rebuilt at such a cost."


@pytest.mark.parametrize(
    "markup",
    [
        TELLING,
        f"Pretty bold. {TELLING}",
        f"I have a few qualms with this bridge of yours:<p>1. {TELLING}",
        f"I have a few qualms with this bridge of yours:<p>{TELLING}<p>2. It is ugly.",
        f"&gt; the article says so and so about many things<p>{TELLING}",
        f"{TELLING} I have three reasons: <p>1. Money.",
        f"{TELLING} There are three reasons for it: none of them good:",
        f"Mine would be these two books:<p>Rivers.<p>They name all of what you named. {TELLING}",
        f"{TELLING} See http://river.example/ for more. That is all that there is to say of it.",
        f"<i>See</i> http://river.example/a/b for much more on this very matter.<p>{TELLING}",
    ],
)
def test_what_says_something_and_nothing_else(markup: str) -> None:
    assert quote(markup, 200) == TELLING


def test_a_first_sentence_may_begin_with_it() -> None:
    words = "It just so happens that I built that bridge. They paid me well."
    assert quote(words, 200) == words


@pytest.mark.parametrize(
    "markup", ["", "This.", "Two things: one and the other:", "http://a.example/"]
)
def test_nothing_to_quote(markup: str) -> None:
    assert quote(markup, 200) == ""


def test_at_most_so_many_characters() -> None:
    assert quote(f"{TELLING} {TELLING}", 100) == TELLING
    assert len(quote("word " * 1000, 100)) <= 100
