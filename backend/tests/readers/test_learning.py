"""What opinions teach: bounded, explained, undone by the opposite, and forgotten for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.readers.learning import LIMIT, MOST_LEARNED, Learned, Opinion, learn

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def opinion(value: float, title: str, hours: int = 0, **about: object) -> Opinion:
    site, topics = about.get("site"), about.get("topics", ())
    return Opinion(value, NOON + timedelta(hours=hours), title, site, topics)  # type: ignore[arg-type]


def by_phrase(
    *opinions: Opinion, forgotten: dict[str, datetime] | None = None
) -> dict[str, Learned]:
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


def test_the_opposite_opinion_undoes() -> None:
    learned = by_phrase(opinion(1, "Rust 2.0", 0), opinion(-1, "Rust 2.0", 1))
    assert "rust" not in learned


def test_the_reason_is_the_last_story_of_the_same_direction() -> None:
    learned = by_phrase(
        opinion(1, "Rust at work", 0), opinion(1, "Rust at home", 1), opinion(-1, "Rust on Mars", 2)
    )
    assert learned["rust"].reason == "Rust at home"


def test_what_was_forgotten_is_learned_again_only_from_later_opinions() -> None:
    forgotten = {"rust": NOON + timedelta(hours=1)}
    assert "rust" not in by_phrase(opinion(1, "Rust at work"), forgotten=forgotten)
    assert "rust" in by_phrase(opinion(1, "Rust at work", 2), forgotten=forgotten)


def test_only_the_strongest_are_kept() -> None:
    opinions = [opinion(1, f"title{n} word{n}", n, site=f"site{n}.example") for n in range(100)]
    assert len(learn(opinions, {})) == MOST_LEARNED


def test_common_words_teach_nothing() -> None:
    assert by_phrase(opinion(1, "What people should know about this year")) == {}
