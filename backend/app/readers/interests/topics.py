"""The topics offered as buttons, and the parser of typed lists of interests."""

from __future__ import annotations

import re

from app.text.phrases import fold_phrase

# Any other phrase can be typed. The button shows the name; the phrase is stored.
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


def parse_phrases(words: str) -> list[str]:
    """The phrases of a typed list, separated by commas, semicolons or line breaks.

    Phrases without any word, and repetitions, are left out. There are at most `MAX_INTERESTS` + 1,
    which is one more than a reader may have.
    """
    phrases: dict[str, str] = {}
    for part in _SEPARATORS.split(words.replace("\0", "")[: 4 * MAX_INTERESTS * MAX_LENGTH]):
        phrase = _LIST_MARK.sub("", " ".join(part.split())).strip(" .\"'“”„‘’")
        phrase = phrase.lstrip("#")[:MAX_LENGTH].strip()
        if folded := fold_phrase(phrase):
            phrases.setdefault(folded, phrase)
        if len(phrases) > MAX_INTERESTS:
            break
    return list(phrases.values())
