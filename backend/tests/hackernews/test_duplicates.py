"""Which submissions stand for others."""

from __future__ import annotations

import pytest

from app.hackernews.duplicate_store import Submission
from app.hackernews.duplicates import Pointer, believed, dupe_pointer, originals


def submission(
    story_id: int, url: str | None = None, comments: int = 0, points: int = 0, dead: bool = False
) -> Submission:
    return Submission(story_id, f"Story {story_id}", url, points, comments, dead, None)


@pytest.mark.parametrize(
    ("comment", "target"),
    [
        ("[dupe] https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=42", 42),
        ('Dupe: <a href="https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=42">here</a>', 42),
        ("Duplicate of https://news.ycombinator.com/item?id=42", 42),
        ("Comments moved to https://news.ycombinator.com/item?id=42. Thanks!", 42),
        ("Already discussed: https://news.ycombinator.com/item?id=42", 42),
        ("Discussed here https://news.ycombinator.com/item?id=42", 42),
        ("I like https://news.ycombinator.com/item?id=42", None),
        ("[dupe] of https://a.example/item?id=42", None),
        ("[dupe]", None),
        ("This is not a dupe of https://news.ycombinator.com/item?id=42", None),
        ("This isn&#x27;t a duplicate: https://news.ycombinator.com/item?id=42", None),
        ("Dupe of https://news.ycombinator.com/item?id=42 ?", None),
        (
            "Dupes: https://news.ycombinator.com/item?id=42"
            " https://news.ycombinator.com/item?id=43",
            None,
        ),
        ("A dupe? " + "I have much to say. " * 30 + "https://news.ycombinator.com/item?id=1", None),
        ("[dupe] https://news.ycombinator.com/item?id=" + "9" * 400, None),
    ],
)
def test_pointers(comment: str, target: int | None) -> None:
    assert dupe_pointer(comment) == target


TITLES = {
    1: "Cloudflare outage takes down half the web",
    2: "Cloudflare is down",
    3: "Show HN: A spreadsheet",
    4: "Show HN: A calculator",
    5: "Bees can count",
}


@pytest.mark.parametrize(
    ("said", "is_believed"),
    [
        ([Pointer(3, 5, "ann")], False),
        ([Pointer(3, 5, "ann"), Pointer(3, 5, "ann")], False),
        ([Pointer(3, 4, "ann")], False),
        ([Pointer(3, 5, "ann"), Pointer(3, 5, "bob")], True),
        ([Pointer(3, 5, "dang")], True),
        ([Pointer(1, 2, "ann")], True),
        ([Pointer(1, 77, "dang")], False),
    ],
)
def test_one_strangers_word_is_not_enough(said: list[Pointer], is_believed: bool) -> None:
    assert believed(said, TITLES) == ([said[0][:2]] if is_believed else [])


def test_the_most_discussed_stands_for_all() -> None:
    stories = [submission(1, "u", 3, 99), submission(2, "u", 9), submission(3, "v")]
    assert originals(stories, []) == {1: 2, 2: None, 3: None}


def test_points_and_then_age_decide_between_equals() -> None:
    assert originals([submission(1, "u", 3, 1), submission(2, "u", 3, 2)], []) == {1: 2, 2: None}
    assert originals([submission(1, "u"), submission(2, "u")], []) == {1: None, 2: 1}


def test_the_dead_stand_for_nobody() -> None:
    assert originals([submission(1, "u", 9, dead=True), submission(2, "u")], []) == {1: 2, 2: None}


def test_texts_without_a_link_are_not_one_page() -> None:
    assert originals([submission(1), submission(2)], []) == {1: None, 2: None}


def test_chains_lead_to_one_original() -> None:
    stories = [submission(1, "u", 5), submission(2, "u"), submission(3, "v", 1), submission(4, "v")]
    assert originals(stories, [(4, 2)]) == {1: None, 2: 1, 3: 1, 4: 1}


def test_a_pointer_cannot_hide_the_larger_story() -> None:
    stories = [submission(1, "u", 500), submission(2, "v", 1)]
    assert originals(stories, [(1, 2)]) == {1: None, 2: 1}


def test_pointers_in_circles_or_to_strangers_do_no_harm() -> None:
    stories = [submission(1, "u", 2), submission(2, "v", 1)]
    assert originals(stories, [(1, 2), (2, 1), (1, 77), (77, 1)]) == {1: None, 2: 1}
