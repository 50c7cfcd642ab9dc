"""The topics offered as buttons, and the parser of typed lists of interests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from app.text.phrases import fold_phrase
from app.wording import LANGUAGES, text

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


def parse_phrases(words: str) -> list[str]:
    """The phrases of a typed list, separated by commas, semicolons or line breaks.

    The label of an offered topic becomes its phrase. Phrases without any word, and repetitions, are
    left out. There are at most `MAX_INTERESTS` + 1, which is one more than a reader may have.
    """
    phrases: dict[str, str] = {}
    for part in _SEPARATORS.split(words.replace("\0", "")[: 4 * MAX_INTERESTS * MAX_LENGTH]):
        phrase = _LIST_MARK.sub("", " ".join(part.split())).strip(" .\"'“”„‘’")
        phrase = phrase.lstrip("#")[:MAX_LENGTH].strip()
        phrase = _labelled().get(fold_phrase(phrase), phrase)
        if folded := fold_phrase(phrase):
            phrases.setdefault(folded, phrase)
        if len(phrases) > MAX_INTERESTS:
            break
    return list(phrases.values())
