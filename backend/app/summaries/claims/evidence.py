"""A source as sentences, each with its contents, its speakers and its subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.summaries.claims import names
from app.summaries.claims.figure_parser import figures
from app.summaries.claims.figures import Figures
from app.summaries.claims.terms import Term, alike, meanings_of, stem, terms
from app.summaries.claims.word_lists import STOPWORDS, WITH_CAPITALISED_NOUNS
from app.text.language_words import alternatives
from app.text.sentences import split

# Further sentences are ignored.
MAX_SENTENCES = 600
MAX_OF_A_SENTENCE = 1200
MAX_OF_AN_INTRODUCTION = 200
MAX_OF_A_NAME = 60
# A name in this many sentences, or this fraction of a long source, is a subject of the source.
MIN_TIMES, TIMES_IN = 3, 6
_ADDRESSED = re.compile(r"(?<![\w.])@[\w.-]+")
_FIRST_PERSON = re.compile(rf"\b(?:{alternatives('claims.first_person')})\b")
_BACKWARD = re.compile(
    rf"\b(?:{alternatives('claims.pronouns')})\b"
    rf"|^\W*(?:\w+\W+){{0,2}}(?:{alternatives('claims.demonstratives')})\b",
    re.IGNORECASE,
)
_NAME = r"((?:[A-ZÀ-Þ][\w'’.-]+[^\S\n]?){1,4})"
_SIGNATURE = re.compile(
    r"(?:^|\n)\s*(?:[—–-]{1,2}\s*|(?i:(?:posted |written )?by |from:\s*|author:\s*"
    rf"|{alternatives('claims.by_author')}))"
    rf"{_NAME}"
    rf"|(?:^|\n){_NAME}(?:,[^\n.]{{0,60}})?\s*$"
    rf"|[—–]\s*{_NAME}(?:,[^\n.]{{0,60}})?\s*$"
)
_SELF = re.compile(
    r"(?:^|[.!?]\s+|\b(?:I'm|I am|[Tt]his is|[Hh]i,|[Hh]ello,)\s+)"
    rf"([A-ZÀ-Þ][\w'’-]+) (?:{alternatives('claims.from_place')})\b"
)


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a source with one author: an article, or a comment.

    Attributes:
        answers: the number of the parent comment.
    """

    text: str
    author: str = ""
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source.

    Attributes:
        place: its number in the source.
        part: the number of its part.
        names: its folded names, except those addressed with @.
        voices: the folded names of the speaker in the first person.
        backward: whether it refers to a person or thing named before.
    """

    text: str
    place: int
    part: int
    terms: tuple[Term, ...]
    figures: Figures
    names: frozenset[str]
    voices: frozenset[str]
    first_person: bool
    backward: bool


class Source:
    """The text that claims are checked against.

    Args:
        parts: an article as one part, or comments as one each.
        language: the language of the parts.
        title: the story's title; it names the subject, and supports nothing by itself.
    """

    def __init__(self, parts: Sequence[SourcePart], language: str, title: str = "") -> None:
        self.language = language
        self.title = title
        self.text = "\n".join(one.text for one in parts)
        self.authors = [names.fold(one.author) for one in parts]
        self.author_names = frozenset(
            name for author in self.authors if author for name in (author, *author.split())
        )
        self.sentences = list(self._sentences(parts))
        self._answers = [one.answers for one in parts]

    def _sentences(self, parts: Sequence[SourcePart]) -> Iterator[Sentence]:
        place = 0
        for number, part in enumerate(parts):
            voices = _voices(part)
            for whole in split(part.text):
                if place == MAX_SENTENCES:
                    return
                text = whole[:MAX_OF_A_SENTENCE]
                numbers = figures(text, self.language)
                yield Sentence(
                    text,
                    place,
                    number,
                    tuple(terms(text, self.language, numbers.spans)),
                    numbers,
                    self._names(_ADDRESSED.sub(" ", text)),
                    voices,
                    _FIRST_PERSON.search(text) is not None,
                    _BACKWARD.search(text) is not None,
                )
                place += 1

    def _names(self, text: str) -> frozenset[str]:
        """The folded names in a text, without ordinary words that only begin a sentence.

        Where nouns are capitalised too, those in the lexicon are not names.
        """
        first = next(iter(names.names_in(text[:MAX_OF_A_NAME])), "")
        begins = text.lstrip(" \"'“‘«»„(-*•").casefold().startswith(first) if first else False
        stopwords = STOPWORDS.get(self.language, frozenset())
        return frozenset(
            name
            for name in names.names_in(text)
            if not (
                (self.language in WITH_CAPITALISED_NOUNS or (begins and name == first))
                and (name in stopwords or meanings_of(name, self.language))
            )
        )

    def before(self, sentence: Sentence) -> Sentence | None:
        """The previous sentence of the same part; else one of the parent comment."""
        if sentence.place and self.sentences[sentence.place - 1].part == sentence.part:
            return self.sentences[sentence.place - 1]
        if addressed := _ADDRESSED.search(sentence.text):
            name = names.fold(addressed[0].lstrip("@"))
            earlier = self.sentences[: sentence.place]
            return next((one for one in reversed(earlier) if name in one.voices), None)
        return None

    def asked(self, part: int) -> list[Sentence]:
        """The sentences of a part's parent comment, which it need not repeat."""
        other = self._answers[part]
        if other is None:
            first = next((one for one in self.sentences if one.part == part), None)
            before = self.before(first) if first is not None else None
            other = before.part if before is not None else None
        return [one for one in self.sentences if one.part == other]

    def after(self, sentence: Sentence) -> Sentence | None:
        """The next sentence of the same part."""
        rest = self.sentences[sentence.place + 1 : sentence.place + 2]
        return rest[0] if rest and rest[0].part == sentence.part else None

    def likeness(self, term: Term) -> dict[str, float]:
        """The similarity of a term's meaning to each stem of the source; only non-zero ones."""
        worth = ((one.stem, alike(term, one)) for one in self._vocabulary)
        found: dict[str, float] = {}
        for own, like in worth:
            if like:
                found[own] = max(like, found.get(own, 0.0))
        return found

    def has_stem(self, word: str, language: str) -> bool:
        """Whether the source contains a word, or another form of it."""
        return any(one.stem == stem(word, language) for one in self._vocabulary)

    @cached_property
    def _vocabulary(self) -> list[Term]:
        known = {(one.stem, one.meanings): one for each in self.sentences for one in each.terms}
        return list(known.values())

    @cached_property
    def topics(self) -> frozenset[str]:
        """The names that the whole source is about: in the title, or frequent."""
        counts = Counter(name for one in self.sentences for name in one.names)
        often = max(MIN_TIMES, len(self.sentences) // TIMES_IN)
        titled = set(names.names_in(self.title)) & set(counts)
        return frozenset(titled | {name for name, times in counts.items() if times >= often})

    @cached_property
    def titled_stems(self) -> frozenset[str]:
        """The stems of the title's words."""
        return frozenset(one.stem for one in terms(self.title, self.language))

    @cached_property
    def names(self) -> frozenset[str]:
        """All names, including authors."""
        found = {name for one in self.sentences for name in one.names | one.voices}
        return frozenset(found | set(names.names_in(self.title)) | self.author_names)

    @cached_property
    def lower_words(self) -> frozenset[str]:
        """The words that occur in lower case, which are not names."""
        return frozenset(re.findall(r"(?<!\w)[a-zà-ÿ][\wà-ÿ-]*", self.text))


def _voices(part: SourcePart) -> frozenset[str]:
    """The speakers in the first person in a part: the comment's author, or the article's."""
    if part.author:
        introduced = _SELF.findall(part.text[:MAX_OF_AN_INTRODUCTION])
        return frozenset(map(names.fold, (part.author, *part.author.split(), *introduced)))
    found: set[str] = set()
    for match in _SIGNATURE.finditer(part.text):
        found.update(map(names.fold, next(filter(None, match.groups()), "").split()))
    return frozenset(found)
