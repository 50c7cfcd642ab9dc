"""Which submissions are duplicates of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.hackernews.duplicate_store import Submission
from app.hackernews.duplicates import SameStory, accepted_pairs, originals
from app.hackernews.pointers import Pointer, dupe_pointer, read_pointer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def submission(
    story_id: int,
    url: str | None = None,
    comments: int = 0,
    points: int = 0,
    dead: bool = False,
    title: str | None = None,
    at: datetime = NOW,
) -> Submission:
    title = title or f"Story {story_id}"
    pages = (url,) if url else ()
    return Submission(story_id, title, url, pages, points, comments, dead, None, at)


@pytest.mark.parametrize(
    ("comment", "target"),
    [
        ("[dupe] https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=42", 42),
        ('Dupe: <a href="https:&#x2F;&#x2F;news.ycombinator.com&#x2F;item?id=42">here</a>', 42),
        ("Duplicate of https://news.ycombinator.com/item?id=42", 42),
        ("Comments moved to https://news.ycombinator.com/item?id=42. Thanks!", 42),
        ("Already discussed: https://news.ycombinator.com/item?id=42", 42),
        ("Discussed here https://news.ycombinator.com/item?id=42", 42),
        ("Discussed yesterday: https://news.ycombinator.com/item?id=42", 42),
        ("Discussed 2 days ago: https://news.ycombinator.com/item?id=42 (120 comments)", 42),
        ("Previously: https://news.ycombinator.com/item?id=42", 42),
        ("Previously, https://news.ycombinator.com/item?id=42", 42),
        ("Previously<p>https://news.ycombinator.com/item?id=42", 42),
        ("Previously \u2013 https://news.ycombinator.com/item?id=42", 42),
        ("Previously:<p>Why doesn't it fly? https://news.ycombinator.com/item?id=42 (2019)", 42),
        ("Past thread: https://news.ycombinator.com/item?id=42", 42),
        ("Earlier: https://news.ycombinator.com/item?id=42", 42),
        ("Earlier I read https://news.ycombinator.com/item?id=42", None),
        ("Previously on HN: https://news.ycombinator.com/item?id=42", 42),
        ("Previous discussion: https://news.ycombinator.com/item?id=42", 42),
        ("Discussion (400 comments): https://news.ycombinator.com/item?id=42", 42),
        ("More comments here: https://news.ycombinator.com/item?id=42", 42),
        ("Earlier today with 200 comments: https://news.ycombinator.com/item?id=42", 42),
        ("Already on the front page: https://news.ycombinator.com/item?id=42", 42),
        ("Posted earlier today: https://news.ycombinator.com/item?id=42", 42),
        ("Big thread: https://news.ycombinator.com/item?id=42", 42),
        ("Same story: https://news.ycombinator.com/item?id=42", 42),
        ("We&#x27;ve merged this thread into https://news.ycombinator.com/item?id=42", 42),
        ("Related: https://news.ycombinator.com/item?id=42", None),
        ("See also https://news.ycombinator.com/item?id=42", None),
        ("A different discussion yesterday: https://news.ycombinator.com/item?id=42", None),
        ("Follow-up to the one discussed yesterday: https://news.ycombinator.com/item?id=42", None),
        ("I wrote about bees previously, https://news.ycombinator.com/item?id=42", None),
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
def test_one_commenter_alone_is_not_enough(said: list[Pointer], is_believed: bool) -> None:
    stories = {number: submission(number, title=title) for number, title in TITLES.items()}
    assert accepted_pairs(said, stories) == ([SameStory(*said[0][:2])] if is_believed else [])


def test_outages_of_different_weeks_are_different_stories() -> None:
    stories = {
        1: submission(1, title="GitHub is down", at=NOW - timedelta(days=6)),
        2: submission(2, title="GitHub is down again"),
    }
    said = [Pointer(2, 1, "ann"), Pointer(2, 1, "bob")]
    assert accepted_pairs(said, stories) == []
    assert accepted_pairs([Pointer(2, 1, "dang")], stories)


@pytest.mark.parametrize(
    ("comment", "moved"),
    [
        ("Comments moved to https://news.ycombinator.com/item?id=42", (7, 42)),
        ("Comments moved thither: https://news.ycombinator.com/item?id=42", (7, 42)),
        ("We merged this thread into https://news.ycombinator.com/item?id=42", (7, 42)),
        ("[dupe] https://news.ycombinator.com/item?id=42", (7, 42)),
        ("Comments moved from here to https://news.ycombinator.com/item?id=42", (7, 42)),
        ("Comments moved hither from https://news.ycombinator.com/item?id=42", (42, 7)),
        ("We&#x27;ve moved comments here from https://news.ycombinator.com/item?id=42", (42, 7)),
        ("Merged from https://news.ycombinator.com/item?id=42, an earlier submission", (42, 7)),
    ],
)
def test_which_discussion_a_moderator_emptied(comment: str, moved: tuple[int, int]) -> None:
    assert read_pointer(7, "dang", comment) == Pointer(*moved, "dang", moved=True)
    if (by_stranger := read_pointer(7, "ann", comment)) is not None:
        assert by_stranger == Pointer(7, 42, "ann")


def test_a_moderator_who_recalls_an_earlier_discussion_moves_nothing() -> None:
    comment = "Discussed yesterday: https://news.ycombinator.com/item?id=42"
    assert read_pointer(7, "dang", comment) == Pointer(7, 42, "dang")


def test_the_most_discussed_submission_is_the_original() -> None:
    stories = [submission(1, "u", 3, 99), submission(2, "u", 9), submission(3, "v")]
    assert originals(stories, []) == {1: 2, 2: None, 3: None}


def test_points_and_then_age_decide_between_equals() -> None:
    assert originals([submission(1, "u", 3, 1), submission(2, "u", 3, 2)], []) == {1: 2, 2: None}
    assert originals([submission(1, "u"), submission(2, "u")], []) == {1: None, 2: 1}


def test_a_dead_submission_is_not_an_original() -> None:
    assert originals([submission(1, "u", 9, dead=True), submission(2, "u")], []) == {1: 2, 2: None}


def test_texts_without_a_link_are_not_one_page() -> None:
    assert originals([submission(1), submission(2)], []) == {1: None, 2: None}


def test_chains_lead_to_one_original() -> None:
    stories = [submission(1, "u", 5), submission(2, "u"), submission(3, "v", 1), submission(4, "v")]
    assert originals(stories, [SameStory(4, 2)]) == {1: None, 2: 1, 3: 1, 4: 1}


def test_a_pointer_cannot_hide_the_larger_story() -> None:
    stories = [submission(1, "u", 500), submission(2, "v", 1)]
    assert originals(stories, [SameStory(1, 2)]) == {1: None, 2: 1}


def test_pointers_in_circles_or_to_strangers_do_no_harm() -> None:
    stories = [submission(1, "u", 2), submission(2, "v", 1)]
    assert originals(
        stories, [SameStory(*pair) for pair in ((1, 2), (2, 1), (1, 77), (77, 1))]
    ) == {1: None, 2: 1}


def test_an_emptied_thread_is_never_the_original() -> None:
    stories = [submission(1, "u", 500, 900), submission(2, "v", 1)]
    assert originals(stories, [SameStory(1, 2, moved=True)]) == {1: 2, 2: None}
    moved_on = [SameStory(1, 2, moved=True), SameStory(2, 3, moved=True)]
    stories = [submission(1, "u", 9), submission(2, "v", 5), submission(3, "w")]
    assert originals(stories, moved_on) == {1: 3, 2: 3, 3: None}
    dead = [submission(1, "u", 9), submission(2, "v", 5, dead=True)]
    assert originals(dead, [SameStory(1, 2, moved=True)]) == {1: None, 2: 1}


STATUS = "https://status.a.example"
ROOT = "https://a.example"
POST = "https://a.example/2026/a-post"
DAYS = timedelta(days=5)


@pytest.mark.parametrize(
    ("one", "other", "apart", "same"),
    [
        ((STATUS, "A is down"), (STATUS, "A is down"), DAYS, False),
        ((STATUS, "A is down"), (STATUS, "A outage"), timedelta(hours=3), True),
        ((STATUS + "/incidents/7x", "A is down"), (STATUS + "/incidents/7x", "A"), DAYS, True),
        (
            ("https://www.astatus.com", "A: down"),
            ("https://www.astatus.com", "A: down"),
            DAYS,
            False,
        ),
        ((ROOT, "A is down"), (ROOT, "A is down again"), DAYS, False),
        ((ROOT, "A 2.1 released"), (ROOT, "A 2.2 released"), DAYS, False),
        ((ROOT, "Show HN: A, a lamp"), (ROOT, "Show HN: A, a lamp for all"), DAYS, True),
        ((ROOT, "A lamp for all"), (ROOT, "Bees can count"), DAYS, False),
        ((ROOT, "A lamp for all"), (ROOT, "Bees can count"), timedelta(hours=2), True),
        ((ROOT + "/changelog", "A 3.0"), (ROOT + "/changelog", "A 3.1"), DAYS, False),
        ((POST, "We left the cloud"), (POST, "Why servers are cheap"), DAYS, True),
        ((POST, "Postmortem of an outage"), (POST, "Postmortem of our outage"), DAYS, True),
        ((POST, "We left the cloud"), (POST + "#bees", "Bees can count"), DAYS, False),
        ((POST, "We left the cloud"), (POST + "#costs", "We left the cloud"), DAYS, True),
        ((POST, "We left the cloud"), (POST + "#comments", "Bees can count"), DAYS, True),
    ],
)
def test_a_page_with_changing_content_is_a_new_story_later(
    one: tuple[str, str], other: tuple[str, str], apart: timedelta, same: bool
) -> None:
    first = submission(1, one[0], title=one[1], at=NOW - apart)
    later = submission(2, other[0], title=other[1])
    pages = ("the same page",)
    stories = [replace(first, pages=pages), replace(later, pages=pages)]
    assert (originals(stories, [])[2] == 1) == same


def test_an_outage_that_lasts_stays_one() -> None:
    times = [NOW + timedelta(hours=8) * number for number in range(4)]
    stories = [
        submission(number, STATUS, title="A is down", at=at) for number, at in enumerate(times, 1)
    ]
    assert originals(stories, []) == {1: None, 2: 1, 3: 1, 4: 1}
