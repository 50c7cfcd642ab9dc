"""Ambiguous words, and the sense in which a text uses them.

`words/senses.toml` has for each word:

masked   expressions in which it means something else; # stands for a number
against  groups of `contexts.toml` that indicate another meaning
alone    its weight without any context
cased    its spelling in titles that mean the topic
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.readers.interests.vocabulary import NAMED, context_words, proper_names
from app.text.phrases import Words, fold

_FILE = Path(__file__).parent / "words/senses.toml"


# From this weight, one context word suffices; below it, several are needed.
USUAL = 0.4
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Sense:
    """The rules that decide whether a word means a topic."""

    word: str
    masked: re.Pattern[str] | None
    against: frozenset[str]
    alone: float
    cased: re.Pattern[str] | None
    capitals: re.Pattern[str] | None  # matches the name, which titles capitalise

    def occurs(self, text: str, words: Words) -> bool:
        """Whether the text, whose folded form is `words`, contains the word outside masked
        expressions.
        """
        if self.cased and not self.cased.search(text):
            return False
        return not self.masked or Words(self.masked.sub("|", words.sequence)).hold(self.word)

    def worth(self, text: str, around: Set[str], context: Set[str]) -> float:
        """The weight of the word for a topic, from 0 to 1.

        Args:
            text: the text with the word, in its original spelling.
            around: all words of the story.
            context: words that indicate the topic.
        """
        told = around - {self.word}
        for_it = len(told & (context - self.against))
        against_it = len(told & (self.against - context))
        if against_it > for_it:
            return 0.0
        if for_it == against_it:
            is_small = self.capitals is not None and not self.capitals.search(text)
            return self.alone / 2 if for_it or is_small else self.alone
        usual = self.alone >= USUAL or for_it - against_it >= SEVERAL
        return NAMED if usual else (self.alone + NAMED) / 2


def sense_of(word: str) -> Sense | None:
    """The rules for a folded word; None if it is not ambiguous."""
    return _sense(word) if word in _table() else None


@cache
def _sense(word: str) -> Sense:
    entry = _table()[word]
    masked = [_pattern(phrase) for phrase in str(entry.get("masked", "")).split(",")]
    cased = "|".join(re.escape(form.strip()) for form in str(entry.get("cased", "")).split(","))
    groups = tuple(group.strip() for group in str(entry.get("against", "")).split(","))
    return Sense(
        word,
        re.compile("|".join(rf"(?<= ){one}(?= )" for one in masked if one))
        if any(masked)
        else None,
        context_words(tuple(group for group in groups if group)),
        float(entry.get("alone", NAMED)),
        re.compile(rf"(?<![\w.-])(?:{cased})(?!\w)") if cased else None,
        re.compile(rf"\b(?!{re.escape(word)})(?i:{re.escape(word)})")
        if word in proper_names()
        else None,
    )


def _pattern(phrase: str) -> str:
    return re.escape(fold(phrase.replace("#", " 0 "))).replace("0", r"\d[\w.]*")


@cache
def _table() -> Mapping[str, Mapping[str, str | float]]:
    entries = tomllib.loads(_FILE.read_text("utf-8"))
    return {fold(word): entry for word, entry in entries.items()}
