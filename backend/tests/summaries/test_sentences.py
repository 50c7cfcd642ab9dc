"""Where a sentence ends, and where a full stop means something else."""

from __future__ import annotations

import pytest

from app.summaries.sentences import at_most, cut, split


@pytest.mark.parametrize(
    "text",
    [
        "I have a few qualms with this app: 1. For a Linux user, you can already build it.",
        "1. It starts with a number.",
        "The U.S. Army bought it, e.g. In 2019.",
        "Mr. Smith and J. R. Tolkien met Dr. Jones vs. The World.",
        "Version 3.5. is out",
    ],
)
def test_one_sentence_stays_whole(text: str) -> None:
    assert split(text) == [text]


def test_sentences_end_at_full_stops_questions_and_quotations() -> None:
    text = "Why? “Because.” That was in 2007. Then it was 21.5 degrees. It stopped!"
    assert split(text) == [
        "Why?",
        "“Because.”",
        "That was in 2007.",
        "Then it was 21.5 degrees.",
        "It stopped!",
    ]


def test_chinese_and_japanese_sentences_end_without_a_space() -> None:
    assert split("橋は石で再建された。なぜか？「洪水だ！」と彼は言った。") == [
        "橋は石で再建された。",
        "なぜか？",
        "「洪水だ！」と彼は言った。",
    ]


def test_only_whole_sentences_are_kept_unless_the_first_is_too_long() -> None:
    assert at_most(["One two.", "Three four."], 12) == "One two."
    assert at_most(["One two three four."], 12) == cut("One two three four.", 12) == "One two…"
