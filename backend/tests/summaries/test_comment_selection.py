"""Comments that represent a discussion if no model summarises it."""

from __future__ import annotations

import pytest

from app.hackernews.discussion_store import PlacedComment
from app.hackernews.items import Comment
from app.summaries.comment_selection import MAX_VOICES, QuotedComment, select_comments

FOR = "The bridge should be rebuilt in stone, since the wooden one fell three times in ten years."
AGAINST = "I disagree about stone: the county measured 40 percent higher costs for masonry there."
ASIDE = "My grandfather sold ice cream beside the ferry landing until the company closed in 1971."


def placed(*texts: str, authors: str = "abcdefgh", parents: dict[int, int] | None = None
           ) -> list[PlacedComment]:  # fmt: skip
    parents = parents or {}
    return [
        PlacedComment(
            Comment(n, parents.get(n, 0), authors[n - 1], text, None), n - 1, int(n in parents)
        )
        for n, text in enumerate(texts, 1)
    ]


def test_the_first_comment_is_followed_by_a_contradicting_one() -> None:
    voices = select_comments(placed(FOR, ASIDE, AGAINST, parents={3: 1}))
    assert [one.text for one in voices][:2] == [FOR, AGAINST]
    assert [(one.author, one.comment_id) for one in voices][:2] == [("a", 1), ("c", 3)]


def test_a_comment_that_repeats_another_is_not_quoted() -> None:
    again = FOR.replace("ten years", "a decade")
    assert {one.text for one in select_comments(placed(FOR, again, ASIDE))} == {FOR, ASIDE}


def test_one_comment_per_person_is_quoted() -> None:
    assert len(select_comments(placed(FOR, AGAINST, ASIDE, authors="aaa"))) == 1


def test_at_most_three_comments_with_content_are_quoted() -> None:
    texts = [
        FOR,
        AGAINST,
        ASIDE,
        "Trains of the valley line carried eleven thousand tons of slate.",
    ]
    assert len(select_comments(placed(*texts))) == MAX_VOICES
    assert select_comments(placed("lol", "This.", "Why?")) == []
    assert select_comments([]) == []


def test_a_reply_that_refers_to_another_comment_is_not_quoted() -> None:
    answer = "The masonry is how I knew what to look for, and I looked for it in nine towns."
    told = [one.text for one in select_comments(placed(AGAINST, answer, parents={2: 1}))]
    assert told == [AGAINST]
    assert answer in [one.text for one in select_comments(placed(AGAINST, answer))]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('The hours on "could it also" match mine.', "The hours on ‘could it also’ match mine."),
        ("The book “The Old Bridge” is long.", "The book ‘The Old Bridge’ is long."),
        ('"Fast" and "slow" are words.', "‘Fast’ and ‘slow’ are words."),
        ('A screen of 15" beside one of 17".', 'A screen of 15" beside one of 17".'),
    ],
)
def test_quotation_marks_inside_a_quotation_are_single(said: str, shown: str) -> None:
    assert QuotedComment(1, "ada", said).line == f"ada: “{shown}”"
