"""Excerpts are a text's own sentences, in their order."""

from __future__ import annotations

from app.summaries.extractive import MOST_CHARACTERS, SENTENCES, summarise
from app.summaries.summarise import Source

TEXT = """The town council rebuilt the old stone bridge over the river last year.
Cookies help us.
The bridge had fallen in the flood, and the river had carried its stones away.
A poet lives nearby and likes to walk along quiet lanes on Sunday mornings.
Rebuilding the bridge cost the town two million, more than the flood itself did.
Somebody sold ice cream to the many visitors who came to see the opening."""


def test_the_sentences_that_say_most_in_their_order() -> None:
    excerpt = summarise(TEXT, lambda _: True)
    assert excerpt.startswith("The town council rebuilt the old stone bridge")
    assert excerpt.endswith("more than the flood itself did.")
    assert "poet" not in excerpt
    assert "Cookies" not in excerpt


def test_what_is_not_allowed_is_not_taken() -> None:
    assert "council" not in summarise(TEXT, lambda sentence: "council" not in sentence)


def test_endless_texts_and_sentences() -> None:
    assert len(summarise(TEXT * 10_000, lambda _: True)) <= MOST_CHARACTERS
    assert summarise("word " * 100_000, lambda _: True) == ""
    assert summarise("", lambda _: True) == ""


def test_a_heading_is_no_sentence() -> None:
    heading = "The old stone bridge over the river and the council"
    excerpt = summarise(f"{heading}\n{TEXT}", lambda _: True)
    assert excerpt.startswith("The town council rebuilt the old stone bridge")
    assert heading not in excerpt


def test_texts_without_spaces() -> None:
    text = "川にかかる古い石の橋は、去年の大きな洪水で流された。" * 30
    assert Source(text, "article").enough
    assert summarise(text, lambda _: True).count("。") == SENTENCES


def test_cells_are_sentences_only_where_they_hold_some() -> None:
    table = """| SLG46620V block diagram (from device datasheet) |
| | |
|---|---|
| Pin one is the supply. | Connected to the battery of the old board! |
N 47.12345 W 122.54321 N 47.22345 W 122.64321 N 47.32345 W 122.74321."""
    assert summarise(table, lambda _: True) == "Connected to the battery of the old board!"
    lines = TEXT.split("\n")
    page = f"| {lines[0]} {lines[2]}\n- {lines[4]} | | x |"
    assert summarise(page, lambda _: True) == f"{lines[0]} {lines[2]} {lines[4]}"
