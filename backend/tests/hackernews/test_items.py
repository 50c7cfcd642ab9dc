"""Items as Hacker News sends them, and malformed items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.hackernews.items import (
    MAX_COUNT,
    TEXT_CHARACTERS,
    TITLE_CHARACTERS,
    Comment,
    Story,
    ids,
    parse_item,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def story(**fields: Any) -> Story:
    raw = {"id": 1, "type": "story", "title": "A title", "time": 1_700_000_000} | fields
    item = parse_item(raw, NOW)
    assert isinstance(item, Story)
    return item


def comment(**fields: Any) -> Comment | None:
    item = parse_item({"id": 2, "type": "comment", "parent": 1, "text": "x"} | fields, NOW)
    assert item is None or isinstance(item, Comment)
    return item


def test_a_whole_story() -> None:
    item = story(
        by="ann", score=12, descendants=3, kids=[5, 4], url="https://www.a.example/x?utm_source=b"
    )
    assert item == Story(
        id=1,
        kind="story",
        title="A title",
        url="https://www.a.example/x?utm_source=b",
        canonical_url="https://a.example/x",
        site="a.example",
        author="ann",
        text=None,
        points=12,
        comment_count=3,
        dead=False,
        posted_at=datetime.fromtimestamp(1_700_000_000, UTC),
        kids=(5, 4),
    )


@pytest.mark.parametrize(
    ("raw_type", "title", "kind"),
    [
        ("story", "Show HN: A thing", "show"),
        ("story", "Ask HN: Why?", "ask"),
        ("story", "Tell HN: So", "ask"),
        ("story", "Showing HN", "story"),
        ("job", "Ask HN: Work?", "job"),
        ("poll", "Which?", "poll"),
    ],
)
def test_kinds(raw_type: str, title: str, kind: str) -> None:
    assert story(type=raw_type, title=title).kind == kind


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "item",
        7,
        {},
        {"id": None, "type": "story"},
        {"id": True, "type": "story"},
        {"id": -1, "type": "story"},
        {"id": 2**60, "type": "story"},
        {"id": "1", "type": "story"},
        {"id": 1},
        {"id": 1, "type": "pollopt"},
        {"id": 1, "type": ["story"]},
        {"id": 1, "type": "comment"},
        {"id": 1, "type": "comment", "parent": "x"},
    ],
)
def test_invalid_items_are_none(raw: object) -> None:
    assert parse_item(raw, NOW) is None


@pytest.mark.parametrize("name", ["by", "score", "descendants", "kids", "url", "text", "time"])
@pytest.mark.parametrize("value", [None, [], {}, True, -1, 2**70, 1.5, "", "\x00", [None, "x", {}]])
def test_any_field_may_be_anything(name: str, value: object) -> None:
    item = story(**{name: value})
    assert item.title == "A title"
    assert 0 <= item.points <= MAX_COUNT
    assert item.posted_at <= NOW
    assert "\x00" not in f"{item.author}{item.text}{item.url}"


@pytest.mark.parametrize("title", [None, "", "   ", 7, "\u200b\u202e", "\u200d\u200c"])
def test_a_story_without_a_title_is_dead(title: object) -> None:
    assert story(title=title).dead


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("AT&amp;T &#x27;quotes&#x27; &lt;script&gt;", "AT&T 'quotes' <script>"),
        ("  two\n\tlines ", "two lines"),
        ("right\u202eleft \u2066isolated\u2069", "right left isolated"),
        ("half \ud83d pair", "half pair"),
        ("nul\x00led", "nul led"),
        ("emoji 👩\u200d🚀", "emoji 👩\u200d🚀"),
    ],
)
def test_titles_are_plain_text_on_one_line(raw: str, title: str) -> None:
    assert story(title=raw).title == title


def test_a_title_of_five_megabytes_is_cut() -> None:
    title = story(title="A" * 5_000_000).title
    assert len(title) == TITLE_CHARACTERS
    assert title.endswith("…")
    assert len(story(title="&amp;" * 1_000_000).title) == TITLE_CHARACTERS


def test_a_text_of_five_megabytes_is_cut() -> None:
    assert len(story(text="A" * 5_000_000).text or "") == TEXT_CHARACTERS


def test_a_story_from_the_future_is_from_now() -> None:
    assert story(time=int(NOW.timestamp()) + 1000).posted_at == NOW


def test_a_deleted_comment_keeps_its_answers() -> None:
    item = comment(deleted=True, text=None, kids=[3])
    assert item is not None
    assert (item.text, item.kids) == (None, (3,))


def test_a_dead_comment_is_not_shown() -> None:
    item = comment(dead=True, text="spam")
    assert item is not None
    assert item.text is None


def test_ids_are_each_given_once_in_order() -> None:
    assert ids([3, 1, 3, "2", None, -1, True, 2]) == (3, 1, 2)
    assert ids("123") == ()
    assert len(ids(list(range(1, 10**5)))) == 2000


@pytest.mark.parametrize("title", ["👨‍👩‍👧‍👦 at home", "می‌خواهم"])
def test_joiners_within_words_are_kept(title: str) -> None:
    story = parse_item({"id": 1, "type": "story", "title": title, "time": 1}, NOW)
    assert isinstance(story, Story)
    assert story.title == title
