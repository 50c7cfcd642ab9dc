"""The vocabulary of topics, in the files in `words/`.

They have for each topic:

called    what people type for the topic; these words count as names too
names     words in titles that mean the topic; each is sufficient, unless `senses.toml` lists
          it as ambiguous
examples  words of the topic that may also occur in other stories
forms     words of which every form counts: psychology, psychologists
hints     words that may indicate it: weak evidence, each
includes  topics that are part of it
members   topics that are examples of it, with a slightly lower weight than its names
context   groups of `contexts.toml` that indicate it where a word is ambiguous
sites     sites that are mostly about it

The files are in English, like the stories. `topics.toml` in a language's folder has the topics'
names in that language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from app.text.phrases import PhraseSet, Words, fold, fold_phrase
from app.text.stems import stems
from app.wording.locales import FOLDER as LANGUAGES_FOLDER

_FOLDER = Path(__file__).parent / "words"
_NO_TOPICS = ("senses.toml", "contexts.toml")

# The relevance of a story whose title or topics contain one of these.
NAMED, MEMBER, FORM, SCATTERED, SITE = 1.0, 0.8, 0.8, 0.5, 0.45
# Words that people type around a topic: "rust programming", "news about AI".
_BEFORE = ("news about ", "everything about ", "all about ", "article about ", "about ", "the ")
_AFTER = (
    *(
        " news",
        " story",
        " article",
        " post",
        " topic",
        " stuff",
        " tech",
        " technology",
        " industry",
    ),
    *(" lang", " community", " ecosystem", " project", " development"),
    *(" programming language", " programming", " language"),
)


@dataclass(frozen=True)
class Meaning:
    """The meaning of an interest; all phrases are folded."""

    names: Mapping[str, float]  # name → weight
    forms: Mapping[str, float]  # stem → weight
    hints: frozenset[str]
    sites: Mapping[str, float]
    context: frozenset[str]  # words that indicate it
    scattered: frozenset[str] = frozenset()  # stems that a title must contain all

    @cached_property
    def _phrases(self) -> PhraseSet:
        return PhraseSet((*self.names, *self.hints))

    def names_in(self, words: Words) -> list[str]:
        """The names and hints that occur in a text."""
        return self._phrases.held_by(words)


@lru_cache(maxsize=2_000)
def meaning_of(interest: str) -> Meaning:
    """The meaning of a typed interest: a known topic, or else its own words."""
    folded = fold_phrase(interest)
    if topic := topic_of(interest):
        meaning = _meaning(topic)
        if not _is_english(folded):
            return meaning  # a name in another language may be an English word for something else
        return replace(
            meaning,
            names={**meaning.names, folded: NAMED},
            forms={**meaning.forms, stems(folded): FORM},
        )
    if not folded:
        return Meaning({}, {}, frozenset(), {}, frozenset())
    words = stems(folded).split()
    return Meaning(
        {folded: NAMED},
        {" ".join(words): FORM},
        frozenset(),
        {interest.strip().casefold(): NAMED},
        frozenset(),
        frozenset(words) if len(words) > 1 else frozenset(),
    )


def topic_of(interest: str) -> str | None:
    """The known topic that an interest names, in any language."""
    folded = fold_phrase(interest)
    known = _topics_by_name()
    if topic := known.get(_without_separators(folded)):
        return topic
    return known.get(_without_separators(_core(folded)))


def in_english(interest: str) -> str:
    """The English name of the topic that the interest names, or the interest itself."""
    topic = topic_of(interest)
    return interest if topic is None or _is_english(fold_phrase(interest)) else topic


def _core(folded: str) -> str:
    """A phrase without the words that people type around a topic."""
    before = next((words for words in _BEFORE if folded.startswith(words)), "")
    after = next((words for words in _AFTER if folded.endswith(words)), "")
    return folded.removeprefix(before).removesuffix(after)


@cache
def known_phrases() -> tuple[str, ...]:
    """All phrases of the vocabulary, as spelled there, for suggestions."""
    english = (
        name
        for key in ("called", "names", "examples")
        for topic in _topics().values()
        for name in _listed(topic, key)
    )
    return tuple(dict.fromkeys((*english, *(name for name, _ in _translated_topics()))))


@cache
def proper_names() -> frozenset[str]:
    """The folded single words that are proper names: SQLite, not database."""
    written = (
        name
        for table in _topics().values()
        for name in (*_listed(table, "names"), *_listed(table, "examples"))
    )
    return frozenset(fold(name) for name in written if " " not in name and name != name.lower())


@cache
def context_words(groups: tuple[str, ...]) -> frozenset[str]:
    """The words of groups of `contexts.toml`."""
    known = _read(_FOLDER / "contexts.toml")["words"]
    return frozenset(
        word for group in groups for part in known[group].split(",") for word in fold(part).split()
    )


@cache
def _meaning(topic: str) -> Meaning:
    table = _topics()[topic]
    parts = [_meaning(part) for part in _listed(table, "includes")]
    members = [_meaning(member) for member in _listed(table, "members")]
    names = {
        name: MEMBER for member in members for name, worth in member.names.items() if worth == NAMED
    }
    for part in parts:
        names |= part.names
    names |= {folded: MEMBER for name in _listed(table, "examples") if (folded := fold(name))}
    own = (topic, *_listed(table, "names"))
    names |= {folded: NAMED for name in own if (folded := fold(name))}
    context = context_words(_listed(table, "context"))
    single = {name for name in names if " " not in name}
    return Meaning(
        names,
        dict.fromkeys((stems(fold(form)) for form in _listed(table, "forms")), FORM)
        | {form: worth for part in parts for form, worth in part.forms.items()},
        _all(fold(hint) for hint in _listed(table, "hints")).union(*(part.hints for part in parts))
        - names.keys(),
        dict.fromkeys(_listed(table, "sites"), SITE)
        | {site: worth for part in (*parts, *members) for site, worth in part.sites.items()},
        context.union(single, *(part.context for part in parts)),
    )


def _is_english(folded: str) -> bool:
    return any(_without_separators(words) in _english_topics() for words in (folded, _core(folded)))


@cache
def _topics_by_name() -> Mapping[str, str]:
    """Names without spaces → topic; the first language with a name takes precedence."""
    named = dict(_english_topics())
    for name, topic in _translated_topics():
        named.setdefault(_without_separators(fold(name)), topic)
    return named


@cache
def _english_topics() -> Mapping[str, str]:
    return {
        _without_separators(fold(name)): topic
        for topic, table in _topics().items()
        for name in (*_listed(table, "called"), topic)
    }


def _translated_topics() -> Iterator[tuple[str, str]]:
    """The names of topics in other languages, in each spelling."""
    for path in sorted(LANGUAGES_FOLDER.glob("*/topics.toml")):
        content = _read(path)
        spelled = str.maketrans(content.get("spelled", {}))
        for topic, names in content["called"].items():
            for name in _split(names):
                yield name, topic
                yield name.translate(spelled), topic


@cache
def _topics() -> Mapping[str, Mapping[str, str]]:
    files = [path for path in sorted(_FOLDER.glob("*.toml")) if path.name not in _NO_TOPICS]
    return {topic: table for path in files for topic, table in _read(path).items()}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _listed(table: Mapping[str, str], key: str) -> tuple[str, ...]:
    return _split(table.get(key, ""))


def _split(words: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in words.split(",") if part.strip())


def _all(words: Iterator[str] | tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for word in words if word)


def _without_separators(folded: str) -> str:
    return folded.replace(" ", "").replace(".", "")
