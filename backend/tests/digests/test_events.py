"""Reports of one event are grouped; stories that only share a word or a form are not."""

from __future__ import annotations

from app.digests.events import number_events
from app.text.phrases import words_of

OTHERS = [
    "Ask HN: Who is hiring? (November 2026)",
    "The death of the corporate blog",
    "PostgreSQL 20 beta 1",
    "A visual guide to cellular automata",
    "Show HN: I built a mechanical calculator",
    "Why the Romans loved concrete",
    "Leaving Google after twelve years",
    "Rust in the Linux kernel: a retrospective",
    "How bicycles stay upright",
    "EU court rules on cookie banners",
    "The economics of container shipping",
    "Running a language model on a toaster",
    "What happened to personal websites?",
    "A compiler for a language of gestures",
    "Fusion plant sells its first electricity",
    "Show HN: A spreadsheet in the terminal",
    "The lost art of technical writing",
    "Bees can count, and now we know how",
    "Microsoft raises prices again",
    "An oral history of the Amiga",
    "Zig 1.0",
]


def events_of(*titles: str) -> list[int]:
    """The events of `titles` in a day with other stories behind them."""
    everything = [words_of([title]).distinct() for title in (*titles, *OTHERS)]
    return number_events(everything, [()] * len(everything))[: len(titles)]


def test_five_reports_of_one_event() -> None:
    assert (
        events_of(
            "OpenAI announces GPT-7",
            "GPT-7 is here",
            "GPT-7 benchmarks",
            "Hands on with GPT-7",
            "Introducing GPT-7",
        )
        == [0] * 5
    )


def test_headlines_in_other_words() -> None:
    assert events_of(
        "Google to pay SpaceX $920M a month for compute capacity at xAI data centers",
        "UAE to leave OPEC",
        "Google will pay SpaceX $920M per month for compute",
        "UAE Leaves OPEC and OPEC+",
    ) == [0, 1, 0, 1]


def test_what_the_summaries_share_counts_too() -> None:
    titles = ["Vercel April security incident", "Vercel says internal systems hit in breach"]
    texts = [
        "Vercel confirmed a breach of internal systems and stolen customer data",
        "Attackers broke into internal systems of Vercel and took customer data in a breach",
    ]
    said = [words_of([text]).distinct() for text in texts] + [frozenset[str]()] * len(OTHERS)
    told = [words_of([title]).distinct() for title in [*titles, *OTHERS]]
    assert number_events(told, said)[:2] == [0, 0]


def test_different_versions_are_different_events() -> None:
    assert events_of("PostgreSQL 21 in the browser", "Zig 2.0 for embedded") == [0, 1]


def test_stories_that_share_a_form_are_not_one_event() -> None:
    assert (
        len(set(events_of("Show HN: A spreadsheet for cats", "Show HN: A terminal for cats "))) == 2
    )
    assert events_of("Leaving Microsoft", "Leaving Berlin", "Ask HN: Leaving home?") == [0, 1, 2]


def test_many_similar_headlines_are_not_one_event() -> None:
    titles = [words_of([f"A story about number {n}"]).distinct() for n in range(100, 160)]
    assert len(set(number_events(titles, [()] * 60))) == 60


def test_no_stories() -> None:
    assert number_events([], []) == []
