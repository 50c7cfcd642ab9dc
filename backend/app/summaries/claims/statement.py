"""A model's sentence, divided into the elements to find in its source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from app.summaries.claims import names, numerals
from app.summaries.claims.evidence import Sentence, Source
from app.summaries.claims.figure_parser import figures
from app.summaries.claims.figure_words import MONTHS
from app.summaries.claims.figures import Date, Quantity
from app.summaries.claims.speakers import SAYING
from app.summaries.claims.terms import Term, meanings_of, stem, terms
from app.summaries.claims.word_lists import LIGHT_WORDS, STOPWORDS, WITH_CAPITALISED_NOUNS
from app.text.language_words import alternatives, words

_WEEKDAYS = words("claims.weekdays")
# Endings of nouns, where those are capitalised like names.
_NOUN = tuple(words("claims.noun_endings"))
_BREAK = re.compile(rf"[;:,—–]\s|\b(?:{alternatives('claims.breaks')})\b")
_NAME_WORD = r"[A-ZÀ-Þ][\w'’.-]*"
_CAPITALS = re.compile(
    rf"{_NAME_WORD}(?: (?:{alternatives('claims.name_particles')})?{_NAME_WORD})*"
)
CHARACTERS_OF_A_PHRASE, WORTH_OF_A_BREAK = 30, 2.5
WORTH_OF_SAYING, WORTH_OF_LIGHT = 0.5, 0.4


class Statement:
    """A sentence and its claims."""

    def __init__(self, text: str, language: str, source: Source) -> None:
        self.text = text
        self.language = language
        self._source = source
        self.figures = figures(text, language)
        self.quantities: list[Quantity] = [one for one in self.figures.quantities if not one.soft]
        every = terms(text, language, [*self.figures.spans, *self._authors()])
        self.terms: list[Term] = [one for one in every if not self._is_name(one)]

    @cached_property
    def names(self) -> list[str]:
        """The folded names in order; of a name's words, only those that are not ordinary words."""
        found = []
        for group in names.adjacent_names(self.text, self._source.author_names):
            kept = [name for name, initial in group if self._is_proper(name, initial=initial)]
            if len(group) > 1 and self.language not in WITH_CAPITALISED_NOUNS:
                found += self._foreign_parts([name for name, _ in group if name not in MONTHS])
            found += [one for one in kept if not meanings_of(one, self.language)] or kept
        return found

    def _foreign_parts(self, group: Sequence[str]) -> list[str]:
        """The parts that change a name: "New Year's" in "New Year's Eve"."""
        group = [one for one in group if one not in STOPWORDS["en"] and one not in _WEEKDAYS]
        ordinary = [one for one in group if meanings_of(one, self.language)]
        proper = [one for one in group if one not in ordinary]
        beside = [
            one
            for one in self._source.sentences
            if any(names.are_alike(name, other) for name in proper for other in one.names)
        ]
        if not beside or len(proper) + len(ordinary) < len(group) - 1:
            return []
        return [one for one in ordinary if not any(self._stands_in(one, each) for each in beside)]

    def _stands_in(self, word: str, sentence: Sentence) -> bool:
        if any(names.are_alike(word, other) for other in sentence.names):
            return True
        like = self._source.likeness(
            Term(word, stem(word, self.language), meanings_of(word, self.language), 0)
        )
        return any(one.stem in like for one in sentence.terms)

    def _is_proper(self, name: str, *, initial: bool) -> bool:
        if name in self._source.author_names:
            return True
        if name in MONTHS or name in _WEEKDAYS or name in numerals.number_words(self.language):
            return False
        known = any(names.are_alike(name, other) for other in self._source.names)
        ordinary = name in STOPWORDS.get(self.language, ()) or bool(
            meanings_of(name, self.language)
        )
        if self.language in WITH_CAPITALISED_NOUNS:
            return known and not ordinary and not name.endswith(_NOUN)
        if initial:
            # The first word is always capitalised.
            return known and not ordinary and name not in self._source.lower_words
        return True

    def is_ordinary(self, word: str) -> bool:
        """Whether a word is in the dictionary rather than a name."""
        return bool(meanings_of(word, self.language)) or any(
            word in listed.get(self.language, ()) for listed in (LIGHT_WORDS, STOPWORDS)
        )

    def _authors(self) -> list[tuple[int, int]]:
        """The positions of commenters' names, which may be ordinary words ("hm_planner")."""
        authors = (re.escape(one) for one in self._source.author_names)
        pattern = "|".join(sorted(authors, key=len, reverse=True))
        if not pattern:
            return []
        named = re.compile(rf"(?<!\w)(?:{pattern})s?(?!\w)", re.IGNORECASE)
        return [match.span() for match in named.finditer(self.text)]

    def worth(self, term: Term) -> float:
        """The weight of a term that the source lacks."""
        word = term.text.lower()
        if word in STOPWORDS.get(self.language, ()):
            return 0.0
        if word in SAYING:
            return WORTH_OF_SAYING
        light = word in LIGHT_WORDS.get(self.language, ()) or term.stem in self._light_stems
        return WORTH_OF_LIGHT if light else 1.0

    @cached_property
    def _light_stems(self) -> frozenset[str]:
        return light_stems(self.language)

    def _is_name(self, term: Term) -> bool:
        """Whether a term is treated as a name."""
        name = names.fold(term.text)
        if name in self._source.author_names:
            return True
        return term.text[0].isupper() and name in self.names

    def place_of(self, name: str) -> int:
        """The position of a name."""
        return max(0, self.text.casefold().find(name))

    def span_of_name(self, name: str) -> tuple[int, int]:
        """The start and end of a name with adjacent capitalised words: "Dae Okafor"."""
        start = self.place_of(name)
        for match in _CAPITALS.finditer(self.text):
            if match.start() <= start < match.end():
                return match.span()
        return start, start + len(name)

    def place_of_date(self, date: Date) -> int:
        """The approximate position of a date."""
        return max(0, self.text.find(str(date.day or date.year)))

    def closeness(self, one: int, other: int) -> float:
        """How closely two positions in the sentence are related, from 0 to 1."""
        between = self.text[min(one, other) : max(one, other)]
        breaks = len(_BREAK.findall(between))
        return 1 / (1 + len(between) / CHARACTERS_OF_A_PHRASE + WORTH_OF_A_BREAK * breaks)


@dataclass(frozen=True, slots=True)
class Finding:
    """The reason why a claim is dropped; empty if it is kept."""

    reason: str = ""
    detail: str = ""

    @property
    def kept(self) -> bool:
        return not self.reason


@cache
def light_stems(language: str) -> frozenset[str]:
    """The stems of words that can be replaced."""
    return frozenset(stem(word, language) for word in LIGHT_WORDS.get(language, ()))
