"""The topics offered as buttons, and the parser of typed lists of interests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from app.readers.interests.vocabulary import topic_of
from app.text.phrases import fold_phrase
from app.wording import LANGUAGES, text
from app.wording.typed_words import is_talk, typed_words, unwanted, without_talk

# The phrase that is stored for each topic; any other phrase can be typed. The names are those in
# buttons' data; readers see the texts `topic.`, in their language.
TOPICS: dict[str, str] = {
    "AI": "AI",
    "LLM": "LLM",
    "Programming": "programming",
    "Python": "Python",
    "Rust": "Rust",
    "JavaScript": "JavaScript",
    "Web": "web",
    "Databases": "database",
    "Linux": "Linux",
    "Security": "security",
    "Privacy": "privacy",
    "Open source": "open source",
    "Startups": "startup",
    "Business": "business",
    "Science": "science",
    "Space": "space",
    "Hardware": "hardware",
    "Games": "game",
    "Design": "design",
    "History": "history",
}
MAX_INTERESTS = 50
MAX_LENGTH = 60

_SEPARATORS = re.compile(r"[,;\n•·|]+")
_LIST_MARK = re.compile(r"^(?:[-*+–]|\d{1,2}[.)])\s+")


def topic_label(name: str, language: str) -> str:
    """What a reader sees of the topic with this name in `TOPICS`."""
    return text(f"topic.{name.lower().replace(' ', '_')}", language)


def interest_name(phrase: str, language: str) -> str:
    """An interest as a reader sees it: the label of an offered topic, any other phrase as it is."""
    folded = fold_phrase(phrase)
    name = _names().get(fold_phrase(_labelled().get(folded, phrase)))
    return phrase if name is None else topic_label(name, language)


@cache
def _names() -> Mapping[str, str]:
    return {fold_phrase(phrase): name for name, phrase in TOPICS.items()}


@cache
def _labelled() -> Mapping[str, str]:
    """The phrase of each topic, by its label in any language."""
    return {
        fold_phrase(topic_label(name, language)): phrase
        for name, phrase in TOPICS.items()
        for language in LANGUAGES
    }


@dataclass(frozen=True, slots=True)
class TypedPhrases:
    """The phrases of a typed list: the wanted ones, and what "no politics" does not want."""

    wanted: list[str]
    unwanted: list[str]


def parse_phrases(words: str) -> TypedPhrases:
    """Parse a typed list, separated by commas, semicolons or line breaks; `rust and linux` are two
    phrases, because each is a topic.

    The label of an offered topic becomes its phrase. Phrases without any word and repetitions are
    left out. There are at most `MAX_INTERESTS` + 1 wanted ones, which is one more than a reader may
    have.
    """
    phrases: dict[str, str] = {}
    rejected: dict[str, None] = {}
    for piece in _pieces(words):
        phrase = without_talk(piece, "courtesy")
        if named := _unwanted(phrase, first=not phrases and not rejected):
            rejected[named] = None
            continue
        for part in divided(without_talk(phrase, "topic")):
            known = (fold_phrase(one) for one in (part, without_talk(part, "article")))
            wanted = next((_labelled()[one] for one in known if one in _labelled()), part)
            if folded := fold_phrase(wanted):
                phrases.setdefault(folded, wanted)
        if len(phrases) > MAX_INTERESTS:
            break
    return TypedPhrases(list(phrases.values())[: MAX_INTERESTS + 1], list(rejected)[:MAX_INTERESTS])


def divided(phrase: str, is_named: Callable[[str], bool] = lambda _: False) -> list[str]:
    """The parts that a word for "and" joins, if one of them names a topic, or is a name of another
    kind, and the whole is no topic; otherwise the phrase.
    """
    # Single spaces, so that the pattern takes linear time.
    parts = _joins().split(" ".join(phrase.split()))
    if len(parts) == 1 or topic_of(phrase[:MAX_LENGTH]):
        return [phrase]
    if not any(topic_of(part[:MAX_LENGTH]) or is_named(part) for part in parts[:MAX_INTERESTS]):
        return [phrase]
    return [without_talk(part, "topic") for part in parts]


@cache
def _joins() -> re.Pattern[str]:
    """The words for "and" of all languages, between spaces."""
    words = {re.escape(word) for one in LANGUAGES for word in (*typed_words(one).joins, "&")}
    return re.compile(rf" (?:{'|'.join(sorted(words))}) ", re.IGNORECASE)


def _pieces(words: str) -> Iterator[str]:
    """The distinct phrases of a typed list, without the marks around them."""
    parts = _SEPARATORS.split(words.replace("\0", "")[: 4 * MAX_INTERESTS * MAX_LENGTH])
    for part in dict.fromkeys(map(str.strip, parts)):
        phrase = _LIST_MARK.sub("", " ".join(part.split())).strip(" .\"'“”„‘’")
        phrase = phrase.lstrip("#")[:MAX_LENGTH].strip()
        if phrase and not is_talk(phrase, "courtesy"):
            yield phrase


def _unwanted(phrase: str, *, first: bool) -> str:
    """What a phrase such as "no politics" does not want; empty if it wants something. The first
    phrase of a list must name a topic: "no code" is an interest.
    """
    if left_out := unwanted(phrase, "left_out"):
        return left_out
    named = unwanted(phrase)
    if not named or topic_of(phrase) or (first and topic_of(named) is None):
        return ""
    return named
