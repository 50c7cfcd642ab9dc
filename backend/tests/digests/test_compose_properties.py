"""Telegram accepts the messages for any content of a story's fields."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.digests.candidates import Candidate, Discussion, DiscussionPoint, Summary
from app.digests.card import CardState, compose_card, compose_why
from app.digests.compose import compose_digest
from app.digests.description import describe_digest
from app.digests.history import PastStory
from app.digests.sections import arrange
from app.digests.select import SelectedStory
from app.readers.opinions import StoryOpinions
from app.wording import LANGUAGES
from tests.digests.stories import NOW, reader
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
POINTS = st.lists(
    st.builds(DiscussionPoint, WORDS, st.tuples(st.integers(1, 2**53))), max_size=3
).map(tuple)
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
    SelectedStory,
    CANDIDATES,
    st.dictionaries(WORDS.map("interest:{}".format), st.floats(-9, 9), max_size=3),
)
RECEPTIONS = st.builds(
    StoryOpinions, st.integers(0, 10**6), st.integers(0, 10**6), saved=st.booleans()
)
PAST = st.lists(
    st.builds(
        PastStory,
        id=st.integers(1, 2**53),
        title=WORDS,
        url=st.one_of(st.none(), WORDS),
        site=WORDS,
        points=st.integers(0, 100),
        comment_count=st.integers(0, 100),
        at=st.just(NOW),
    ),
    max_size=3,
)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
STYLES = st.sampled_from(["basic", "concise", "personalised"])


@MANY
@given(st.lists(CHOICES, min_size=1, max_size=20), STYLES, st.sampled_from([*LANGUAGES]))
def test_digests(choices: list[SelectedStory], style: str, language: str) -> None:
    sections = arrange(choices)
    messages = compose_digest(describe_digest("daily", NOW.date(), sections, style, language))
    keys = [key for message in messages for row in message.buttons for key in row]
    arranged = [one.candidate.id for section in sections for one in section.choices]
    assert sorted(arranged) == sorted(one.candidate.id for one in choices)
    assert keys == [(str(n), f"story:{story_id}") for n, story_id in enumerate(arranged, 1)]
    for message in messages:
        told = check(message)
        # Split between stories: as many are told as have buttons, and each with its discussion.
        linked = [link for link in told.links if link.startswith("https://news.ycombinator.com")]
        assert len(linked) >= sum(map(len, message.buttons)) > 0
        assert all(link.startswith(("https://", "http://")) for link in told.links)


@MANY
@given(CHOICES, STYLES, st.sampled_from([*LANGUAGES]), RECEPTIONS, st.booleans(), PAST)
def test_cards(
    choice: SelectedStory,
    style: str,
    language: str,
    reception: StoryOpinions,
    private: bool,
    related: list[PastStory],
) -> None:
    state = CardState(reception, private, related)
    card = compose_card(choice, reader(style=style, language=language), state, NOW)
    assert check(card).links
    WellFormed(compose_why(choice, language))
