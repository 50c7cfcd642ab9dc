"""Whatever stands in the fields of a story, its messages are ones that Telegram takes."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.digests.candidates import Candidate, Discussion, Point, Summary
from app.digests.card import compose_card, compose_why
from app.digests.compose import compose_digest
from app.digests.select import Choice
from app.wording import LANGUAGES
from tests.digests.stories import NOW
from tests.digests.test_compose import WellFormed, check

# What breaks parsers, turns lines around, counts double or is found by Telegram itself.
PIECES = st.sampled_from(
    [
        *"<>&\"'{}%[]()`*_~|\\\0\n\r\t\u2028\u202e\u2066\u2069\u200f\u200d\ufeff\ud800\udfff",
        *("</a>", "<b>", "&lt;", "&amp;", "&#0;", "&#x110000;", "<!--", "]]>", "<tg-spoiler>"),
        *("😀", "👨‍👩‍👧‍👦", "e\u0301" * 40, "שלום", "مرحبا", "漢字", "ﷺ", "\U0010ffff"),
        *("@someone", "#tag", "/start", "$USD", "t.me/x", "https://a.example/?a=1&b=2", "+49 30 1"),
        *("A sentence of words. ", "word " * 50, "x" * 300, "{count}", "%s", "1. "),
    ]
)
WORDS = st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12).map("".join)
POINTS = st.lists(st.builds(Point, WORDS, st.tuples(st.integers(1, 2**53))), max_size=3).map(tuple)
SUMMARIES = st.builds(
    Summary,
    sentences=WORDS,
    key_points=st.lists(WORDS, max_size=4).map(tuple),
    extractive=st.booleans(),
    basis=st.sampled_from(["article", "hn_text", "discussion", "none"]),
    reason=st.one_of(st.none(), WORDS),
)
CANDIDATES = st.builds(
    Candidate,
    id=st.integers(1, 2**53),
    kind=st.just("story"),
    title=WORDS,
    url=st.one_of(st.none(), WORDS, WORDS.map("https://a.example/{}".format)),
    site=st.one_of(st.none(), WORDS),
    points=st.integers(0, 2**31 - 1),
    comment_count=st.integers(0, 2**31 - 1),
    first_seen_at=st.just(NOW),
    article_words=st.one_of(st.none(), st.integers(0, 10**6)),
    article_reason=st.one_of(st.none(), st.just("paywall"), WORDS),
    topics=st.lists(WORDS, max_size=2).map(tuple),
    summaries=st.fixed_dictionaries({"basic": SUMMARIES}),
    discussion=st.one_of(st.none(), st.builds(Discussion, WORDS, POINTS, POINTS)),
)
CHOICES = st.builds(
    Choice,
    CANDIDATES,
    st.dictionaries(WORDS.map("interest:{}".format), st.floats(-9, 9), max_size=3),
)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
STYLES = st.sampled_from(["basic", "concise", "personalised"])


@MANY
@given(st.lists(CHOICES, min_size=1, max_size=20), STYLES, st.sampled_from([*LANGUAGES]))
def test_digests(choices: list[Choice], style: str, language: str) -> None:
    messages = compose_digest("<b>Hacker News</b>", choices, style, language)
    rows: list[Any] = [row for message in messages for row in message.buttons]
    assert [row[0][1] for row in rows] == [f"story:{one.candidate.id}" for one in choices]
    for message in messages:
        told = check(message)
        # Split between stories: as many are told as have buttons, and each with its discussion.
        linked = [link for link in told.links if link.startswith("https://news.ycombinator.com")]
        assert len(linked) >= len(message.buttons) > 0
        assert all(link.startswith(("https://", "http://")) for link in told.links)


@MANY
@given(CHOICES, STYLES, st.sampled_from([*LANGUAGES]), st.booleans())
def test_cards(choice: Choice, style: str, language: str, saved: bool) -> None:
    assert check(compose_card(choice, style, language, saved=saved)).links
    WellFormed(compose_why(choice, language))
