"""Paragraphs with hard-wrapped lines."""

from __future__ import annotations

import pytest

from app.text.paragraphs import joined, unwrapped
from app.text.sentences import split

README = """HN Pal is a bot that reads the news for people, and the configuration-management
repo that puts it on one small cloud host and keeps it alive there. It is silent
for a second at most.

Second paragraph, short."""


def test_a_wrapped_paragraph_is_one_line() -> None:
    first, second = unwrapped(README).split("\n")
    assert "configuration-management repo that puts" in first
    assert split(first)[1] == "It is silent for a second at most."
    assert second == "Second paragraph, short."


def test_quoted_lines_of_a_mail_are_removed() -> None:
    mail = """On Tuesday the maintainer wrote:
> I think that the scheduler should go, and that it should go in this
> release already, whatever happens to it.

I disagree with that. The scheduler is what most of our users came for, and
nobody has shown a replacement that does the same."""
    assert unwrapped(mail).split("\n") == [
        "I disagree with that. The scheduler is what most of our users came for, and nobody has "
        "shown a replacement that does the same."
    ]


def test_entries_of_a_list_stay_apart() -> None:
    text = """- the first entry is quite long and says a lot about the thing and goes
  on in a second line
- the second entry is long as well, but it fits on one line of this text"""
    assert unwrapped(text).split("\n") == [
        "the first entry is quite long and says a lot about the thing and goes on in a second line",
        "the second entry is long as well, but it fits on one line of this text",
    ]


def test_a_poem_and_a_table_keep_their_lines() -> None:
    poem = "Roses are red\nViolets are blue"
    assert unwrapped(poem) == poem
    table = (
        "name        size        date of the last change of it\n"
        "a.txt       12          2024-01-01 in the morning of it"
    )
    assert unwrapped(table) == table


def test_a_word_that_was_divided_is_whole_again() -> None:
    text = (
        "This line of an old document ends within a word that was divi-\n"
        "ded, and goes on until the end of the paragraph is reached here."
    )
    assert "was divided, and" in unwrapped(text)


@pytest.mark.parametrize(
    "text", ["", "\n" * 100_000, "> " * 100_000, "a\n" * 100_000, "-" * 200_000]
)
def test_hostile_texts_are_handled_quickly(text: str) -> None:
    unwrapped(text)
    joined(text.split("\n"))


def test_lines_of_a_page_are_joined_where_a_sentence_is_broken() -> None:
    lines = [
        "A sentence that a br tag has broken somewhere in its midst and",
        "that goes on.",
        "Next",
    ]
    assert joined(lines) == [f"{lines[0]} {lines[1]}", "Next"]
    short = [
        "The wall begins at the river",
        "and ends, after eleven miles,",
        "in a field of beets.",
    ]
    assert joined(short) == [" ".join(short)]
    entries = ["Small", "fast", "No configuration"]
    assert joined(entries) == entries
