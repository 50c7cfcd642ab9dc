"""What opinions teach is bounded, explained, undone by the opposite, and can be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.readers.interests.evidence import StoryWords
from app.readers.learning import (
    LIMIT,
    MAX_CORRECTIONS,
    MAX_LEARNED,
    LearnedPhrase,
    Opinion,
    corrections,
    learn,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def opinion(value: float, title: str, hours: int = 0, **about: object) -> Opinion:
    site, topics = about.get("site"), about.get("topics", ())
    return Opinion(value, NOON + timedelta(hours=hours), title, site, topics)  # type: ignore[arg-type]


def by_phrase(
    *opinions: Opinion, forgotten: dict[str, datetime] | None = None
) -> dict[str, LearnedPhrase]:
    return {one.phrase: one for one in learn(opinions, forgotten or {})}


def test_topics_site_and_title_are_learned_with_their_reason() -> None:
    liked = opinion(1, "Rust in the kernel", site="lwn.net", topics=["Operating systems"])
    learned = by_phrase(liked)
    assert {"rust", "linux", "operating system", "lwn.net"} <= learned.keys()
    assert all(one.weight > 0 for one in learned.values())
    assert learned["lwn.net"].reason == "Rust in the kernel"


def test_dislikes_weigh_against() -> None:
    learned = by_phrase(opinion(-1, "Bitcoin hits a new high", site="coins.example"))
    assert learned["coins.example"].weight < 0


def test_more_opinions_weigh_more_but_never_as_much_as_a_named_interest() -> None:
    once = by_phrase(opinion(1, "Rust 1"))["rust"].weight
    often = by_phrase(*(opinion(1, f"Rust {n}", n) for n in range(200)))["rust"].weight
    assert 0 < once < often < LIMIT < 1


def test_the_opposite_opinion_undoes_what_was_learned() -> None:
    learned = by_phrase(opinion(1, "Rust 2.0", 0), opinion(-1, "Rust 2.0", 1))
    assert "rust" not in learned


def test_the_reason_is_the_last_story_of_the_same_direction() -> None:
    learned = by_phrase(
        opinion(1, "Rust at work", 0), opinion(1, "Rust at home", 1), opinion(-1, "Rust on Mars", 2)
    )
    assert learned["rust"].reason == "Rust at home"


def test_forgotten_phrases_are_learned_again_only_from_later_opinions() -> None:
    forgotten = {"rust": NOON + timedelta(hours=1)}
    assert "rust" not in by_phrase(opinion(1, "Rust at work"), forgotten=forgotten)
    assert "rust" in by_phrase(opinion(1, "Rust at work", 2), forgotten=forgotten)


def test_only_the_strongest_are_kept() -> None:
    opinions = [opinion(1, f"title{n} word{n}", n, site=f"site{n}.example") for n in range(100)]
    assert len(learn(opinions, {})) == MAX_LEARNED


def test_common_words_teach_nothing() -> None:
    assert by_phrase(opinion(1, "What people should know about this year")) == {}


@pytest.mark.parametrize(
    "title",
    [
        "A new language written in Rust",
        "A language for spreadsheets, written for fun",
        "Announcing the release of our new framework",
    ],
)
def test_one_opinion_teaches_no_word_that_titles_say_of_anything(title: str) -> None:
    learned = by_phrase(opinion(1, title))
    assert not {"written", "language", "release", "framework", "spreadsheet"} & learned.keys()


def test_a_word_is_learned_from_two_stories_and_a_name_from_one() -> None:
    once = by_phrase(opinion(1, "Falconers of the north"))
    twice = by_phrase(opinion(1, "Falconers of the north"), opinion(1, "How falconers train", 1))
    assert "falconer" not in once and twice["falconer"].weight > 0
    assert "written" not in by_phrase(opinion(1, "Written once"), opinion(1, "Written twice", 1))
    assert "haskell" in by_phrase(opinion(1, "Haskell in space"))


def test_a_dislike_corrects_the_sense_of_a_named_interest() -> None:
    unknown = opinion(-1, "Claude Fontaine sings in Montreal")
    [correction] = corrections([unknown], ["AI", "rust"])
    assert correction.interest == "AI"
    assert correction.fits(StoryWords("Claude Fontaine returns"))
    assert not correction.fits(StoryWords("Claude is down"))
    assert not correction.fits(StoryWords("Claude Code and Montreal's Fontaine"))
    assert "ai" not in {one.phrase for one in learn([unknown], {})}


def test_a_dislike_of_what_was_meant_corrects_nothing() -> None:
    disliked = opinion(-1, "LLMs and OpenAI again")
    assert corrections([disliked], ["AI"]) == []
    assert {one.phrase for one in learn([disliked], {})} >= {"ai"}


def test_a_later_like_takes_a_correction_back() -> None:
    disliked, liked = "Claude Fontaine sings", "Claude Fontaine at the keyboard"
    assert corrections([opinion(-1, disliked), opinion(1, liked, 1)], ["AI"]) == []
    assert corrections([opinion(1, liked), opinion(-1, disliked, 1)], ["AI"]) != []


def test_an_unknown_interest_can_be_corrected_too() -> None:
    [correction] = corrections([opinion(-1, "Amber Heard in court")], ["amber"])
    assert correction.fits(StoryWords("Amber Heard speaks"))
    assert not correction.fits(StoryWords("An insect in amber"))


def test_corrections_are_bounded() -> None:
    many = [opinion(-1, f"Claude Person{n} sings", n) for n in range(50)]
    assert len(corrections(many, ["AI"])) == MAX_CORRECTIONS
