"""Phrases match whole words in any case, with or without accents."""

from __future__ import annotations

import pytest

from app.readers.interests.topics import MAX_LENGTH, parse_phrases
from app.text.phrases import MAX_CHARACTERS, words_of


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("machine learning", "Advances in Machine Learning"),
        ("machine learning", "A machine-learning primer"),
        ("databases", "Which database to choose"),
        ("database", "The state of databases"),
        ("companies", "A company in trouble"),
        ("box", "Boxes all the way down"),
        ("Zurich", "Life in Zürich"),
        ("Café", "the cafe around the corner"),
        ("C++", "Modern C++ in practice"),
        ("c#", "C# 15 is out"),
        ("apple", "Apple’s new chip"),
        ("node.js", "Node.js 30 released"),
        ("SQLite", "Why (SQLite)?"),
        ("rust", "rust"),
        ("gpt", "GPT-6 is here"),
        ("bitcoin", "#BITCOIN"),
        ("#bitcoin", "Bitcoin falls"),
        ("bitcoin", "Gold+Bitcoin#now"),
        ("bitcoin", "Bit\u00adcoin and bit\u200bcoin"),
        ("Go 1", "Go 1.30 released"),
        ("python 3.14", "Python 3.14.1 is out"),
        ("GPT-5", "GPT-5.2 and others"),
        ("C++23", "What C++23 brings"),
        ("opec+", "OPEC+ meets"),
        ("asp.net", "ASP.NET's end"),
    ],
)
def test_found(phrase: str, text: str) -> None:
    assert words_of([text]).speak_of(phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("rust", "Trust issues"),
        ("machine learning", "Learning about the machine"),
        ("machine learning", "A machine for learning"),
        ("go", "Django at twenty"),
        ("windows", "The context window of a model"),
        ("news", "Something new"),
        ("c", "C++ in practice"),
        ("go 1", "Go 13 times"),
        ("python 3.1", "Python 3.14 is out"),
        ("", "anything"),
        ("!!!", "anything!!!"),
    ],
)
def test_not_found(phrase: str, text: str) -> None:
    assert not words_of([text]).speak_of(phrase)


def test_no_phrase_reaches_from_one_text_into_the_next() -> None:
    assert not words_of(["The last machine", "learning to fly"]).speak_of("machine learning")


def test_a_text_of_megabytes_is_read_to_its_limit_only() -> None:
    words = words_of(["rust " * 1_000_000 + "python"])
    assert words.speak_of("rust")
    assert not words.speak_of("python")
    assert len(words.sequence) <= MAX_CHARACTERS + 10


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("machine learning, sqlite", ["machine learning", "sqlite"]),
        ("rust;go\nclimate change", ["Rust", "go", "climate change"]),
        ("- rust\n- go\n3. self hosting", ["Rust", "go", "self hosting"]),
        (" , ,, \n", []),
        ("Rust, rust,  RUST ", ["Rust"]),
        ("“open source”, #privacy", ["open source", "privacy"]),
        ("c++, .net, c#", ["c++", "net", "c#"]),
        ("!!!, ???", []),
        ("a\0b", ["ab"]),
    ],
)
def test_a_typed_list(typed: str, phrases: list[str]) -> None:
    assert parse_phrases(typed).wanted == phrases


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("climate, no politics", ["climate"], ["politics"]),
        ("no politics, no sugar", [], ["politics", "sugar"]),
        ("no sugar, no politics", ["no sugar"], ["politics"]),
    ],
)
def test_what_a_typed_list_does_not_want(
    typed: str, wanted: list[str], unwanted: list[str]
) -> None:
    parsed = parse_phrases(typed)
    assert (parsed.wanted, parsed.unwanted) == (wanted, unwanted)


def test_a_long_typed_list_is_cut() -> None:
    [phrase] = parse_phrases("word " * 100_000).wanted
    assert len(phrase) <= MAX_LENGTH
