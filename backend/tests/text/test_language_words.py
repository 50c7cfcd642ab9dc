"""Tests for the words of languages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.text import language_words

APP = Path(__file__).resolve().parents[2] / "app"
LEXICON = APP / "summaries/claims/lexicon.txt"  # lines of English | German | Spanish
WORD = re.compile(r"[^\W\d_]+")
ESCAPE = re.compile(r"\\[a-zA-Z]")
RANGE = re.compile(r"\S-\S")
MIN_LETTERS = 4  # of a word that is no English one by chance
# Tables of word → value; the others are of name → words.
TABLES_BY_WORD = frozenset(
    ("zones", "countries", "scales", "compound_scales", "hundreds", "parts_per")
)
# English too, or part of it in the code.
ENGLISH = "ello fusion lang management mode retro series tier todo virtual vulkan"
# Strings that are not words of a language: its own name, characters with what they stand for,
# symbols, sounds, sites, messages of other programs. Each with its letters and words.
NO_WORDS_OF_A_LANGUAGE = {
    "languages.py": None,
    "articles/assess/phrases.py": "\u02bc",
    "articles/assess/signs.py": "ßłøæđı",
    "articles/charset.py": "Ўў",
    "articles/extract.py": "octet",
    "articles/fetch_plans.py": "spiegel",
    "articles/styles.py": "font",
    "articles/tree.py": "font",
    "articles/visibility.py": "font",
    "digests/subjects.py": "Erdős amiga",
    "hackernews/site_rules.py": "spiegel welt zeit",
    "hackernews/tracking.py": "vero",
    "llm/error_responses.py": "不安全敏感 generat",
    "readers/place_names.py": "buenos canaria centro este gran madrid mexico santiago victoria",
    "summaries/claims/terms.py": "ß",
    "summaries/claims/units.py": "\u00b5\u03bc",
    "summaries/extractive.py": "ё",
    "summaries/line_sentences.py": None,
    "summaries/quotes.py": "satire",
    "telegram/handle/commands/numbered.py": "ªº",
    "text/lookalikes.py": "ː\u115f\u1160ㅤꓸ\uffa0",
}


def test_words_of_all_languages_are_one_set() -> None:
    assert {"monday", "montag", "lunes"} <= language_words.words("claims.weekdays")
    assert "montag" in language_words.words_by_language("claims.weekdays")["de"]


def test_lines_of_a_pattern_are_alternatives() -> None:
    found = language_words.alternatives("claims.difference").split("|")
    assert {"by", r"fehl\w+", "resto"} <= set(found)
    assert "" not in found


def test_a_space_at_the_end_of_an_alternative_stays() -> None:
    assert {"von ", "of "} <= set(language_words.alternatives("claims.name_particles").split("|"))


def test_a_table_maps_words_to_their_entries() -> None:
    meanings = language_words.meanings("claims.ordinals")
    assert (meanings["second"], meanings["zweite"]) == ("2", "2")


def test_groups_of_words_are_joined() -> None:
    assert ("in", "der") in language_words.phrases("claims.per_and_article")


def test_a_key_that_no_language_has_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"claims\.moods"):
        language_words.words("claims.moods")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in TABLES_BY_WORD:
                yield from one
            elif key != "stemmer":  # they have English names
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def words_of(texts: Iterator[str]) -> set[str]:
    return {word for text in texts for word in WORD.findall(ESCAPE.sub(" ", text).lower())}


def words_in_files(*, english: bool) -> set[str]:
    """The words of the files of languages."""
    files = [
        *(path for path in (APP / "text/languages").glob("*.toml")),
        *(APP / "wording/languages").glob("*/*.toml"),
    ]
    own = [one for one in files if ("en" in (one.stem, one.parent.name)) == english]
    assert own
    columns = (
        part.replace("_", " ")
        for line in LEXICON.read_text("utf-8").splitlines()
        if not line.startswith("#")
        for part in (line.split("|")[:1] if english else line.split("|")[1:])
    )
    return words_of(columns).union(
        *(words_of(strings(tomllib.loads(one.read_text("utf-8")))) for one in own)
    )


def code() -> Iterator[tuple[str, set[str], set[str]]]:
    """Each module with its strings, and the words of its names and docstrings."""
    for path in sorted(APP.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        statements = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        documentation = {id(one): one for one in statements if isinstance(one, ast.Constant)}
        said = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        }
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        named |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        named |= {
            re.sub(r'"[^"]*"', " ", one.value)
            for one in documentation.values()
            if isinstance(one.value, str)
        }
        yield path.relative_to(APP).as_posix(), said, words_of(iter(named))


def test_words_of_other_languages_stand_in_their_files_and_not_in_the_code() -> None:
    modules = list(code())
    english = words_in_files(english=True).union(
        ENGLISH.split(), *(named for _, _, named in modules)
    )
    foreign = {one for one in words_in_files(english=False) - english if len(one) >= MIN_LETTERS}
    assert {"sagte", "drittel", "cualquier"} <= foreign
    found = {}
    for name, said, _ in modules:
        exempt = NO_WORDS_OF_A_LANGUAGE.get(name, "")
        if exempt is None:
            continue
        letters = {
            one
            for text in said
            for one in RANGE.sub("", text)
            if one.isalpha() and not one.isascii() and one not in exempt
        }
        if wrong := letters | ((words_of(iter(said)) & foreign) - set(exempt.split())):
            found[name] = sorted(wrong)
    assert found == {}
