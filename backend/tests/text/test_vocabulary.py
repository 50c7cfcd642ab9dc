"""Tests for the words of languages."""

from __future__ import annotations

import pytest

from app.text import vocabulary


def test_words_of_all_languages_are_one_set() -> None:
    assert {"monday", "montag", "lunes"} <= vocabulary.words("claims.weekdays")
    assert "montag" in vocabulary.words_by_language("claims.weekdays")["de"]


def test_lines_of_a_pattern_are_alternatives() -> None:
    found = vocabulary.alternatives("claims.difference").split("|")
    assert {"by", r"fehl\w+", "resto"} <= set(found)
    assert "" not in found


def test_a_space_at_the_end_of_an_alternative_stays() -> None:
    assert {"von ", "of "} <= set(vocabulary.alternatives("claims.name_particles").split("|"))


def test_a_table_maps_words_to_their_entries() -> None:
    meanings = vocabulary.meanings("claims.ordinals")
    assert (meanings["second"], meanings["zweite"]) == ("2", "2")


def test_groups_of_words_are_joined() -> None:
    assert ("in", "der") in vocabulary.phrases("claims.per_and_article")


def test_a_key_that_no_language_has_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"claims\.moods"):
        vocabulary.words("claims.moods")
